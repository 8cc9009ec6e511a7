using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>By what a socket is held where no descriptor of a process shows it, and for whom, in sentences.</summary>
internal static class HoldingReport
{
    /// <summary>The ways that hide the socket.</summary>
    public static string Hidden(Blocker blocker)
    {
        var ways = blocker.Owners.SelectMany(static o => o.Ways).Distinct().Order().Select(way => way switch
        {
            HoldingWay.ThreadTable => "a descriptor in the table of one thread (CLONE_FILES not shared)",
            HoldingWay.IoUring => "io_uring's registered files, which outlive the descriptor",
            HoldingWay.Mapping => "a memory mapping of the socket (mmap()), which outlives its descriptor",
            HoldingWay.SystemCall => $"a system call that has not returned{Calls(blocker)}, although its descriptor is closed",
            HoldingWay.IoUringRequest => "a request of io_uring that has not ended, although its descriptor is closed",
            HoldingWay.AioRequest => "a request of AIO (io_submit()) that has not ended, although its descriptor is closed",
            _ => null,
        }).OfType<string>().ToList();
        var probably = IsOnlyInferred(blocker) ? "probably " : "";
        return $"The socket is {probably}held by "
            + $"{(ways.Count == 0 ? "something other than a descriptor" : string.Join(", and by ", ways))}, so /proc/PID/fd, ss, lsof and "
            + "fuser do not show it.";
    }

    /// <summary>Nothing names its holders: they only fit.</summary>
    public static bool IsOnlyInferred(Blocker blocker) =>
        !blocker.Owners.IsEmpty && blocker.Owners.All(static o => o.Role == OwnerRole.Candidate);

    /// <summary>Why a holder is told that nothing names.</summary>
    public static string Inferred(DiagnosisContext context, Blocker blocker)
    {
        var names = blocker.Owners.Select(static o => ProcessNames.Short(o.Process)).ToList();
        var root = context.Snapshot.Caller.UserId != 0 ? " Run with sudo: root can ask the socket itself." : "";
        return names.Count == 1
            ? $"No descriptor names the socket {blocker.Socket.Local}. That {names[0]} holds it is inferred: it uses a file whose "
                + $"descriptor is closed, in a way that matches this socket, and no other process that could be inspected does.{root}"
            : $"No descriptor names the socket {blocker.Socket.Local}. {Wording.List(names)} each use a file whose descriptor is closed, "
                + $"in a way that matches this socket; probably one of them holds it.{root}";
    }

    private static string Calls(Blocker blocker)
    {
        var names = blocker.Owners.Select(static o => o.Call).OfType<string>().Distinct(StringComparer.Ordinal)
            .Select(static name => name + "()").ToList();
        return names.Count == 0 ? "" : $" ({string.Join(", ", names)})";
    }

    /// <summary>A debugger has stopped the process that holds the socket.</summary>
    public static bool IsTraced(Blocker? blocker) => blocker is { Owners: [{ Process.State: 't' }, ..] };

    /// <summary>Nobody who holds it runs: all of them are suspended, frozen or stopped by a debugger.</summary>
    public static bool IsHalted(Blocker blocker) =>
        !blocker.Owners.IsEmpty && blocker.Owners.All(static owner => owner.Process is { Freeze: not null } or { State: 'T' or 't' });

    /// <summary>
    /// Those of a group of listeners that do not run, a clause; null for none. The kernel gives them their share all the same.
    /// </summary>
    public static string? Halted(List<Blocker> group)
    {
        var halted = group.FindAll(IsHalted);
        if (halted.Count == 0)
            return null;
        var owners = halted.SelectMany(static one => one.Owners.Take(1)).ToList();
        var how = owners.TrueForAll(static owner => owner.Process.Freeze is not null) ? "frozen"
            : owners.TrueForAll(static owner => owner.Process.State == 'T') ? "suspended" : "stopped";
        return halted.Count == group.Count ? $", but {(halted.Count == 2 ? "both" : "all of them")} are {how}"
            : $", but {ProcessNames.Of(owners, "")} {(owners.Count == 1 ? "is" : "are")} {how}, and clients that get there have no answer";
    }

    /// <summary>Nobody has the socket: it is on its way to those who are named as its owners, if any is.</summary>
    public static bool IsOnlyInFlight(Blocker blocker) =>
        !blocker.Flights.IsEmpty && blocker.Owners.All(static o => o.Role == OwnerRole.Receiver);

