using System.Buffers.Text;
using System.Diagnostics;
using Bindwise.Linux.Callers;
using Bindwise.Linux.Processes.TaskFiles;
using Bindwise.Linux.Text;

namespace Bindwise.Linux.NetworkNamespaces;

/// <summary>
/// Which network namespaces there are beside the calling thread's: those of the processes, and those with a name under /run/netns. On a
/// busy host one walk of the kernel's own tells those of the processes (<see cref="TaskNetworks"/>), else a readlinkat() each. Where the
/// link may not be read the files of /proc/PID/net tell namespaces apart: each namespace has its own
/// inodes there (proc_net_ns_init(), fs/proc/proc_net.c).
/// </summary>
internal sealed class NamespaceEnumeration
{
    /// <summary>Further namespaces are counted, not kept.</summary>
    internal const int NamespaceLimit = 256;

    private const int CheckClockEvery = 64;
    private const int NameLimit = 1024;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromMilliseconds(60);

    private readonly Dictionary<ulong, ForeignNetwork> _byLink = [];
    private readonly Dictionary<ulong, ForeignNetwork> _byFile = [];
    private readonly ulong _ownLink;
    private readonly ulong _ownFile;
    private readonly byte[] _root;

    private NamespaceEnumeration(string root)
    {
        _root = Encoding.UTF8.GetBytes(root + '\0');
        _ownLink = NamespaceId.Of("/proc/thread-self/ns/net\0"u8)?.Inode ?? 0;
        _ownFile = NamespaceId.Of("/proc/thread-self/net/unix\0"u8)?.Inode ?? 0;
    }

    /// <summary>The namespaces; those that may be looked at first.</summary>
    internal IEnumerable<ForeignNetwork> Networks => _byLink.Values.Concat(_byFile.Values);

    /// <summary>Processes were left out, for the time or for the number of namespaces.</summary>
    internal bool IsCut { get; private set; }

    internal bool HasSeenProcesses { get; private set; }

    /// <param name="walkFrom">From how many processes on the kernel's own walk is tried.</param>
    /// <param name="limit">How long the links are read; null for as long as a question may be held up by it.</param>
    internal static NamespaceEnumeration Take(string root = "/proc", string names = "/run/netns",
        int walkFrom = TaskFileSearch.WorthwhileProcesses, TimeSpan? limit = null)
    {
        var enumeration = new NamespaceEnumeration(root);
        using (var directory = OpenAt.TryOpen(enumeration._root))
        {
            if (directory is not null)
                enumeration.WalkProcesses(directory.Number, walkFrom, limit ?? TimeLimit);
        }
        enumeration.ReadNames(names);
        return enumeration;
    }

    /// <summary>
    /// Nothing keeps a namespace any more: it has no name, and its processes have ended, or gone elsewhere. Of one with more processes than
    /// are kept that is not known.
    /// </summary>
    internal static bool HasEnded(ForeignNetwork network)
    {
        if (network.Name is not null || network.Processes.Count is 0 or ForeignNetwork.ProcessLimit)
            return false;
        using var directory = OpenAt.TryOpen("/proc\0"u8);
        return directory is not null && network.Processes.TrueForAll(pid => LinkOf(directory.Number, pid, out var link) switch
        {
            Errno.None => link != network.Inode,
            var errno => errno is Errno.ENOENT or Errno.ESRCH,
        });
    }

