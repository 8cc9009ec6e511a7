using Bindwise.Linux;
using Bindwise.Model.Diagnosing.Planning;

namespace Bindwise;

/// <summary>What to wait for. Immutable; checked when the waiting begins.</summary>
public sealed record WaitRequest
{
    private readonly EquatableArray<PortQuery> _queries;

    /// <summary>The most targets of one request.</summary>
    public const int MostTargets = 64;

    /// <summary>The longest <see cref="Timeout"/>: 10,000 days.</summary>
    public static TimeSpan LongestTimeout { get; } = TimeSpan.FromDays(10_000);

    /// <summary>
    /// The targets, 1 to <see cref="MostTargets"/>, all with the same <see cref="PortQuery.As"/> and <see cref="PortQuery.Portable"/>.
    /// </summary>
    public required ImmutableArray<PortQuery> Queries { get => _queries; init => _queries = value; }

    /// <summary>What each of them is waited to be.</summary>
    public WaitCondition Until { get; init; } = WaitCondition.Free;

    /// <summary>
    /// With <see cref="WaitCondition.Listening"/>: also connects, and closes the connection at once. Of an address that is not this host's
    /// the connection alone tells. TCP and UNIX stream sockets only.
    /// </summary>
    public bool Connects { get; init; }

    /// <summary>One target is enough; false: all of them at the same time.</summary>
    public bool Any { get; init; }

    /// <summary>
    /// When to give up, more than zero and at most <see cref="LongestTimeout"/>; null, or <see
    /// cref="System.Threading.Timeout.InfiniteTimeSpan"/>: never. The targets are always looked at once.
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    internal TimeSpan? Limit => Timeout == System.Threading.Timeout.InfiniteTimeSpan ? null : Timeout;

    internal void Check()
    {
        if (Queries.IsDefaultOrEmpty || Queries.Length > MostTargets)
            throw new ArgumentException($"Name 1 to {MostTargets} targets to wait for.", "request");
        foreach (var query in Queries)
        {
            if (query is null)
                throw new ArgumentException("One of the queries is null.", "request");
            query.Check("request");
        }
        if (!Enum.IsDefined(Until))
            throw new ArgumentException("The condition is not known.", "request");
        if (Queries.Any(one => one.As != Queries[0].As || one.Portable != Queries[0].Portable))
            throw new ArgumentException(
                $"All targets are asked for the same program: {nameof(PortQuery.As)} and {nameof(PortQuery.Portable)} may not differ.",
                "request");
        if (Timeout is { } timeout && timeout != System.Threading.Timeout.InfiniteTimeSpan
            && (timeout <= TimeSpan.Zero || timeout > LongestTimeout))
            throw new ArgumentException("The timeout is more than zero, and at most 10,000 days.", "request");
        if (Connects && Until != WaitCondition.Listening)
            throw new ArgumentException($"{nameof(Connects)} is for {nameof(WaitCondition.Listening)} alone.", "request");
        if (Connects && Queries.Any(static one => one.Target.Protocol == Protocol.Udp))
            throw new ArgumentException("UDP has no connections to try.", "request");
    }
}

/// <summary>How the waiting ended.</summary>
public sealed record WaitReport
{
    private readonly EquatableArray<WaitedTarget> _targets;

    /// <summary>What was waited for came: of all targets, or with <see cref="WaitRequest.Any"/> of one. False: the time was over.</summary>
    public required bool IsMet { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Waited { get; init; }

    /// <summary>Each target, in the order of the request.</summary>
    public required ImmutableArray<WaitedTarget> Targets { get => _targets; init => _targets = value; }
}

/// <summary>A target after the waiting.</summary>
public sealed record WaitedTarget
{
    private readonly EquatableArray<HeldSocket> _listeners;

    /// <summary>The target; of a pasted error that leaves the protocol open, with the protocol of what was found.</summary>
    public required Target Target { get; init; }

    /// <summary>The condition is met.</summary>
    public required bool IsMet { get; init; }

