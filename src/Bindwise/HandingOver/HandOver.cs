namespace Bindwise;

/// <summary>Listening sockets could not be handed over. The instance that had them serves on.</summary>
/// <param name="message">One sentence: what, why, and what to do.</param>
public sealed class HandOverException(string message) : Exception(message), IBindwiseException
{
    internal HandOverException(HandOverFailure failure, string message)
        : this(message) => Failure = failure;

    internal HandOverFailure Failure { get; init; }

    /// <summary>The other end's process, of a connection that it closed; 0 where it is not known.</summary>
    internal int Process { get; init; }
}

/// <summary>What went wrong between two instances: by it a failure is told once a minute at most, and asked again or not.</summary>
internal enum HandOverFailure
{
    /// <summary>Nothing; of an exception, what only its reader can mend, such as too few descriptors.</summary>
    None,

    User,

    /// <summary>No version of the protocol is understood by both.</summary>
    Version,

    /// <summary>The old instance gives nothing, for another reason.</summary>
    Refused,

    /// <summary>The connection was closed instead of an answer.</summary>
    Closed,

    /// <summary>What came is not what an instance says.</summary>
    Garbage,

    /// <summary>Somebody connected and did not ask.</summary>
    NotAsked,

    /// <summary>What was offered could not be delivered.</summary>
    NotDelivered,

    /// <summary>The new instance ended before it was ready.</summary>
    EndedEarly,

    /// <summary>The other end took too long.</summary>
    TooLate,
}

/// <summary>How an old and a new instance of a program hand listening sockets over. Immutable; checked when it is used.</summary>
public sealed record HandOverOptions
{
    /// <summary>
    /// The UNIX socket at which the instance that serves gives its listening sockets to the next one: a path, or <c>@name</c> for an
    /// abstract name (unix(7)). Every instance names the same. Its file has mode 0600, and only the same user and root are answered
    /// (SO_PEERCRED). Null: nothing is handed over between processes, and <see cref="UseDescriptorStore"/> must be set.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>
    /// How long a new instance waits for the sockets of the old one, which may be handing over to another first, and for its answer at the
    /// end; more than zero, or <see cref="Timeout.InfiniteTimeSpan"/>. As long it asks again, with growing pauses, whoever closes the
    /// connection, refuses, or answers what no instance says.
    /// </summary>
    public TimeSpan WaitTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long the old instance waits until the new one is ready (<see cref="ListenerHandOver.ReadyAsync"/>). After that it goes on alone,
    /// and the new one fails. More than zero, or <see cref="Timeout.InfiniteTimeSpan"/>.
    /// </summary>
    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long the old instance may take, from the hand-over on, to finish the connections that it has; then <see
    /// cref="ListenerHandOver.DrainExpired"/> is cancelled. Zero or more, or <see cref="Timeout.InfiniteTimeSpan"/>.
    /// </summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Takes the sockets that the service manager kept for this service, and gives it the sockets to keep for the next start (FDSTORE=1 of
    /// sd_notify(3); the unit needs <c>FileDescriptorStoreMax=</c>). During a <c>systemctl restart</c> connections then wait, and none is
    /// refused.
    /// </summary>
    public bool UseDescriptorStore { get; init; }

    /// <summary>
    /// Whether a new instance's start fails at once when the old one understands no version of the hand-over's protocol that this one does:
    /// set it where nobody stops the old one meanwhile. False: the new one asks again until <see cref="WaitTimeout"/> is over, and binds if
    /// the old one has ended by then.
    /// </summary>
    public bool FailOnVersionMismatch { get; init; }

    /// <summary>
    /// Called for a log: in the old instance when somebody asked for the sockets and was refused or did not become ready, and it serves on;
    /// in the new one when it got nothing, and asks again. It is called once a minute at most for each kind of failure, and the message
    /// says how many were left out. Another user's process is refused without a call, since anybody could fill the log. It is called on a
    /// thread of the hand-over, and must not throw. Null for none.
    /// </summary>
    public Action<HandOverException>? OnAttemptFailed { get; init; }