    private void WalkProcesses(int directory, int walkFrom, TimeSpan limit)
    {
        // Their numbers are told, and entered by (nsenter -t).
        if (!ProcMountReader.IsOwn)
            return;
        var pids = new List<int>();
        _ = ProcFile.ListNumbers(directory, ".\0"u8, ProcFile.ProcessLimit, pids);
        HasSeenProcesses = pids.Count > 0;
        if (pids.Count >= walkFrom && TryWalkTasks(directory))
            return;
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < pids.Count; i++)
        {
            if (i % CheckClockEvery == CheckClockEvery - 1 && Stopwatch.GetElapsedTime(started) > limit)
            {
                IsCut = true;
                return;
            }
            ReadLink(directory, pids[i]);
        }
    }

    /// <summary>By the kernel's own walk. A namespace that no link of its processes confirms is left out.</summary>
    /// <returns>False where the walk is not to be had: then nothing was added.</returns>
    private bool TryWalkTasks(int directory)
    {
        if (TaskNetworks.Read(directory) is not { } tasks)
            return false;
        foreach (var task in tasks)
        {
            if (task.Network != _ownLink)
                Add(_byLink, task.Network, task.Network, task.ProcessId);
        }
        foreach (var (inode, network) in _byLink)
        {
            if (!network.Processes.Exists(pid => IsIn(directory, pid, inode)))
                _byLink.Remove(inode);
        }
        return true;
    }

    private static bool IsIn(int directory, int pid, ulong inode)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        return access.IsAllowed && LinkOf(directory, pid, out var link) == Errno.None && link == inode;
    }

    private static Errno LinkOf(int directory, int pid, out ulong inode)
    {
        inode = 0;
        Span<byte> text = stackalloc byte[64];
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(pid).Append("/ns/net"u8).Terminated();
        var errno = ReadLinkAt.Read(directory, path, text, out var length);
        return errno == Errno.None && !TryReadInode(text[..length], out inode) ? Errno.EINVAL : errno;
    }

    private void ReadLink(int directory, int pid)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        if (!access.IsAllowed)
            return;
        var errno = LinkOf(directory, pid, out var inode);
        if (errno == Errno.None)
        {
            if (inode != _ownLink)
                Add(_byLink, inode, inode, pid);
        }
        else if (errno is Errno.EACCES or Errno.EPERM)
        {
            var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(pid).Append("/net/unix"u8).Terminated();
            if (StatX.Follow(directory, path, out var status) == Errno.None && status.Inode != _ownFile && _ownFile != 0)
                Add(_byFile, status.Inode, 0, pid);
        }
    }

    private void Add(Dictionary<ulong, ForeignNetwork> known, ulong key, ulong inode, int pid)
    {
        if (!known.TryGetValue(key, out var network))
        {
            if (known.Count >= NamespaceLimit)
            {
                IsCut = true;
                return;
            }
            known.Add(key, network = new ForeignNetwork(inode));
        }
        if (network.Processes.Count < ForeignNetwork.ProcessLimit)
            network.Processes.Add(pid);
    }

    // "net:[4026531840]"
    private static bool TryReadInode(ReadOnlySpan<byte> link, out ulong inode)
    {
        inode = 0;
        return link.StartsWith("net:["u8) && Utf8Parser.TryParse(link[5..], out inode, out var used)
            && link[(5 + used)..].SequenceEqual("]"u8);
    }

    private void ReadNames(string folder)
    {
        using var directory = OpenAt.TryOpen(Encoding.UTF8.GetBytes(folder + '\0'));
        if (directory is null || StatX.OfDescriptor(directory.Number, out var itself) != Errno.None)
            return;
        var buffer = new byte[32 * 1024];
        for (var names = 0; names < NameLimit && GetDents.Read(directory.Number, buffer, out var length) == Errno.None && length > 0;)
        {
            var entries = new DirectoryEntries(buffer.AsSpan(0, length));
            while (entries.TryNext(out var name) && names++ < NameLimit)
                AddName(directory.Number, itself.Device, name);
        }
    }

    private void AddName(int directory, ulong device, ReadOnlySpan<byte> name)
    {
        // A file of the folder itself is one over which nothing is mounted here: what "ip netns add" leaves in another mount namespace.
        if (name.SequenceEqual(".\0"u8) || name.SequenceEqual("..\0"u8) || StatX.Follow(directory, name, out var status) != Errno.None
            || status.Inode == _ownLink || status.Kind != FileStatus.KindFile || status.Device == device)
            return;
        if (!_byLink.TryGetValue(status.Inode, out var network))
        {
            if (_byLink.Count >= NamespaceLimit)
                return;
            _byLink.Add(status.Inode, network = new ForeignNetwork(status.Inode));
        }
        network.Name ??= KernelText.Decode(name[..^1]);
    }
}