    /// <summary>How long it took until it was; null while it is not.</summary>
    public TimeSpan? MetAfter { get; init; }

    /// <summary>The port, a service name resolved; null for UNIX.</summary>
    public ushort? Port { get; init; }

    /// <summary>The last answer, with <see cref="WaitCondition.Free"/>; else null.</summary>
    public Diagnosis? Diagnosis { get; init; }

    /// <summary>Who listened when it was looked last, with the two other conditions.</summary>
    public ImmutableArray<HeldSocket> Listeners { get => _listeners; init => _listeners = value; }

    internal string? ConnectFault { get; init; }
}

/// <summary>What is waited for.</summary>
public enum WaitCondition
{
    /// <summary>The target can be bound as asked, as <see cref="PortDiagnostics.Diagnose"/> answers.</summary>
    Free,

    /// <summary>
    /// A socket listens there, and its queue of connections that nobody has accepted is not full; for UDP: a socket that takes datagrams
    /// from anybody.
    /// </summary>
    Listening,

    /// <summary>No socket listens there. The port may still be taken, by TIME_WAIT for instance.</summary>
    Closed,
}

/// <summary>What the targets of one request share.</summary>
internal sealed record WaitContext(Inquiry Inquiry, SocketWatch? Watch, CancellationToken Cancellation);

internal abstract class WaitTarget(PortQuery query)
{
    public PortQuery Query { get; } = query;

    /// <summary>What the answer is about: of a pasted error that leaves the protocol open, it may be UDP.</summary>
    public abstract Target Target { get; }

    /// <summary>The port, a service name resolved; null for UNIX.</summary>
    public abstract ushort? Port { get; }

    /// <summary>The last answer; null where none is asked for.</summary>
    public virtual Diagnosis? Diagnosis => null;

    /// <summary>Who listened when it was looked last.</summary>
    public virtual ImmutableArray<HeldSocket> Listeners => [];

    /// <summary>Why the last attempt to connect failed, as the system says it; null where none did.</summary>
    public virtual string? ConnectFault => null;

    /// <summary>The processes whose end may change something.</summary>
    public virtual IEnumerable<int> Processes => [];

    /// <summary>The kernel sends a message when that comes which is waited for (<see cref="SocketEnds"/>).</summary>
    public virtual bool IsAnnounced => false;

    /// <summary>When it was as was waited for; null while it is not.</summary>
    public TimeSpan? MetAfter { get; set; }

    /// <summary>The kernel tells when the socket is closed: not for a TIME_WAIT or an orphan, not for UNIX.</summary>
    protected static bool Announces(HeldSocket socket) =>
        socket.Protocol != Protocol.Unix && socket.Remote.Port == 0 && !socket.IsWithoutProcess;

    /// <summary>The time is over. True: what was answered grows old, and one more look is worth it, whose answer is reported.</summary>
    public virtual bool Expire() => false;

    /// <summary>Looks, as narrowly as tells, whether it is as is waited for.</summary>
    public abstract bool IsMet();
}

/// <summary>A target that shall be free: the whole question is asked again only once what stands in its way has changed.</summary>
internal sealed class FreeTarget(PortQuery query, WaitContext context) : WaitTarget(query)
{
    /// <summary>
    /// Where no socket tells, the whole query with its probe is asked so seldom; where one does, the whole query without its probe.
    /// </summary>
    private static readonly TimeSpan ProbePace = TimeSpan.FromSeconds(5);

    /// <summary>Where no socket tells, the whole question is asked so seldom without its probe; less often where it takes long.</summary>
    private static readonly TimeSpan SlowPace = TimeSpan.FromSeconds(1);

    /// <summary>It is followed by a pause so many times as long.</summary>
    private const int PauseForAQuery = 250;

    private Diagnosis? _current;
    private Diagnosis? _unprobed;
    private long _asked;
    private long _examinedAt;
    private TimeSpan _pause = SlowPace;
    private ulong _distrusted;
    private ulong? _file;
    private bool _isLast;
    private int[] _holders = [];

