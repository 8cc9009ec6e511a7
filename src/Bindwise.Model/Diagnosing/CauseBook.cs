using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Topics;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing;

/// <summary>What stands in the way, in broad terms.</summary>
internal enum CauseKind : byte
{
    Nothing,

    /// <summary>A socket that takes clients or datagrams.</summary>
    Listener,

    /// <summary>The same, where it matters most who holds it, or how.</summary>
    Holder,

    /// <summary>A connection, what is left of one, or a socket that is bound and does not listen.</summary>
    Connection,

    /// <summary>No socket: the port, the address, the path or a policy.</summary>
    Refusal,
}

/// <summary>What has to happen before the bind() works.</summary>
internal enum CauseEnd : byte
{
    /// <summary>Somebody has to change something.</summary>
    Change,

    /// <summary>A timer of the kernel expires.</summary>
    Timer,

    /// <summary>A program closes a connection, or a socket that does not listen.</summary>
    Connection,

    /// <summary>A program closes a socket that takes clients.</summary>
    Listener,

    /// <summary>A port of the ephemeral range becomes free.</summary>
    FreePort,

    /// <summary>The address appears, or becomes usable.</summary>
    Address,
}

/// <summary>What the table says of a cause.</summary>
/// <param name="Id">The stable id: the name of its page, docs/causes/ID.md.</param>
/// <param name="End">What has to happen before the bind() works.</param>
/// <param name="Topic">Who recognises it, and says what it is and what to do about it.</param>
internal sealed record CauseRow(string Id, CauseKind Kind, CauseEnd End, Topic Topic, Func<Diagnosis, CauseEnd>? EndOf = null)
{
    /// <summary>What Linux refuses the bind() or listen() with; null for EADDRINUSE alone, as any socket in the way gives it.</summary>
    public string[]? Errnos { get; init; }

    /// <summary>Whether it can be the cause at such a place; null where the protocol alone decides.</summary>
    public Func<Target, bool>? Fits { get; init; }
}

/// <summary>The table of causes: a row each, which the compiler asks for.</summary>
internal static class CauseBook
{
    private static readonly ImmutableArray<CauseRow> Rows = [.. Enum.GetValues<Cause>().Select(RowOf)];

    /// <summary>All causes, in the order of the documentation.</summary>
    public static ImmutableArray<Cause> All { get; } = [.. Enum.GetValues<Cause>()];

    internal static string IdOf(Cause cause) => Row(cause).Id;

    internal static CauseKind Kind(this Cause cause) => Row(cause).Kind;

    internal static Topic TopicOf(Cause cause) => Row(cause).Topic;

    /// <summary>What has to happen before the bind() of this diagnosis works.</summary>
    internal static CauseEnd EndOf(Diagnosis diagnosis)
    {
        var row = Row(diagnosis.Cause);
        return row.EndOf is { } end ? end(diagnosis) : row.End;
    }

    /// <summary>The causes that an error may have on Linux, as far as the text that tells of it says.</summary>
    /// <param name="target">Where the bind failed; null where the text names no place.</param>
    internal static IEnumerable<Cause> Of(string errno, Target? target) => All.Where(cause =>
        Row(cause) is var row && cause != Cause.Free && (row.Errnos?.Contains(errno) ?? errno == "EADDRINUSE")
            && IsOf(target?.Protocol ?? Protocol.Tcp, cause, row) && (target is null || row.Fits?.Invoke(target) != false));

    private static bool IsOf(Protocol protocol, Cause cause, CauseRow row) => protocol switch
    {
        Protocol.Unix => row.Topic == Topic.UnixPaths || cause == Cause.DeniedByPolicy
            || (row.Topic == Topic.Holders && cause != Cause.PublishedContainerPort),
        Protocol.Udp => cause == Cause.ReusePortMismatch
            || (row.Kind != CauseKind.Connection && row.Topic != Topic.Listeners && row.Topic != Topic.UnixPaths),
        _ => row.Topic != Topic.Udp && row.Topic != Topic.UnixPaths,
    };

    private static CauseRow Row(Cause cause) =>
        (int)cause < Rows.Length ? Rows[(int)cause]
            : throw new ArgumentOutOfRangeException(nameof(cause), cause, "No cause has that value.");