    /// <summary>The summary's part about such a socket.</summary>
    public static string Waiting(Blocker blocker)
    {
        var socket = blocker.Socket;
        var verb = socket.State switch
        {
            TcpSocketState.Listen => "listens on",
            TcpSocketState.Bound => "is bound to",
            _ => "has",
        };
        return $"a socket that waits to be received{(blocker.Owners.IsEmpty ? "" : $" by {ProcessNames.Of(blocker.Owners, "")}")} {verb} "
            + (socket.Path is { } path ? path : socket.Local.ToString());
    }

    /// <summary>Where a socket in flight waits, and who sent it.</summary>
    public static string InFlight(DiagnosisContext context, Blocker blocker)
    {
        var inFlight = blocker.Flights[0];
        var receivers = blocker.Owners.Where(static o => o.Role == OwnerRole.Receiver).ToList();
        var holding = receivers.Count == 0 ? "which no visible process holds"
            : "which " + ProcessNames.Of(receivers, "") + (receivers.Count == 1 ? " has" : " have") + " open";
        var where = inFlight.IsUnaccepted
            ? $"in a connection that waits to be accepted at a listening UNIX socket, {holding}"
            : $"in the queue of a UNIX socket, {holding}";
        return $"The descriptor was sent to another process (SCM_RIGHTS) and has not been received yet: it waits {where}. "
            + $"{Sender(context, inFlight)}";
    }

    public static IEnumerable<Remedy> InFlightRemedies(DiagnosisContext context, Blocker blocker)
    {
        var inFlight = blocker.Flights[0];
        if (blocker.Owners is not [{ Process: var receiver }, ..])
            yield break;
        if (receiver.State == 'T')
        {
            yield return Remedy.Of("continue-process", $"Resume {ProcessNames.Short(receiver)}, which has to receive it.",
                $"{RunAs.OwnerOf(context, receiver)}kill -CONT {receiver.Id}", "it runs again", "none");
        }
        yield return Remedy.Of(
            "receive-descriptor",
            inFlight.IsUnaccepted
                ? $"Let {ProcessNames.Short(receiver)} accept the connection on its UNIX socket and receive the descriptor (recvmsg()); if "
                    + "it never will, stop it."
                : $"Let {ProcessNames.Short(receiver)} receive the descriptor from its UNIX socket (recvmsg()); if it never will, stop it.",
            null, "the receiver then has the socket, and can serve or close it", "none");
    }

    /// <summary>Nobody was found although all could be looked into: what was ruled out, and what may still be.</summary>
    public static string NotFound(DiagnosisContext context)
    {
        var snapshot = context.Snapshot;
        var waiting = snapshot.DescriptorsInFlight.Count(static inFlight => inFlight.Carried == 0);
        if (waiting > 0 && !snapshot.Coverage.QueuesRead)
            return $"No process shows the descriptor, and descriptors wait in the queues of UNIX sockets of "
                + $"{Wording.Count(waiting, "process", "processes")}: it may be one of them.";
        var queues = snapshot.Coverage.QueuesRead ? ", and it waits in no queue of the UNIX sockets that could be inspected" : "";
        if (KernelLimits.IsOfProgram(context) && snapshot.Caller.InInitialPidNamespace != Fact.No)
            return $"No process shows the descriptor{queues}. The kernel did not open this socket for itself: a program did, and holds it "
                + "in a way that is not visible here, such as from another PID namespace.";
        return snapshot.Caller.InInitialPidNamespace == Fact.No
            ? $"No process of this PID namespace holds it{queues}: bindwise runs in a container or similar, and the holder is probably "
                + $"outside. Run bindwise why {context.Question} on the host."
            : $"No process shows the descriptor{queues}: the kernel itself may hold it"
                + $"{(snapshot.Caller.InInitialPidNamespace == Fact.Yes ? "" : ", or a process in another PID namespace")}.";
    }

    /// <summary>The hint of a socket without a visible owner, named as such; null when there is none.</summary>
    public static string? Hint(Blocker blocker)
    {
        if (blocker.Hint is not { } hint || !blocker.Owners.IsEmpty)
            return null;
        var parts = new List<string>();
        if (hint.IsOutsideUser)
            parts.Add("by a user outside this user namespace");
        else if (hint.UserName is { } name)
            parts.Add("by user " + name);
        else if (blocker.Socket.UserId is { } id)
            parts.Add("by uid " + Wording.Number(id));
        if (hint.Container is { } container)
            parts.Add("in container " + ContainerRecord.ShortId(container));
        else if (hint.Unit is { } unit)
            parts.Add("in unit " + unit);
        else if (hint.Cgroup is { } cgroup)
            parts.Add("in cgroup " + cgroup);
        return parts.Count == 0 ? null
            : $"A hint, not proof: the socket {blocker.Socket.Path ?? blocker.Socket.Local.ToString()} was created "
                + $"{string.Join(" ", parts)}, and may have been passed on since.";
    }