    /// <summary>
    /// The clock of the pauses between a new instance's questions, and of the minute of <see cref="OnAttemptFailed"/>. What the other
    /// instance says is awaited in real time.
    /// </summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>What a test says of this instance instead.</summary>
    internal HandOverVersions Versions { get; init; } = HandOverVersions.Own;
}

internal static class HandOverCheck
{
    public static void Check(HandOverOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Path is null && !options.UseDescriptorStore)
            throw new ArgumentException("The hand-over needs a Path, UseDescriptorStore, or both.", nameof(options));
        if (options.Path is "" or "@")
            throw new ArgumentException("Path must be a path, or @name for an abstract one.", nameof(options));
        if (options.TimeProvider is null)
            throw new ArgumentNullException(nameof(options), "TimeProvider must not be null: TimeProvider.System is the system's.");
        CheckTime(options.WaitTimeout, nameof(options.WaitTimeout), isZeroAllowed: false, nameof(options));
        CheckTime(options.ReadyTimeout, nameof(options.ReadyTimeout), isZeroAllowed: false, nameof(options));
        CheckTime(options.DrainTimeout, nameof(options.DrainTimeout), isZeroAllowed: true, nameof(options));
    }

    public static void Check(ImmutableArray<ListenRequest> requests)
    {
        if (requests.Any(static one => one.UnixPath is not null && one.CreateBoundSocket is not null))
            throw new ArgumentException(
                "A UNIX socket that your own code makes (CreateBoundSocket) cannot be handed over, because .NET removes its file when it "
                    + "is closed: leave it to the library, with ConfigureSocket for options.", nameof(requests));
    }

    internal static bool IsTime(TimeSpan time, bool isZeroAllowed) => time == Timeout.InfiniteTimeSpan
        || ((isZeroAllowed ? time >= TimeSpan.Zero : time > TimeSpan.Zero) && time.TotalMilliseconds <= int.MaxValue);

    private static void CheckTime(TimeSpan time, string name, bool isZeroAllowed, string parameter)
    {
        if (!IsTime(time, isZeroAllowed))
            throw new ArgumentOutOfRangeException(parameter, time,
                $"{name} must be {(isZeroAllowed ? "zero or more" : "more than zero")} and at most {int.MaxValue} ms, or "
                    + "Timeout.InfiniteTimeSpan.");
    }
}

/// <summary>
/// How a new instance goes on asking while it gets nothing: with pauses that double from 100 ms to 2.5 s, each of which is shortened by up
/// to a half at random, until <see cref="HandOverOptions.WaitTimeout"/> is over. For one thread.
/// </summary>
internal sealed class HandOverPatience(HandOverOptions options)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2.5);

    /// <summary>The last question may come at the very end of the time, and has a right to an answer too.</summary>
    private static readonly TimeSpan ShortestAnswerTime = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(1);

    /// <summary>So many processes that close the connection, one after the other, are no row of instances that start at once.</summary>
    private const int MostClosers = 8;

    private readonly TimeProvider _time = options.TimeProvider;
    private readonly long _began = options.TimeProvider.GetTimestamp();
    private readonly HandOverReports _reports = new(options);
    private TimeSpan _nominal = FirstPause;
    private int _failed;
    private int _closedBy;
    private int _closers;
    private bool _isLast;

    /// <summary>How long the old instance may take for its answer.</summary>
    public TimeSpan AnswerTime => options.WaitTimeout == Timeout.InfiniteTimeSpan || Left > ShortestAnswerTime ? Left : ShortestAnswerTime;

    private TimeSpan Left =>
        options.WaitTimeout == Timeout.InfiniteTimeSpan ? options.WaitTimeout
        : options.WaitTimeout - _time.GetElapsedTime(_began) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <summary>Whether it may become better by itself, so that asking again makes sense.</summary>
    public bool MayPass(HandOverException exception) => exception.Failure switch
    {
        HandOverFailure.Closed or HandOverFailure.Garbage or HandOverFailure.Refused => true,
        HandOverFailure.Version => !options.FailOnVersionMismatch,
        _ => false,
    };

    /// <summary>Waits until the next question is due. Blocks the thread.</summary>
    public void Wait(HandOverException failure, CancellationToken cancellation)
    {
        _failed++;
        if (IsOneMoreClosed(failure))
            return;
        var left = Left;
        // After a pause that was cut to what was left the time is over, even where the clock says a little less.
        if (left == TimeSpan.Zero || _isLast)
        {
            var seconds = _time.GetElapsedTime(_began).TotalSeconds;
            throw new HandOverException(failure.Failure, string.Create(CultureInfo.InvariantCulture,
                $"{failure.Message} This instance asked {_failed} times in {seconds:0.#} s."));
        }
        _reports.Report(failure);
        var pause = NextPause();
        _isLast = left != Timeout.InfiniteTimeSpan && left <= pause;
        using var timer = new PeriodicTimer(_isLast ? Max(left, ShortestPause) : pause, _time);
        _ = timer.WaitForNextTickAsync(cancellation).AsTask().GetAwaiter().GetResult();
    }

    // An old instance that has just handed over closes the connections of the others that wait:
    // whoever has its place by now is asked at once.
    private bool IsOneMoreClosed(HandOverException failure)
    {
        if (failure.Failure != HandOverFailure.Closed || (failure.Process == _closedBy && _closers > 0) || _closers == MostClosers)
            return false;
        (_closedBy, _closers) = (failure.Process, _closers + 1);
        return true;
    }

    private TimeSpan NextPause()
    {
        // So that many that start at once do not come in step.
        var pause = _nominal * (0.5 + (Random.Shared.NextDouble() / 2));
        _nominal = _nominal > LongestPause / 2 ? LongestPause : _nominal * 2;
        return pause;
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}

