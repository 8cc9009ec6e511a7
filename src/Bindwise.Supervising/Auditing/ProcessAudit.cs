using Bindwise.Linux.Callers;
using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Proc;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Auditing;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Snippets;

namespace Bindwise.Supervising.Auditing;

/// <summary>What can be told of a process that runs already, without tracing it: its listening sockets as they are now.</summary>
internal static class ProcessAudit
{
    private const int Unaudited = 2;

    /// <exception cref="AuditException">It cannot be looked at.</exception>
    public static AuditRecord Take(int process) => BoundedRun.Run(_ => Inspect(process), CancellationToken.None);

    private static AuditRecord Inspect(int process)
    {
        if (ProcMountReader.Fault is { } fault)
            throw Refused(fault);
        var errno = PidFdGetFd.OpenProcess(process, 0, out var handle);
        using (handle)
        {
            if (errno is not (Errno.None or Errno.ESRCH or Errno.EINVAL))
                throw Refused($"the kernel refuses pidfd_open ({errno})");
            if (errno != Errno.None || new ProcessReader(static _ => null).Read(process) is not { } record)
                throw Refused("there is no such process");
            // Of one whose first thread alone is gone, /proc says the same.
            if (PollCall.WaitUntilReadable(handle, 0))
                throw Refused("it has ended (a zombie, until its parent has asked for its exit code)");
            if (NetworkOf(process) is not { } network)
                throw Refused("it is another user's (run this as root)");
            if (network != NamespaceId.Of("/proc/self/ns/net\0"u8))
                throw Refused(string.Create(CultureInfo.InvariantCulture,
                    $"it is in another network namespace (nsenter --net --target {process} enters it)"));
            using var table = TableReader.TryOpen();
            using var client = SockDiagClient.TryOpen();
            if (table is null || client is null)
                throw new AuditException("cannot audit: this kernel does not show its sockets (sock_diag)", Unaudited);
            return Examine(record with { BuiltFor = ExecutableMarks.Of(record) }, handle, client, table);
        }

        AuditException Refused(string why) =>
            new(string.Create(CultureInfo.InvariantCulture, $"cannot audit process {process}: {why}"), Unaudited);
    }

    private static AuditRecord Examine(ProcessRecord process, SafeFileDescriptor handle, SockDiagClient client, TableReader table)
    {
        var sockets = new List<HeldSocket>();
        var isWhole = client.ReadEverything(sockets).IsComplete;
        var listening = sockets.Where(static one => one is { Protocol: Protocol.Tcp, State: TcpSocketState.Listen, Inode: not 0 })
            .DistinctBy(static one => one.Inode).ToDictionary(static one => one.Inode);
        var open = InheritedSockets.Sockets(process.Id).Where(one => listening.ContainsKey(one.Inode)).DistinctBy(static one => one.Inode)
            .ToList();
        var (events, isHidden) = (new List<AuditEvent>(), false);
        foreach (var (descriptor, inode) in open)
        {
            var held = listening[inode];
            var errno = PidFdGetFd.Copy(handle, descriptor, out var copy);
            using (copy)
            {
                isHidden |= errno != Errno.None;
                events.Add(About(process) with
                {
                    Act = AuditAct.Listen,
                    Socket = held.Cookie,
                    Protocol = Protocol.Tcp,
                    Family = held.Family,
                    Local = held.Local,
                    Options = errno == Errno.None && TrappedSocket.Of(copy) is { } socket ? SocketOptions.Options(socket) : default,
                });
            }
        }
        events.AddRange(Heirs(process, open, listening));
        var ports = open.Select(one => listening[one.Inode].Local.Port).ToHashSet();
        var queues = table.Queues();
        return new AuditRecord
        {
            Command = string.Create(CultureInfo.InvariantCulture, $"{process.Name} (pid {process.Id})"),
            Events = [.. events],
            Settings = PortSettings.Read(),
            Connections =
            [
                .. sockets.Where(one => one.Protocol == Protocol.Tcp && one.Remote.Port != 0 && ports.Contains(one.Local.Port))
                    .GroupBy(static one => one.Local)
                    .Select(static group =>
                        new EndedConnections(group.Key, group.Count(), group.Count(static one => one.State == TcpSocketState.TimeWait))),
            ],
            OtherListeners = [.. listening.Values.Select(static one => one.Local).Where(one => ports.Contains(one.Port))],
            Queues = [.. open.Select(one => listening[one.Inode].Cookie).Where(queues.ContainsKey)
                .Select(cookie => new QueueTally(cookie, queues[cookie].Limit, queues[cookie].Waiting, queues[cookie].Drops))],
            Inheritable = [.. open.Where(one => one.Descriptor > 2 && !InheritedSockets.IsClosedOnExec(process.Id, one.Descriptor))
                .Select(one => new PassedListener(one.Descriptor, listening[one.Inode].Cookie, listening[one.Inode].Local))],
            End = AuditEnd.Running,
            Unseen =
            [
                "of a process that runs already, only its listening TCP sockets are seen, as they are now: not when options were set, nor "
                    + "what it did before",
                .. isWhole ? Array.Empty<string>() : ["this host has more sockets than were read: some of its own may be missing"],
                .. isHidden ? ["the options of some of its sockets cannot be read (pidfd_getfd)"] : Array.Empty<string>(),
            ],
        };
    }

    // Another program that runs below it and has its socket: it got it by execve().
    private static IEnumerable<AuditEvent> Heirs(ProcessRecord process, List<(int Descriptor, ulong Inode)> open,
        Dictionary<ulong, HeldSocket> listening)
    {
        if (open.Count == 0 || ProcessPaths.Link(process.Id, "exe") is not { } own)
            yield break;
        var reader = new ProcessReader(static _ => null);
        foreach (var child in Descendants.Of(process.Id))
        {
            if (ProcessPaths.Link(child, "exe") is not { } file || file == own || reader.Read(child) is not { } heir)
                continue;
            var has = InheritedSockets.Sockets(child).Where(one => one.Descriptor > 2 && open.Exists(other => other == one)).Select(
                one => new PassedListener(one.Descriptor, listening[one.Inode].Cookie, listening[one.Inode].Local)).ToImmutableArray();
            if (!has.IsEmpty)
                yield return About(heir) with { Act = AuditAct.Execute, File = file, Inherits = has };
        }
    }

    private static AuditEvent About(ProcessRecord process) => new()
    {
        At = TimeSpan.Zero,
        Act = AuditAct.Listen,
        Process = process.Id,
        Program = process.Name,
        Language = RuntimeSigns.OrWordless(process),
        Packaged = PackagedServers.NameOf(process),
    };

    private static NamespaceId? NetworkOf(int process) =>
        NamespaceId.Of(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/ns/net\0")));
}
