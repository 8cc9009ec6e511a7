using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Processes;

/// <summary>
/// Where a socket can be that no process shows among its descriptors: registered with an io_uring, or on its way through a UNIX socket.
/// Both are told by fdinfo. Slow, so only for sockets of which no holder was found.
/// </summary>
internal sealed class HiddenHoldings(int procDirectory, InodeSet missing)
{
    /// <summary>The most descriptors that are asked about: half a second or so.</summary>
    internal const int QuestionLimit = 200_000;

    private const int DescriptorLimit = 1024 * 1024;

    // "scm_fds:" is the sixth line or so.
    private const int SocketInfoBytes = 512;

    private const int RingInfoLimitBytes = 1024 * 1024;

    private readonly List<int> _descriptors = [];
    private int _questions;

    /// <summary>Sockets among the missing ones that are registered with a ring.</summary>
    internal List<Holder> Registered { get; } = [];

    /// <summary>UNIX sockets in which descriptors wait.</summary>
    internal List<ScmRightsInFlight> InFlight { get; } = [];

    /// <summary>There was more to ask than <see cref="QuestionLimit"/>.</summary>
    internal bool IsCut => _questions >= QuestionLimit;

    private static ReadOnlySpan<byte> RingLink => "anon_inode:[io_uring]"u8;

    /// <summary>Looks at the rings of a process, and at its UNIX sockets where asked to.</summary>
    internal void Look(int pid, bool atUnixSockets)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        if (!access.IsAllowed)
            return;
        _descriptors.Clear();
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(pid).Append("/fd"u8).Terminated();
        if (ProcFile.ListNumbers(procDirectory, path, DescriptorLimit, _descriptors) != Errno.None)
            return;
        foreach (var descriptor in _descriptors)
            Look(pid, descriptor, atUnixSockets);
    }

    private void Look(int pid, int descriptor, bool atUnixSockets)
    {
        Span<byte> link = stackalloc byte[SocketLink.SizeBytes];
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(pid).Append("/fd/"u8).Append(descriptor).Terminated();
        if (IsCut || ReadLinkAt.Read(procDirectory, path, link, out var length) != Errno.None)
            return;
        if (link[..length].SequenceEqual(RingLink))
            LookAtRing(pid, descriptor);
        else if (atUnixSockets && SocketLink.TryParse(link[..length], out var inode))
            LookAtSocket(pid, descriptor, inode);
    }

    private void LookAtRing(int pid, int descriptor)
    {
        _questions++;
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(pid).Append("/fdinfo/"u8).Append(descriptor).Terminated();
        if (ProcFile.ReadAll(procDirectory, path, RingInfoLimitBytes, out var info) != Errno.None)
            return;
        foreach (var inode in DescriptorInfo.RegisteredSockets(info))
        {
            if (missing.Contains(inode))
                Registered.Add(new Holder(inode, pid, descriptor, DescriptorInfo.CloseOnExec(info), Way: HoldingWay.IoUring));
        }
    }

    private void LookAtSocket(int pid, int descriptor, ulong inode)
    {
        _questions++;
        Span<byte> info = stackalloc byte[SocketInfoBytes];
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(pid).Append("/fdinfo/"u8).Append(descriptor).Terminated();
        if (ProcFile.Read(procDirectory, path, info, out var length) == Errno.None && DescriptorInfo.WaitingDescriptors(info[..length]) is > 0 and var count)
            InFlight.Add(new ScmRightsInFlight(pid, descriptor, inode, count));
    }
}
