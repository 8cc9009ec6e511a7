using System.Buffers.Text;
using System.Diagnostics;
using System.Text;
using Bindwise.Linux.Callers;
using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;
using Bindwise.Linux.Text;

namespace Bindwise.Linux.NetworkNamespaces;

/// <summary>
/// Which network namespaces there are beside the calling thread's: those of the processes in /proc, a readlinkat() each, and those with a
/// name under /run/netns. Where the link may not be read the files of /proc/PID/net tell namespaces apart: each namespace has its own
/// inodes there (proc_net_ns_init(), fs/proc/proc_net.c).
/// </summary>
internal sealed class NamespaceEnumeration
{
    /// <summary>Further namespaces are counted, not kept.</summary>
    internal const int NamespaceLimit = 256;

    private const int LookAtClockEvery = 64;
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

    /// <summary>/proc showed processes.</summary>
    internal bool HasSeenProcesses { get; private set; }

    /// <summary>Enumerates them.</summary>
    /// <param name="root">Where procfs is mounted.</param>
    /// <param name="names">Where the names stand.</param>
    internal static NamespaceEnumeration Take(string root = "/proc", string names = "/run/netns")
    {
        var enumeration = new NamespaceEnumeration(root);
        if (OpenAt.Open(OpenAt.WorkingDirectory, enumeration._root, out var directory) == Errno.None)
        {
            try
            {
                enumeration.WalkProcesses(directory);
            }
            finally
            {
                CloseDescriptor.Close(directory);
            }
        }
        enumeration.ReadNames(names);
        return enumeration;
    }

    private void WalkProcesses(int directory)
    {
        var pids = new List<int>();
        _ = ProcFile.ListNumbers(directory, ".\0"u8, ProcFile.ProcessLimit, pids);
        HasSeenProcesses = pids.Count > 0;
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < pids.Count; i++)
        {
            if (i % LookAtClockEvery == LookAtClockEvery - 1 && Stopwatch.GetElapsedTime(started) > TimeLimit)
            {
                IsCut = true;
                return;
            }
            Look(directory, pids[i]);
        }
    }

    private void Look(int directory, int pid)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        if (!access.IsAllowed)
            return;
        Span<byte> text = stackalloc byte[64];
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(pid).Append("/ns/net"u8).Terminated();
        var errno = ReadLinkAt.Read(directory, path, text, out var length);
        if (errno == Errno.None)
        {
            if (TryReadInode(text[..length], out var inode) && inode != _ownLink)
                Add(_byLink, inode, inode, pid);
        }
        else if (errno is Errno.EACCES or Errno.EPERM)
        {
            path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(pid).Append("/net/unix"u8).Terminated();
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
        if (OpenAt.Open(OpenAt.WorkingDirectory, Encoding.UTF8.GetBytes(folder + '\0'), out var directory) != Errno.None)
            return;
        try
        {
            var buffer = new byte[32 * 1024];
            for (var names = 0; names < NameLimit && GetDents.Read(directory, buffer, out var length) == Errno.None && length > 0;)
            {
                var entries = new DirectoryEntries(buffer.AsSpan(0, length));
                while (entries.TryNext(out var name) && names++ < NameLimit)
                    AddName(directory, name);
            }
        }
        finally
        {
            CloseDescriptor.Close(directory);
        }
    }

    private void AddName(int directory, ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual(".\0"u8) || name.SequenceEqual("..\0"u8) || StatX.Follow(directory, name, out var status) != Errno.None
            || status.Inode == _ownLink || (status.Mode & FileStatus.KindMask) != FileStatus.KindFile)
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
