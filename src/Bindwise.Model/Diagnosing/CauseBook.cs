using System.Collections.Immutable;
using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Policies;
using Bindwise.Model.Diagnosing.Ports;
using Bindwise.Model.Diagnosing.Remedies;
using Bindwise.Model.Diagnosing.Sentences;

namespace Bindwise.Model.Diagnosing;

/// <summary>What stands in the way, in broad terms.</summary>
internal enum CauseKind : byte
{
    /// <summary>Nothing.</summary>
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
/// <param name="Kind">What stands in the way.</param>
/// <param name="End">What has to happen before the bind() works.</param>
internal sealed record CauseRow(string Id, CauseKind Kind, CauseEnd End)
{
    /// <summary>The end where it depends on the diagnosis.</summary>
    public Func<Diagnosis, CauseEnd>? EndOf { get; init; }

    /// <summary>How the cause comes about, in one sentence: only where the rule does not say it already.</summary>
    public string? Explanation { get; init; }

    /// <summary>The sentence where it depends on what was found; null for <see cref="Explanation"/>.</summary>
    public Func<DiagnosisContext, string?>? ExplanationOf { get; init; }

    /// <summary>What the first line adds of the listener; null for nothing.</summary>
    public Func<DiagnosisContext, Blocker, string>? ListenerClause { get; init; }

    /// <summary>Why the kernel refuses the bind(); null where a socket is in the way.</summary>
    public Func<DiagnosisContext, string>? Refusal { get; init; }

    /// <summary>What to do about a refusal; null where a socket is in the way.</summary>
    public Func<DiagnosisContext, IEnumerable<Remedy>>? Remedies { get; init; }
}

/// <summary>The table of causes: a row each, which the compiler asks for.</summary>
internal static class CauseBook
{
    private static readonly ImmutableArray<CauseRow> Rows = [.. Enum.GetValues<Cause>().Select(RowOf)];

    /// <summary>All causes, in the order of the documentation.</summary>
    public static ImmutableArray<Cause> All { get; } = [.. Enum.GetValues<Cause>()];

    internal static string IdOf(Cause cause) => Row(cause).Id;

    internal static CauseKind Kind(this Cause cause) => Row(cause).Kind;

    /// <summary>What has to happen before the bind() of this diagnosis works.</summary>
    internal static CauseEnd EndOf(Diagnosis diagnosis)
    {
        var row = Row(diagnosis.Cause);
        return row.EndOf is { } end ? end(diagnosis) : row.End;
    }

    /// <summary>How the cause comes about; null where there is nothing to add.</summary>
    internal static string? Explanation(DiagnosisContext context)
    {
        var row = Row(context.Cause);
        // Where SO_REUSEADDR decides, that is the answer.
        return row.Kind == CauseKind.Connection && context.DependsOnReuseAddress ? null
            : row.ExplanationOf?.Invoke(context) ?? row.Explanation;
    }

    /// <summary>What the first line adds of a listener: that it is frozen, inherited…</summary>
    internal static string ListenerClause(DiagnosisContext context, Blocker main) =>
        Row(context.Cause).ListenerClause?.Invoke(context, main) ?? "";

    /// <summary>Why the kernel refuses the bind(), without a full stop.</summary>
    internal static string Refusal(DiagnosisContext context) => Row(context.Cause).Refusal?.Invoke(context) ?? Refusals.Unexplained;

    /// <summary>What to do about a refusal; none where a socket is in the way.</summary>
    internal static IEnumerable<Remedy> Remedies(DiagnosisContext context) => Row(context.Cause).Remedies?.Invoke(context) ?? [];

    private static CauseRow Row(Cause cause) =>
        (int)cause < Rows.Length ? Rows[(int)cause]
            : throw new ArgumentOutOfRangeException(nameof(cause), cause, "No cause has that value.");