    private static CauseRow RowOf(Cause cause) => cause switch
    {
        Cause.Free => new("free", CauseKind.Nothing, CauseEnd.Change, Topic.Free),
        Cause.Listener => Listener("listener", Topic.Listeners),
        Cause.DualStackListener => Listener("dual-stack-listener", Topic.Listeners),
        Cause.SharedListener => Listener("shared-listener", Topic.Listeners),
        Cause.InheritedDescriptor => Holder("inherited-descriptor", Topic.Holders),
        Cause.StoppedProcess => Holder("stopped-process", Topic.Holders),
        Cause.FrozenProcess => Holder("frozen-process", Topic.Holders),
        Cause.ZombieProcess => Holder("zombie-process", Topic.Holders),
        Cause.SameProgramTwice => Holder("same-program-twice", Topic.Holders),
        Cause.SocketActivation => Holder("socket-activation", Topic.Holders),
        Cause.PublishedContainerPort => Holder("published-container-port", Topic.Holders),
        Cause.DescriptorInFlight => Holder("descriptor-in-flight", Topic.Holders),
        Cause.HiddenDescriptor => Holder("hidden-descriptor", Topic.Holders),
        Cause.OwnerHidden => Holder("owner-hidden", Topic.Holders),
        Cause.KernelSocket => Holder("kernel-socket", Topic.KernelSockets),
        Cause.BoundNotListening => Connection("bound-not-listening", CauseEnd.Connection, Topic.Connections),
        Cause.TimeWait => Connection("time-wait", CauseEnd.Timer, Topic.TimeWait),
        Cause.SurvivingConnection => Connection("surviving-connection", CauseEnd.Connection, Topic.Connections),
        Cause.CloseWait => Connection("close-wait", CauseEnd.Connection, Topic.Connections),
        Cause.FinWait => Connection("fin-wait", CauseEnd.Timer, Topic.Connections) with
        {
            EndOf = static diagnosis =>
                diagnosis.Blockers.All(static one => one.Socket.IsWithoutProcess) ? CauseEnd.Timer : CauseEnd.Connection,
        },
        Cause.LastAck => Connection("last-ack", CauseEnd.Timer, Topic.Connections),
        Cause.OutgoingConnection => Connection("outgoing-connection", CauseEnd.Connection, Topic.Connections),
        Cause.SelfConnection => Connection("self-connection", CauseEnd.Connection, Topic.Connections),
        Cause.ReusePortMismatch => Listener("reuseport-mismatch", Topic.Listeners),
        Cause.UdpSocket => Listener("udp-socket", Topic.Udp),
        Cause.UnixSocketFile => Refusal("unix-socket-file", CauseEnd.Change, Topic.UnixPaths, "EADDRINUSE", "EACCES", "EPERM", "EINVAL"),
        Cause.UnixSocketListener => Listener("unix-socket-listener", Topic.UnixPaths),
        Cause.PrivilegedPort => Refusal("privileged-port", CauseEnd.Change, Topic.Policies, "EACCES") with
        {
            Fits = static target => target.Port is null or (> 0 and < 1024),
        },
        Cause.DeniedByPolicy => Refusal("denied-by-policy", CauseEnd.Change, Topic.Policies, "EACCES", "EPERM", "EAFNOSUPPORT"),
        Cause.AddressNotLocal => Refusal("address-not-local", CauseEnd.Address, Topic.Addresses, "EADDRNOTAVAIL") with
        {
            Fits = static target => target.Address is not { IsAny: true },
        },
        Cause.AddressTentative => Refusal("address-tentative", CauseEnd.Address, Topic.Addresses, "EADDRNOTAVAIL") with
        {
            Fits = static target => target.Address is null or { Family: IpFamily.IPv6, IsAny: false },
            // Another host has it: that does not end.
            EndOf = static diagnosis => HasFailedDetection(diagnosis) ? CauseEnd.Change : CauseEnd.Address,
        },
        Cause.ScopeMissing => Refusal("scope-missing", CauseEnd.Change, Topic.Addresses, "EINVAL") with
        {
            Fits = static target => target is { Scope: null, Address: null or { IsLinkLocal: true } },
        },
        Cause.IPv6Disabled => Refusal("ipv6-disabled", CauseEnd.Change, Topic.Addresses, "EAFNOSUPPORT", "EADDRNOTAVAIL") with
        {
            Fits = static target => target.Address is null or { Family: IpFamily.IPv6 },
        },
        Cause.DeviceMismatch => Refusal("device-mismatch", CauseEnd.Change, Topic.Addresses, "ENODEV", "EADDRNOTAVAIL") with
        {
            EndOf = static diagnosis => diagnosis.Errno == "ENODEV" ? CauseEnd.Address : CauseEnd.Change,
        },
        Cause.PortsExhausted => Refusal("ports-exhausted", CauseEnd.FreePort, Topic.EphemeralPorts, "EADDRINUSE", "EADDRNOTAVAIL") with
        {
            Fits = static target => target.Port is null or 0,
            // All of them reserved: none becomes free by itself.
            EndOf = static diagnosis => diagnosis.PortUse is { Usable: <= 0 } ? CauseEnd.Change : CauseEnd.FreePort,
        },
    };