/// <summary>
/// Tells <see cref="HandOverOptions.OnAttemptFailed"/> of failures: of each kind once a minute at most, with the number of those that were
/// left out. For one thread.
/// </summary>
internal sealed class HandOverReports(HandOverOptions options)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time = options.TimeProvider;
    private readonly Dictionary<HandOverFailure, ReportedFailure> _reported = [];

    /// <summary>How long until something that was left out is due; infinite where nothing was.</summary>
    public TimeSpan UntilDue
    {
        get
        {
            var until = Timeout.InfiniteTimeSpan;
            foreach (var one in _reported.Values)
            {
                if (one.Last is null)
                    continue;
                var left = Interval - _time.GetElapsedTime(one.Since) is var rest && rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
                until = until == Timeout.InfiniteTimeSpan || left < until ? left : until;
            }
            return until;
        }
    }

    /// <summary>Tells it now, or counts it.</summary>
    public void Report(HandOverException failure)
    {
        if (options.OnAttemptFailed is not { } report)
            return;
        var before = _reported.GetValueOrDefault(failure.Failure);
        if (before is not null && _time.GetElapsedTime(before.Since) < Interval)
        {
            _reported[failure.Failure] = before with { LeftOut = before.LeftOut + 1, Last = failure };
            return;
        }
        _reported[failure.Failure] = new ReportedFailure(_time.GetTimestamp(), 0, null);
        report(WithCount(failure, before?.LeftOut ?? 0));
    }

    /// <summary>Tells of what was left out and is due: the last of each kind, and how many there were before.</summary>
    /// <param name="isLast">Tells of all of it: nothing comes after.</param>
    public void ReportLeftOut(bool isLast)
    {
        foreach (var (kind, one) in _reported.ToList())
        {
            if (one.Last is not { } last || (!isLast && _time.GetElapsedTime(one.Since) < Interval))
                continue;
            _reported[kind] = new ReportedFailure(_time.GetTimestamp(), 0, null);
            options.OnAttemptFailed?.Invoke(WithCount(last, one.LeftOut - 1));
        }
    }

    private static HandOverException WithCount(HandOverException failure, int leftOut) => leftOut == 0 ? failure
        : new HandOverException(failure.Failure, string.Create(CultureInfo.InvariantCulture,
            $"{failure.Message} Left out before it: {leftOut} of the same kind."));

    private sealed record ReportedFailure(long Since, int LeftOut, HandOverException? Last);
}