    private static CauseRow RowOf(Cause cause) => cause switch
    {
        Cause.Free => new("free", CauseKind.Nothing, CauseEnd.Change),
        Cause.Listener => Listener("listener"),
        Cause.DualStackListener => Listener("dual-stack-listener"),
        Cause.SharedListener => Listener("shared-listener"),
        Cause.InheritedDescriptor =>
            Holder("inherited-descriptor", static (_, main) => $", through a descriptor {Summaries.Verb(main, "it", "they")} inherited"),
        Cause.StoppedProcess => Holder("stopped-process", static (_, main) =>
            HoldingReport.IsTraced(main) ? ", but a debugger has stopped it" : $", but {Summaries.Verb(main, "is", "are")} suspended") with
        {
            ExplanationOf = static context => HoldingReport.IsTraced(context.Main)
                ? "A debugger has stopped the process; it keeps its sockets, so clients still connect and get no answer." : null,
            Explanation = "A suspended process (Ctrl+Z, SIGSTOP) keeps its sockets, so clients still connect and get no answer.",
        },
        Cause.FrozenProcess => Holder("frozen-process", static (_, main) => $", but {FrozenCgroup.Label(main.Owners[0])} is frozen") with
        {
            Explanation = "A frozen process (docker pause, systemctl freeze) keeps its sockets: clients connect and get no answer, and it "
                + "handles signals only once it is thawed.",
        },
        Cause.ZombieProcess => Holder("zombie-process", static (_, _) => "; its main thread has ended, another one still runs") with
        {
            Explanation = "The main thread has ended, so ps shows a zombie, but another thread still runs and keeps the descriptors.",
        },
        Cause.SameProgramTwice => Holder("same-program-twice", null) with
        {
            Explanation = "The program that printed this error is already running, and holds the port.",
        },
        Cause.SocketActivation => Holder("socket-activation", Agents.Behalf) with { ExplanationOf = Agents.Explanation },
        Cause.PublishedContainerPort => Holder("published-container-port", Agents.Behalf) with { ExplanationOf = Agents.Explanation },
        Cause.DescriptorInFlight => Holder("descriptor-in-flight", null) with
        {
            ExplanationOf = static context => context.Main is { Flights.Length: > 0 } main ? HoldingReport.InFlight(context, main) : null,
        },
        Cause.HiddenDescriptor => Holder("hidden-descriptor", null) with
        {
            ExplanationOf = static context => context.Main is { } main ? HoldingReport.Hidden(main) : null,
        },
        Cause.OwnerHidden => Holder("owner-hidden", null),
        Cause.KernelSocket => Holder("kernel-socket", null) with
        {
            Explanation = "The kernel opened this socket itself, so there is no process to stop; it closes together with what the kernel "
                + "opened it for.",
        },
        Cause.BoundNotListening => Connection("bound-not-listening", CauseEnd.Connection),
        Cause.TimeWait => Connection("time-wait", CauseEnd.Timer),
        Cause.SurvivingConnection => Connection("surviving-connection", CauseEnd.Connection) with
        {
            Explanation = "The listener that accepted this connection is closed, but the connection is still open and keeps its local "
                + "port.",
        },
        Cause.CloseWait => Connection("close-wait", CauseEnd.Connection),
        Cause.FinWait => Connection("fin-wait", CauseEnd.Timer) with
        {
            EndOf = static diagnosis =>
                diagnosis.Blockers.All(static one => one.Socket.IsWithoutProcess) ? CauseEnd.Timer : CauseEnd.Connection,
            ExplanationOf = static context =>
                context.Main is not { Socket: { SubflowState: not null } socket } ? null : socket.IsWithoutProcess
                ? "This side closed the MPTCP connection (DATA_FIN) and the peer has not; the kernel keeps its TCP subflow open, and "
                    + "resets it 60 s after close()."
                : "This side shut the MPTCP connection down (DATA_FIN) and the peer has not closed; the TCP subflow stays open until both "
                    + "have.",
            Explanation = "This side closed the connection and the peer has not; the kernel waits for its FIN, up to "
                + "net.ipv4.tcp_fin_timeout (60 s by default).",
        },
        Cause.LastAck => Connection("last-ack", CauseEnd.Timer) with
        {
            Explanation = "The peer closed first, this side sent its FIN, and the last acknowledgement has not arrived; the kernel keeps "
                + "retransmitting for up to a few minutes.",
        },
        Cause.OutgoingConnection => Connection("outgoing-connection", CauseEnd.Connection) with
        {
            Explanation = "This host opened the connection, so the port is its source port, which the system picked from the ephemeral "
                + "range or the program chose with bind().",
        },
        Cause.SelfConnection => Connection("self-connection", CauseEnd.Connection) with
        {
            Explanation = "A client that connects to a free port of the ephemeral range can get that very port as its source port and "
                + "connect to itself (simultaneous open).",
        },
        Cause.ReusePortMismatch => Listener("reuseport-mismatch"),
        Cause.UdpSocket => Listener("udp-socket"),
        Cause.UnixSocketFile => Refusal("unix-socket-file", CauseEnd.Change, Refusals.UnreachablePath, RefusalRemedies.OfPath),
        Cause.UnixSocketListener => Listener("unix-socket-listener") with
        {
            ExplanationOf = static context => context.Main is not null ? null
                : "A UNIX path works across network namespaces: connect() reaches its server, though this namespace's table does not show "
                    + "it.",
        },
        Cause.PrivilegedPort => Refusal("privileged-port", CauseEnd.Change, Refusals.PrivilegedPort, PolicyRemedies.Privileged),
        Cause.DeniedByPolicy => Refusal("denied-by-policy", CauseEnd.Change, Refusals.DeniedByPolicy, PolicyRemedies.Of),
        Cause.AddressNotLocal => Refusal("address-not-local", CauseEnd.Address, Refusals.AddressNotLocal, RefusalRemedies.OfAddress),
        Cause.AddressTentative => Refusal("address-tentative", CauseEnd.Address, Refusals.AddressTentative, RefusalRemedies.OfAddress) with
        {
            // Another host has it: that does not end.
            EndOf = static diagnosis => HasFailedDetection(diagnosis) ? CauseEnd.Change : CauseEnd.Address,
        },
        Cause.ScopeMissing => Refusal("scope-missing", CauseEnd.Change, Refusals.ScopeMissing, RefusalRemedies.OfScope),
        Cause.IPv6Disabled =>
            Refusal("ipv6-disabled", CauseEnd.Change, static _ => "IPv6 is switched off here", RefusalRemedies.OfDisabledIPv6),
        Cause.DeviceMismatch => Refusal("device-mismatch", CauseEnd.Change, Refusals.DeviceMismatch, RefusalRemedies.OfDevice) with
        {
            EndOf = static diagnosis => diagnosis.Errno == "ENODEV" ? CauseEnd.Address : CauseEnd.Change,
        },
        Cause.PortsExhausted => Refusal("ports-exhausted", CauseEnd.FreePort, static _ => Refusals.Unexplained, ExhaustionRemedies.Of),
    };

    private static CauseRow Listener(string id) => new(id, CauseKind.Listener, CauseEnd.Listener);

    private static CauseRow Holder(string id, Func<DiagnosisContext, Blocker, string>? listenerClause) =>
        new(id, CauseKind.Holder, CauseEnd.Listener) { ListenerClause = listenerClause };

    private static CauseRow Connection(string id, CauseEnd end) => new(id, CauseKind.Connection, end);

    private static CauseRow Refusal(string id, CauseEnd end, Func<DiagnosisContext, string> reason,
        Func<DiagnosisContext, IEnumerable<Remedy>> remedies) =>
        new(id, CauseKind.Refusal, end) { Refusal = reason, Remedies = remedies };

    private static bool HasFailedDetection(Diagnosis diagnosis) => diagnosis.Target.Address is { } address
        && diagnosis.Interfaces.Any(one => one.Addresses.Any(own => own.Address == address && own.IsDuplicate));
}
