using Bindwise.Linux;

namespace Bindwise;

/// <param name="Targets">Every target.</param>
/// <param name="Elapsed">How long it has taken so far.</param>
internal readonly record struct WaitProgress(IReadOnlyList<WaitTarget> Targets, TimeSpan Elapsed);

/// <summary>Runs one request: looks at each target, and sleeps until something may have changed.</summary>
/// <param name="request">What to wait for.</param>
/// <param name="progress">Is told where it stands after each look that was not the last; null for nobody.</param>
/// <param name="cancellation">Ends the waiting.</param>
internal sealed class PortWaiter(WaitRequest request, Action<WaitProgress>? progress, CancellationToken cancellation)
{
    /// <summary>Between two looks, where they cost next to nothing.</summary>
    private static readonly TimeSpan ShortestPace = TimeSpan.FromMilliseconds(20);

    /// <summary>The same where the kernel sends a message.</summary>
    private static readonly TimeSpan CoarsePace = TimeSpan.FromMilliseconds(250);

    /// <summary>Between two looks, whatever they cost.</summary>
    private static readonly TimeSpan LongestPace = TimeSpan.FromSeconds(2);

    /// <summary>A look is followed by a pause so many times as long: 0.7 % of a core.</summary>
    private const int PauseForALook = 140;

    /// <summary>Of so many looks the cheapest counts: on a busy host others are interrupted.</summary>
    private const int LooksToCompare = 3;

    /// <summary>Within this time a cancellation is seen.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Queue<TimeSpan> _costs = new(LooksToCompare);
    private TimeSpan? _lastMessage;

    /// <exception cref="PortQueryException">The system cannot answer.</exception>
    public WaitReport Run()
    {
        try
        {
            return RunToEnd();
        }
        catch (InspectionException exception)
        {
            // Of a look at a single socket or path.
            throw new PortQueryException(exception.Message, exception);
        }
    }

    private WaitReport RunToEnd()
    {
        cancellation.ThrowIfCancellationRequested();
        var first = request.Queries[0];
        using var inquiry = Inquiry.Open(first.As, first.Portable);
        var isLinux = OperatingSystem.IsLinux() && !first.Portable;
        using var watch = isLinux && OperatingSystem.IsLinux() ? inquiry.InNetwork(SocketWatch.TryOpen) : null;
        var context = new WaitContext(inquiry, watch, cancellation);
        List<WaitTarget> targets = [.. request.Queries.Select(query => Create(query, context))];
        var isMet = AreMet(targets);
        if (isMet || IsOver)
            return Report(targets, isMet);
        using var ends = isLinux && OperatingSystem.IsLinux() ? OpenEnds(inquiry, targets) : null;
        while (!isMet && !IsOver)
        {
            progress?.Invoke(new WaitProgress(targets, _clock.Elapsed));
            Pause(ends, targets);
            isMet = AreMet(targets);
        }
        if (!isMet && targets.FindAll(static one => one.MetAfter is null && one.Expire()).Count > 0)
            isMet = AreMet(targets);
        return Report(targets, isMet);
    }

    [SupportedOSPlatform("linux")]
    private static SocketEnds? OpenEnds(Inquiry inquiry, List<WaitTarget> targets) =>
        inquiry.InNetwork(() => SocketEnds.TryOpen([.. targets.Select(static one => one.Port).OfType<ushort>()]));

    private bool IsOver => request.Limit is { } timeout && _clock.Elapsed >= timeout;

    private WaitTarget Create(PortQuery query, WaitContext context) =>
        request.Until == WaitCondition.Free ? new FreeTarget(query, context) : new ListenerTarget(query, request, context);

    /// <summary>
    /// Whether what is waited for is there now. Of several, those that were met before are looked at once more, so that all are at the same
    /// time.
    /// </summary>
    private bool AreMet(List<WaitTarget> targets)
    {
        cancellation.ThrowIfCancellationRequested();
        var began = _clock.Elapsed;
        var before = targets.Where(static one => one.MetAfter is not null).ToList();
        foreach (var target in targets.Where(static one => one.MetAfter is null))
        {
            if (!target.IsMet())
                continue;
            target.MetAfter = _clock.Elapsed;
            if (request.Any)
                return true;
        }
        var isMet = targets.TrueForAll(static one => one.MetAfter is not null);
        if (isMet)
        {
            foreach (var target in before.Where(static one => !one.IsMet()))
                (target.MetAfter, isMet) = (null, false);
        }
        if (_costs.Count == LooksToCompare)
            _costs.Dequeue();
        _costs.Enqueue(_clock.Elapsed - began);
        return isMet;
    }

    private void Pause(SocketEnds? ends, List<WaitTarget> targets)
    {
        var isAnnounced = ends is not null && targets.TrueForAll(static one => one.MetAfter is not null || one.IsAnnounced);
        var shortest = isAnnounced ? CoarsePace : ShortestPace;
        var pace = _costs.Count < LooksToCompare ? ShortestPace
            : TimeSpan.FromTicks(Math.Clamp(_costs.Min().Ticks * PauseForALook, shortest.Ticks, LongestPace.Ticks));
        if (OperatingSystem.IsLinux())
            ends?.Watch(targets.Where(static one => one.MetAfter is null).SelectMany(static one => one.Processes));
        var end = _clock.Elapsed + pace;
        while (Left(end) is var left && left > TimeSpan.Zero)
        {
            cancellation.ThrowIfCancellationRequested();
            var time = left < Slice ? left : Slice;
            if (!OperatingSystem.IsLinux() || ends is null)
                cancellation.WaitHandle.WaitOne(time);
            else if (ends.Wait(time))
                end = TimeSpan.Zero;
        }
        if (end != TimeSpan.Zero)
            return;
        // Whoever opens and closes sockets all the time keeps nobody busy.
        if (_lastMessage is { } last && _clock.Elapsed - last < ShortestPace)
            cancellation.WaitHandle.WaitOne(ShortestPace);
        _lastMessage = _clock.Elapsed;
    }

    private TimeSpan Left(TimeSpan end)
    {
        var left = end - _clock.Elapsed;
        return request.Limit is { } timeout && timeout - _clock.Elapsed is var rest && rest < left ? rest : left;
    }

    private WaitReport Report(List<WaitTarget> targets, bool isMet) => new()
    {
        IsMet = isMet,
        Waited = _clock.Elapsed,
        Targets =
        [
            .. targets.Select(static one => new WaitedTarget
            {
                Target = one.Query.Target,
                IsMet = one.MetAfter is not null,
                MetAfter = one.MetAfter,
                Port = one.Port ?? one.Query.Target.Port,
                Diagnosis = one.Diagnosis,
                Listeners = one.Listeners,
                ConnectFault = one.ConnectFault,
            }),
        ],
    };
}