    private static string Sender(DiagnosisContext context, ScmRightsInFlight inFlight)
    {
        var senders = inFlight.Senders.Select(context.Holders.ProcessOf).OfType<ProcessRecord>().Select(ProcessNames.Short)
            .ToImmutableArray();
        if (!senders.IsEmpty)
            return $"The sending end is open in {Wording.List(senders)}.";
        return inFlight.SenderInode != 0 ? "No visible process holds the sending end."
            : inFlight.Carried != 0 && context.Snapshot.Coverage.QueuesRead ? "The sending end is closed." : "Its sender is not known.";
    }

    /// <summary>
    /// The interfaces to which its sockets at this address are bound (SO_BINDTODEVICE): a part of the first line, empty for none.
    /// </summary>
    public static string OnDevice(DiagnosisContext context, Blocker main)
    {
        var indexes = context.Blockers.Where(b => IsBesideOnAddress(b, main)).Select(static b => b.Socket.DeviceIndex)
            .Append(main.Socket.DeviceIndex).Distinct().ToList();
        var names = context.Snapshot.Interfaces.Where(i => indexes.Contains(i.Index)).Select(static i => i.Name)
            .Order(StringComparer.Ordinal).ToList();
        return indexes.Contains(0u) || names.Count < indexes.Count ? ""
            : $", on {(names.Count == 1 ? "interface" : "interfaces")} {Wording.List(names)} only";
    }

    // A server may bind one socket to each of several interfaces: to tell of one of them alone would be wrong.
    private static bool IsBesideOnAddress(Blocker other, Blocker main) =>
        (other.Socket.Protocol, other.Socket.State, other.Socket.Local) == (main.Socket.Protocol, main.Socket.State, main.Socket.Local)
            && other.Owners.FirstOrDefault()?.Process.Id == main.Owners.FirstOrDefault()?.Process.Id;

    /// <summary>For whom a service manager or an engine's proxy holds it: a part of the first line, empty for all others.</summary>
    public static string Behalf(DiagnosisContext context, Blocker main)
    {
        if (context.Cause == Cause.SocketActivation)
        {
            return UnitOf(main) is not { } unit ? ", on behalf of a service"
                : unit.Others.IsEmpty ? $", on behalf of {unit.Service} ({unit.Name})"
                : $", on behalf of {string.Join(" or ", unit.Others.Prepend(unit.Name))}";
        }
        if (context.Cause != Cause.PublishedContainerPort)
            return "";
        return ContainerOf(main) is not { Container: { } container } origin ? ", for a container"
            : $", for {NameOf(container)}{Inside(container)}"
                + (origin.Compose is { } compose ? $" of compose project {compose.Project}" : "");
    }

    /// <summary>The same in a sentence, with the service or the container named where it is known.</summary>
    public static string? OnBehalf(DiagnosisContext context)
    {
        if (context.Main is not { } main)
            return null;
        if (context.Cause == Cause.SocketActivation)
        {
            return UnitOf(main) is { Others.IsEmpty: true } unit
                ? $"systemd holds the socket for {unit.Name}, and starts {unit.Service} when a client connects."
                : "The service manager holds the socket for a service, and starts the service when a client connects.";
        }
        return ContainerOf(main) is { Container: { } container }
            ? $"{Wording.Sentence(container.Engine ?? "an engine")} publishes a port of {NameOf(container)} on this host; the server "
                + "itself runs in the container."
            : "A container engine publishes a container's port on this host; the server itself runs in the container.";
    }

    private static SocketUnitUse? UnitOf(Blocker main) =>
        main.Owners.Select(static o => o.StartedFrom?.SocketUnit).FirstOrDefault(static u => u is not null);

    private static ProcessProvenance? ContainerOf(Blocker main) =>
        main.Owners.Select(static o => o.StartedFrom).FirstOrDefault(static o => o?.Container is not null);

    private static string NameOf(ContainerUse container) => $"container {container.Name ?? ContainerRecord.ShortId(container.Id)}";

    private static string Inside(ContainerUse container) => container.Port is { } port ? $" (port {Wording.Number(port)} in it)" : "";
}
