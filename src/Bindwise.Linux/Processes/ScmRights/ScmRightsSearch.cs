using System.Text;
using Bindwise.Linux.Bpf;
using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;
using Bindwise.Linux.Processes.TaskFiles;

namespace Bindwise.Linux.Processes.ScmRights;

/// <summary>
/// Finds sockets that wait in the queues of UNIX sockets, by the kernel's own walk over all UNIX sockets (bpf_iter_unix, net/unix/af_unix.c):
/// those of the caller's network namespace first, and where they do not hold all that is looked for, those of the other processes' too.
/// </summary>
internal static class ScmRightsSearch
{
    /// <summary>The most network namespaces beside the caller's that are looked into.</summary>
    internal const int NamespaceLimit = 64;

    private const int LinkBytes = 64;

    private const int StackBytes = 256 * 1024;

    /// <summary>Searches.</summary>
    /// <param name="procDirectory">An open /proc.</param>
    /// <param name="wanted">The inodes of the sockets.</param>
    /// <param name="pids">The processes whose network namespaces count.</param>
    /// <param name="isCut">A queue was longer than the program looks, or there are more namespaces.</param>
    /// <returns>What was found; null when the kernel does not let us look.</returns>
    internal static List<ScmRightsRow>? Find(int procDirectory, InodeSet wanted, IReadOnlyList<int> pids, out bool isCut)
    {
        isCut = false;
        if (!TaskFileIterator.IsAllowed() || ScmRightsLayout.OfThisKernel() is not { } layout)
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
        if (wanted.Without(found.Select(static flight => flight.Carried)).Count != 0)
            found.AddRange(WalkElsewhere(procDirectory, pids, program, layout, wanted, ref isCut));
        isCut |= found.RemoveAll(static flight => flight.Carried == 0) > 0;
        return found;
    }

    private static List<ScmRightsRow>? Walk(ulong[] program, ScmRightsLayout layout, InodeSet wanted) =>
        KernelIterator.Walk<ScmRightsRow>(program, layout.Function, flight => flight.Carried == 0 || wanted.Contains(flight.Carried));

    private static List<ScmRightsRow> WalkElsewhere(
        int procDirectory, IReadOnlyList<int> pids, ulong[] program, ScmRightsLayout layout, InodeSet wanted, ref bool isCut)
    {
        var namespaces = OtherNamespaces(procDirectory, pids);
        var found = new List<ScmRightsRow>();
        if (namespaces.Count == 0)
            return found;
        var unseen = Math.Max(0, namespaces.Count - NamespaceLimit);
        // A thread that ends with the search: one that cannot come back must not be used for anything else.
        var thread = new Thread(() =>
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
        }, StackBytes)
        {
            IsBackground = true,
            Name = "flight search",
        };
        try
        {
            thread.Start();
            thread.Join();
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            unseen = namespaces.Count;
        }

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
        return ReadLinkAt.Read(procDirectory, pathNul, link, out var length) == Errno.None ? Encoding.ASCII.GetString(link[..length]) : null;
    }

    private static Errno Enter(int pid)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        if (!access.IsAllowed)
            return Errno.ETIMEDOUT;
        Span<byte> path = stackalloc byte[PathWriter.SizeBytes];
        var errno = NamespaceCall.Open(new PathWriter(path).Append("/proc/"u8).Append(pid).Append("/ns/net"u8).Terminated(), out var network);
        using (network)
            return errno == Errno.None ? NetworkNamespaceCall.Enter(network) : errno;
    }
}
