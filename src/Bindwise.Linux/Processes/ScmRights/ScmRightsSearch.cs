using System.Runtime.InteropServices;
using Bindwise.Linux.Bpf;

namespace Bindwise.Linux.Processes.ScmRights;

/// <summary>
/// Finds sockets that wait in the queues of UNIX sockets, by the kernel's own walk over all UNIX sockets (bpf_iter_unix,
/// net/unix/af_unix.c): those of the caller's network namespace first, and where they do not hold all that
/// is looked for, those of the other processes' too.
/// </summary>
internal static class ScmRightsSearch
{
    /// <summary>The most network namespaces beside the caller's that are looked into.</summary>
    internal const int NamespaceLimit = 64;

    private const int LinkBytes = 64;
    private const int StackBytes = 256 * 1024;

    /// <param name="pids">The processes whose network namespaces count.</param>
    /// <param name="isCut">A queue was longer than the program looks, or there are more namespaces.</param>
    /// <returns>What was found; null when the kernel does not let us look.</returns>
    internal static List<ScmRightsRow>? Find(int procDirectory, InodeSet wanted, IReadOnlyList<int> pids, out bool isCut)
    {
        isCut = false;
        if (!KernelIterator.IsAllowed() || ScmRightsLayout.OfThisKernel() is not { } layout)
            return null;
        var program = ScmRightsProgram.Write(layout, wanted, isCounted: false);
        var found = Walk(program, layout, wanted);
        if (found is null)
        {
            program = ScmRightsProgram.Write(layout, wanted, isCounted: true);
            found = Walk(program, layout, wanted);
        }
        if (found is null)
            return null;
        if (wanted.Without(found.Select(static row => row.Carried)).Count != 0)
            found.AddRange(WalkElsewhere(procDirectory, pids, program, layout, wanted, ref isCut));
        isCut |= found.RemoveAll(static row => row.Carried == 0) > 0;
        return found;
    }

    private static List<ScmRightsRow>? Walk(ulong[] program, ScmRightsLayout layout, InodeSet wanted) =>
        KernelIterator.Walk<ScmRightsRow>(program, layout.Function, row => row.Carried == 0 || wanted.Contains(row.Carried));

    private static List<ScmRightsRow> WalkElsewhere(
        int procDirectory, IReadOnlyList<int> pids, ulong[] program, ScmRightsLayout layout, InodeSet wanted, ref bool isCut)
    {
        var namespaces = OtherNamespaces(procDirectory, pids);
        var found = new List<ScmRightsRow>();
        if (namespaces.Count == 0)
            return found;
        var unseen = Math.Max(0, namespaces.Count - NamespaceLimit);
        // A thread that ends with the search: one that cannot come back must not be used for anything else.
        var thread = BackgroundThread.Begin("flight search", () =>
        {
            foreach (var (pid, name) in namespaces.Take(NamespaceLimit))
            {
                var errno = Enter(pid);
                // That process has ended; where no other is in its namespace, that has ended too, and all of its queues.
                if (errno is Errno.ENOENT or Errno.ESRCH)
                {
                    if (pids.FirstOrDefault(other => other != pid && NameOf(procDirectory, other) == name) is not (> 0 and var other))
                        continue;
                    errno = Enter(other);
                }
                if (errno == Errno.None && Walk(program, layout, wanted) is { } here)
                    found.AddRange(here);
                else
                    unseen++;
            }
        }, StackBytes);
        thread?.Join();
        if (thread is null)
            unseen = namespaces.Count;

        isCut |= unseen > 0;
        return found;
    }

    // One process of each network namespace that is not the caller's, and the namespace's name, as net:[4026531840].
    private static List<(int Pid, string Name)> OtherNamespaces(int procDirectory, IReadOnlyList<int> pids)
    {
        var others = new List<(int Pid, string Name)>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        if (NameAt(procDirectory, "thread-self/ns/net\0"u8) is { } own)
            known.Add(own);
        foreach (var pid in pids)
        {
            if (NameOf(procDirectory, pid) is { } name && known.Add(name))
                others.Add((pid, name));
        }

        return others;
    }

    private static string? NameOf(int procDirectory, int pid)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        Span<byte> room = stackalloc byte[PathWriter.SizeBytes];
        return !access.IsAllowed ? null : NameAt(procDirectory, new PathWriter(room).Append(pid).Append("/ns/net"u8).Terminated());
    }

    private static string? NameAt(int procDirectory, ReadOnlySpan<byte> pathNul)
    {
        Span<byte> link = stackalloc byte[LinkBytes];
        return ReadLinkAt.Read(procDirectory, pathNul, link, out var length) == Errno.None ? Encoding.ASCII.GetString(link[..length])
            : null;
    }

    private static Errno Enter(int pid)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        if (!access.IsAllowed)
            return Errno.ETIMEDOUT;
        Span<byte> path = stackalloc byte[PathWriter.SizeBytes];
        var errno = NamespaceCall.Open(new PathWriter(path).Append("/proc/"u8).Append(pid).Append("/ns/net"u8).Terminated(),
            out var network);
        using (network)
            return errno == Errno.None ? NetworkNamespaceCall.Enter(network) : errno;
    }
}

/// <summary>What the program writes for a socket that waits in the queue of a UNIX socket, all by inode.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct ScmRightsRow
{
    internal const int SizeBytes = 40;

    /// <summary>The socket that waits; 0: the queue is longer than the program looks.</summary>
    internal ulong Carried { get; init; }

    /// <summary>The socket in whose queue it waits; 0 for a connection that is not accepted yet.</summary>
    internal ulong Receiver { get; init; }

    /// <summary>The listening socket at which that connection waits; 0 for others.</summary>
    internal ulong Listener { get; init; }

    /// <summary>The socket by which it was sent; 0 when that is closed.</summary>
    internal ulong Sender { get; init; }

    /// <summary>The user who sent it, as the initial user namespace numbers users.</summary>
    internal uint User { get; init; }

    private readonly uint _padding;
}

/// <summary>
/// Where the kernel's walk is not to be had: looks at the first message in the queues in which descriptors wait, without taking it
/// (<see cref="PeekCall"/>). Tells of a socket that it is there; never that it is nowhere.
/// </summary>
internal static class ScmRightsPeek
{
    internal const int QueueLimit = 64;

    /// <param name="waiting">Where descriptors wait; listening sockets, whose connections cannot be
    /// peeked at, fail and are passed over.</param>
    /// <returns>The queues in which one of them was seen.</returns>
    internal static List<ScmRightsInFlight> Find(IEnumerable<ScmRightsInFlight> waiting, InodeSet wanted)
    {
        var found = new List<ScmRightsInFlight>();
        Span<ulong> inodes = stackalloc ulong[PeekCall.MaximumDescriptors];
        foreach (var queue in waiting.Where(static queue => queue.ProcessId != 0).Take(QueueLimit))
        {
            using var access = ForeignAccess.To(ForeignKind.Process, queue.ProcessId);
            if (!access.IsAllowed)
                continue;
            var errno = PidFdGetFd.OpenProcess(queue.ProcessId, 0, out var process);
            using (process)
            {
                if (errno != Errno.None || PeekCall.Sockets(process, queue.Descriptor, inodes, out var count) != Errno.None)
                    continue;
                foreach (var inode in inodes[..count])
                {
                    if (wanted.Contains(inode))
                        found.Add(queue with { Carried = inode });
                }
            }
        }

        return found;
    }
}
