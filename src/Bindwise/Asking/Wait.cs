namespace Bindwise;

/// <summary>What to wait for. Immutable; checked when the waiting begins.</summary>
public sealed record WaitRequest
{
    private readonly EquatableArray<PortQuery> _queries;

    /// <summary>The most targets of one request.</summary>
    public const int MostTargets = 64;

    /// <summary>The longest <see cref="Timeout"/>: 10,000 days.</summary>
    public static TimeSpan LongestTimeout { get; } = TimeSpan.FromDays(10_000);

    /// <summary>The targets, 1 to <see cref="MostTargets"/>, all with the same <see cref="PortQuery.As"/> and
    /// <see cref="PortQuery.Portable"/>.</summary>
    public required ImmutableArray<PortQuery> Queries { get => _queries; init => _queries = value; }

    /// <summary>What each of them is waited to be.</summary>
    public WaitCondition Until { get; init; } = WaitCondition.Free;

    /// <summary>With <see cref="WaitCondition.Listening"/>: also connects, and closes the connection at once. Of an address that is not
    /// this host's the connection alone tells. TCP and UNIX stream sockets only.</summary>
    public bool Connects { get; init; }

    /// <summary>One target is enough; false: all of them at the same time.</summary>
    public bool Any { get; init; }

    /// <summary>When to give up, more than zero and at most <see cref="LongestTimeout"/>; null, or
    /// <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>: never. The targets are always looked at once.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>When to give up; null: never.</summary>
    internal TimeSpan? Limit => Timeout == System.Threading.Timeout.InfiniteTimeSpan ? null : Timeout;

    /// <exception cref="ArgumentException">It contradicts itself.</exception>
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

    /// <summary>The target.</summary>
    public required Target Target { get; init; }

    /// <summary>It is as was waited for.</summary>
    public required bool IsMet { get; init; }

    /// <summary>How long it took until it was; null while it is not.</summary>
    public TimeSpan? MetAfter { get; init; }

    /// <summary>The port, a service name resolved; null for UNIX.</summary>
    public ushort? Port { get; init; }

    /// <summary>The last answer, with <see cref="WaitCondition.Free"/>; else null.</summary>
    public Diagnosis? Diagnosis { get; init; }

    /// <summary>Who listened when it was looked last, with the two other conditions.</summary>
    public ImmutableArray<HeldSocket> Listeners { get => _listeners; init => _listeners = value; }
}

/// <summary>What is waited for.</summary>
public enum WaitCondition
{
    /// <summary>The target can be bound as asked, as <see cref="PortDiagnostics.Diagnose"/> answers.</summary>
    Free,

    /// <summary>A socket listens there, and its queue of connections that nobody has accepted is not full; for UDP: a socket that takes
    /// datagrams from anybody.</summary>
    Listening,

    /// <summary>No socket listens there. The port may still be taken, by TIME_WAIT for instance.</summary>
    Closed,
}