    private static CauseRow Listener(string id, Topic topic) => new(id, CauseKind.Listener, CauseEnd.Listener, topic);

    private static CauseRow Holder(string id, Topic topic) => new(id, CauseKind.Holder, CauseEnd.Listener, topic);

    private static CauseRow Connection(string id, CauseEnd end, Topic topic) => new(id, CauseKind.Connection, end, topic);

    private static CauseRow Refusal(string id, CauseEnd end, Topic topic, params string[] errnos) =>
        new(id, CauseKind.Refusal, end, topic) { Errnos = errnos };

    private static bool HasFailedDetection(Diagnosis diagnosis) => diagnosis.Target.Address is { } address
        && diagnosis.Interfaces.Any(one => one.Addresses.Any(own => own.Address == address && own.IsDuplicate));
}

/// <summary>The causes that hold, the one that explains the verdict best first: each topic recognises its own.</summary>
internal static class CauseFinder
{
    /// <param name="blockers">The sockets in the way, those that decide first.</param>
    public static ImmutableArray<Cause> Of(Target target, BindAssessment decisive, ImmutableArray<Blocker> blockers,
        ImmutableArray<Policy> policies, Snapshot snapshot, OwnerIndex owners)
    {
        if (decisive.Outcome == Outcome.Allowed && blockers.IsEmpty)
            return [Cause.Free];
        var causes = new List<Cause>();
        if (Topic.All.Select(topic => topic.CauseOf(decisive, snapshot)).FirstOrDefault(static cause => cause is not null) is { } refusal)
            causes.Add(refusal);
        foreach (var blocker in blockers)
        {
            // While a listener lives its accepted connections are its own business.
            causes.AddRange(OfSocket(blocker, decisive.Request, target, snapshot, owners)
                .Where(cause => cause switch
                {
                    Cause.SurvivingConnection => blockers[0].Socket.State != TcpSocketState.Listen,
                    Cause.StoppedProcess or Cause.FrozenProcess => !ListenerTopic.IsServedByOthers(blocker, blockers),
                    _ => true,
                }));
        }
        // Taken by what no table shows; any other errno that the rules do not know comes from a filter of system calls or a hook.
        if (causes.Count == 0)
            causes.Add(decisive.Errno is null or "EADDRINUSE" && !policies.Any(static p => p.IsCertain) ? Cause.OwnerHidden
                : Cause.DeniedByPolicy);
        return [.. causes.Distinct()];
    }

    public static Cause KindOf(HeldSocket socket, Snapshot snapshot) =>
        Topic.All.Select(topic => topic.CauseOf(socket, snapshot)).FirstOrDefault(static kind => kind is not null)
            ?? throw new ArgumentOutOfRangeException(nameof(socket), socket, "No topic recognises the socket.");

    private static IEnumerable<Cause> OfSocket(Blocker blocker, BindRequest asked, Target target, Snapshot snapshot, OwnerIndex owners)
    {
        var kind = KindOf(blocker.Socket, snapshot);
        // Of a listener it matters most who holds it; of a connection, what became of it.
        var isConnection = kind.Kind() == CauseKind.Connection;
        if (blocker.Kernel is not null)
            yield return Cause.KernelSocket;
        if (isConnection)
            yield return kind;
        foreach (var cause in HolderTopic.CausesOf(blocker, target, owners, snapshot.Caller)
            .Concat(ListenerTopic.SharingCauses(blocker, asked, snapshot)))
            yield return cause;
        if (HolderTopic.IsOwnerHidden(blocker, snapshot))
            yield return Cause.OwnerHidden;
        if (!isConnection && ListenerTopic.IsDualStackOver(blocker.Socket, asked))
            yield return Cause.DualStackListener;
        if (!isConnection)
            yield return kind;
    }
}
