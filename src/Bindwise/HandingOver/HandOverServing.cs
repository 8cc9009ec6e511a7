using Bindwise.Linux.Deadlines;

namespace Bindwise;

/// <summary>
/// The old instance's side: a thread that waits at the path, gives every new instance that asks the listening sockets, one instance after
/// the other, and lets go of them for the first that becomes ready. Whoever connects and does not ask holds up nobody.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class HandOverServing : IDisposable
{
    /// <summary>How long whoever connects may take to ask.</summary>
    private static readonly TimeSpan AskTime = TimeSpan.FromSeconds(30);

    /// <summary>Connected and silent at the same time; the next one takes the place of the oldest.</summary>
    private const int MostSilent = 16;

    /// <summary>So many peers that got nothing are followed by a pause: however many connect, it costs next to no processor time.</summary>
    private const int FailuresATurn = 16;
    private static readonly TimeSpan FailuresPause = TimeSpan.FromMilliseconds(20);

    private readonly HandOverControl _control;
    private readonly HandOverOptions _options;
    private readonly IHandOverSource _source;
    private readonly HandOverReports _reports;
    private readonly HandOverStop _stop = new();
    private readonly ManualResetEventSlim _begin = new();
    private readonly Thread _thread;

    // Those that have not asked yet, with when they connected (Stopwatch.GetTimestamp()); the oldest first.
    private readonly List<(HandOverChannel Channel, long Since)> _silent = [];
    private int _failures;

    /// <summary>Takes what it needs of this process, the thread too, which does nothing until <see cref="Begin"/>.</summary>
    public HandOverServing(HandOverControl control, HandOverOptions options, IHandOverSource source)
    {
        _control = control;
        _options = options;
        _source = source;
        _reports = new HandOverReports(options);
        if (BackgroundThread.Begin("bindwise hand-over", Run, stackBytes: 0) is not { } thread)
        {
            _stop.Dispose();
            throw new HandOverException("The listening sockets cannot be handed over: this process gets no further thread.");
        }
        _thread = thread;
    }

    public void Begin()
    {
        _control.Claim();
        _begin.Set();
    }

    /// <summary>Ends the thread and waits for it; a hand-over under way ends too, and the new instance has the sockets.</summary>
    public void Dispose()
    {
        _stop.Stop();
        _begin.Set();
        if (Thread.CurrentThread != _thread)
            _thread.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        _begin.Wait();
        try
        {
            while (!Turn(out var isOver))
            {
                if (isOver)
                    return;
            }
        }
        finally
        {
            _silent.ForEach(static one => one.Channel.Dispose());
            _reports.ReportLeftOut(isLast: true);
        }
    }

    // Takes who connects, and serves who asks. True when the sockets were handed over.
    private bool Turn(out bool isOver)
    {
        _reports.ReportLeftOut(isLast: false);
        var patience = _reports.UntilDue;
        if (_silent is [var oldest, ..] && HandOverStop.Left(AskTime, oldest.Since) is var left
            && (patience == Timeout.InfiniteTimeSpan || left < patience))
            patience = left;
        var news = _stop.Wait([_control.Descriptor.Number, .. _silent.Select(static one => one.Channel.Number)], patience,
            out var happened);
        isOver = news == HandOverNews.Stopped || ((happened & 1) != 0 && !Admit());
        if (isOver)
            return false;
        for (var index = 0; index < _silent.Count; index++)
        {
            var (channel, since) = _silent[index];
            var hasSpoken = (happened >> (index + 1) & 1) != 0;
            if (!hasSpoken && HandOverStop.Left(AskTime, since) > TimeSpan.Zero && _silent.Count <= MostSilent)
                continue;
            _silent.RemoveAt(index);
            // One at a time: it may take a while, in which the others speak.
            using (channel)
                return TryHandOver(channel, hasSpoken);
        }
        return false;
    }

    // False when this end was told to stop.
    private bool Admit()
    {
        if (AcceptCall.Accept(_control.Descriptor, waits: true, out var connection) != Errno.None)
        {
            connection.Dispose();
            // Without a free descriptor the connection stays in the queue, and this loop would spin.
            return _stop.Wait(TimeSpan.FromMilliseconds(100)) != HandOverNews.Stopped;
        }
        var channel = new HandOverChannel(connection, _stop, _options.Versions);
        if (channel.IsTrusted)
        {
            _silent.Add((channel, Stopwatch.GetTimestamp()));
            return true;
        }
        // Nothing is told to the program: any user could fill its log.
        using (channel)
            channel.Refuse(new HandOverRefusal(HandOverFailure.User, ""), null);
        return PauseAfterFailure();
    }

    // False when this end was told to stop.
    private bool PauseAfterFailure() => ++_failures % FailuresATurn != 0 || _stop.Wait(FailuresPause) != HandOverNews.Stopped;

    private bool TryHandOver(HandOverChannel channel, bool hasSpoken)
    {
        try
        {
            return HandOver(channel, hasSpoken);
        }
        catch (HandOverException exception)
        {
            _reports.Report(exception);
            // Told to stop, the next turn sees it too.
            _ = PauseAfterFailure();
            return false;
        }
    }

    private bool HandOver(HandOverChannel channel, bool hasSpoken)
    {
        // A question is eight bytes in one piece: nobody is waited for.
        var (news, head) = (HandOverNews.TimedOut, default(HandOverHead));
        if (hasSpoken)
        {
            news = channel.Read(TimeSpan.Zero, out head, out var descriptors, TimeSpan.Zero);
            HandOverChannel.Close(descriptors);
        }
        if (news == HandOverNews.Stopped)
            return false;
        if (news != HandOverNews.Message || HandOverQuestion.Of(head) is not { } question)
            throw new HandOverException(HandOverFailure.NotAsked,
                $"{channel.PeerNameFirst} connected to {_options.Path} and did not ask for sockets: it is no new instance.");
        if (_options.Versions.Common(question.Versions) is not { } version)
            throw Refused(channel, question, HandOverFailure.Version, $"version {question.Versions}, this is {_options.Versions}");
        channel.Agree(version);
        var offered = _source.Offered;
        if (!Offer(channel, question, offered))
            throw new HandOverException(HandOverFailure.NotDelivered,
                $"{channel.PeerNameFirst} asked for the listening sockets, and could not be given them: it has ended, does not read, or "
                    + "has too few descriptors (ulimit -n).");
        return AwaitReady(channel, offered);
    }

    // The same reason stands in both logs.
    private static HandOverException Refused(HandOverChannel channel, HandOverQuestion question, HandOverFailure failure, string reason)
    {
        channel.Refuse(new HandOverRefusal(failure, reason), question);
        return new HandOverException(failure,
            $"{channel.PeerNameFirst} asked for the listening sockets and was refused: {reason}. This instance serves on.");
    }

    private bool Offer(HandOverChannel channel, HandOverQuestion question, ImmutableArray<BoundSocket> offered)
    {
        if (offered.Length > HandOverHead.MostSockets)
            throw Refused(channel, question, HandOverFailure.Refused,
                $"it has {offered.Length} listening sockets, more than the {HandOverHead.MostSockets} of one hand-over");
        var held = new List<System.Net.Sockets.SafeSocketHandle>();
        var numbers = new List<int> { _control.Descriptor.Number };
        try
        {
            foreach (var one in offered)
            {
                var isHeld = false;
                var handle = one.Socket.SafeHandle;
                handle.DangerousAddRef(ref isHeld);
                held.Add(handle);
                numbers.Add((int)handle.DangerousGetHandle());
            }
            return channel.SendOffer([.. numbers]);
        }
        catch (ObjectDisposedException)
        {
            throw Refused(channel, question, HandOverFailure.Refused, "it closes its listening sockets");
        }
        finally
        {
            held.ForEach(static one => one.DangerousRelease());
        }
    }

    private bool AwaitReady(HandOverChannel channel, ImmutableArray<BoundSocket> offered)
    {
        var news = channel.Read(_options.ReadyTimeout, out var head, out var descriptors);
        HandOverChannel.Close(descriptors);
        switch (news)
        {
            case HandOverNews.Stopped:
                // This instance ends while the new one is about to be ready: it finds nobody to
                // tell, and goes on alone. The files are its own.
                _source.LetGo(offered, channel.Peer.ProcessId);
                _control.HandOver();
                return true;
            case HandOverNews.TimedOut:
                _ = channel.Send(HandOverWord.Withdrawn);
                throw new HandOverException(HandOverFailure.TooLate,
                    $"{channel.PeerNameFirst} was sent the listening sockets and was not ready within "
                        + $"{_options.ReadyTimeout.TotalSeconds:0.#} s: this instance serves on. Look into that "
                        + $"one's log, or raise {nameof(HandOverOptions.ReadyTimeout)}.");
            case HandOverNews.Ended:
                throw EndedEarly(channel);
        }
        var body = new byte[head.Number * sizeof(ushort)];
        if (head.Word != HandOverWord.Ready || head.Number > offered.Length || channel.ReadBody(body) != HandOverNews.Message
            || HandOverHead.ReadTaken(body, offered.Length) is not { } taken)
        {
            _ = channel.Send(HandOverWord.Withdrawn);
            throw new HandOverException(HandOverFailure.Garbage,
                $"{channel.PeerNameFirst} was sent the listening sockets and answered something else than that it is ready: this instance "
                    + "serves on.");
        }
        // While this process was stopped it may have given up: nobody would accept.
        if (channel.IsEnded)
            throw EndedEarly(channel);
        _source.LetGo([.. taken.Select(index => offered[index])], channel.Peer.ProcessId);
        _control.HandOver();
        _ = channel.Send(HandOverWord.Released);
        _source.Complete();
        return true;
    }

    private static HandOverException EndedEarly(HandOverChannel channel) => new(HandOverFailure.EndedEarly,
        $"{channel.PeerNameFirst} was sent the listening sockets and ended before it was ready: this instance serves on. Look into that "
            + "one's log.");
}

/// <summary>What has the listening sockets of the old instance.</summary>
internal interface IHandOverSource
{
    ImmutableArray<BoundSocket> Offered { get; }

    /// <summary>Closes all of them: the new instance accepts.</summary>
    void LetGo(ImmutableArray<BoundSocket> taken, int process);

    /// <summary>The new instance has been told: from now on it is the one that serves.</summary>
    void Complete();
}