    public override Target Target => _current?.Target ?? Query.Target;
    public override ushort? Port => _current?.Port;
    public override Diagnosis? Diagnosis => _current;

    public override IEnumerable<int> Processes =>
        _current?.Blockers.SelectMany(static blocker => blocker.Owners).Select(static owner => owner.Process.Id) ?? [];

    public override bool IsAnnounced =>
        context.Watch is not null && _current is not null && FollowPlan.SocketToWatch(_current) is { } socket
        && socket.Cookie != _distrusted && Announces(socket);

    // An answer that tells the time left grows old, although the socket stays; so does one that names who has it.
    public override bool Expire() => _isLast = _current is { FreeAt: not null } or { Blockers.IsEmpty: false };

    public override bool IsMet()
    {
        if (_isLast || _current is null or { Verdict: Verdict.Free } || HasLostHolder())
            return Ask();
        return IsUnchanged(_current) switch
        {
            true => FollowPlan.SocketToWatch(_current) is { IsWithoutProcess: false } && IsOldEnough(_examinedAt) && HasAnotherAnswer()
                && Ask(),
            false => Ask(),
            null => MayHaveChanged() && Ask(),
        };
    }

    // A child may have the socket now, or nobody, and a file is all that is left.
    private bool HasLostHolder() => _holders.Any(static id => !IsThere(id));

    private static bool IsThere(int process) => Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}"));

    // Null where a socket does not tell.
    private bool? IsUnchanged(Diagnosis current)
    {
        if (!OperatingSystem.IsLinux() || context.Watch is not { } watch)
            return null;
        var socket = FollowPlan.SocketToWatch(current);
        if (Query.Target is { Protocol: Protocol.Unix, Path: { } path })
        {
            // A file that stays keeps the path taken, whoever is bound to it.
            return _file is not null ? SocketWatch.FileAt(path) == _file
                : socket is not null && watch.FindOpen(Protocol.Unix, 0, path) is { } open ? open.Any(one => one.Cookie == socket.Cookie)
                    : null;
        }
        return socket is null || socket.Cookie == _distrusted ? null : watch.IsThere(socket);
    }

    private bool MayHaveChanged() => IsOldEnough(_asked) || (Stopwatch.GetElapsedTime(_examinedAt) >= _pause && HasAnotherAnswer());

    private static bool IsOldEnough(long since) => Stopwatch.GetElapsedTime(since) >= ProbePace;

    // A socket that stays may get another option or device, and the question about it alone does not tell.
    private bool HasAnotherAnswer()
    {
        var began = Stopwatch.GetTimestamp();
        var now = context.Inquiry.Ask(Query with { MayProbe = false, VerdictOnly = true }, context.Cancellation);
        var before = _unprobed;
        _unprobed = now;
        _examinedAt = Stopwatch.GetTimestamp();
        _pause = TimeSpan.FromTicks(Math.Clamp(Stopwatch.GetElapsedTime(began).Ticks * PauseForAQuery, SlowPace.Ticks, ProbePace.Ticks));
        return now.Verdict != Verdict.Blocked && before is not { Verdict: not Verdict.Blocked }
            || (before is not null && FollowPlan.IsChange(before, now));
    }

    private bool Ask()
    {
        var before = _current;
        _file = OperatingSystem.IsLinux() && Query.Target is { Protocol: Protocol.Unix, Path: { } path } ? SocketWatch.FileAt(path) : null;
        _current = context.Inquiry.Ask(Query with { VerdictOnly = true }, context.Cancellation);
        _asked = _examinedAt = Stopwatch.GetTimestamp();
        _unprobed = null;
        _holders = OperatingSystem.IsLinux() ? [.. Processes.Where(IsThere)] : [];
        // What is told to be gone and yet is found again cannot be watched one by one.
        if (before is not null && FollowPlan.SocketToWatch(_current) is { Cookie: not 0 } found
            && found.Cookie == FollowPlan.SocketToWatch(before)?.Cookie && before.Verdict != Verdict.Free)
            _distrusted = found.Cookie;
        return _current.Verdict == Verdict.Free;
    }
}
