using System.Globalization;
using System.Text;
using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;
using Bindwise.Linux.Processes;

namespace Bindwise.Linux.PassedSockets;

/// <summary>A descriptor that a service manager or a parent says it passed, as the kernel has it.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Kind">What it is.</param>
/// <param name="WasCloseOnExec">It was close-on-exec before it was looked at: this process opened it itself, or took it before.</param>
internal readonly record struct PassedDescriptor(int Number, PassedKind Kind, bool WasCloseOnExec)
{
    private const int Domain = 39;
    private const int AcceptsConnections = 30;

    /// <summary>The first one that is passed (SD_LISTEN_FDS_START of sd-daemon.h).</summary>
    internal const int First = 3;

    /// <summary>Sets it close-on-exec, and looks at it. It stays open, and whoever has it keeps it.</summary>
    internal static PassedDescriptor Claim(int number)
    {
        if (CloseOnExecCall.Set(number, out var wasSet) != Errno.None)
            return new PassedDescriptor(number, PassedKind.NotOpen, false);
        using var borrowed = new SafeFileDescriptor(number);
        try
        {
            return new PassedDescriptor(number, KindOf(borrowed), wasSet);
        }
        finally
        {
            borrowed.SetHandleAsInvalid();
        }
    }

    /// <summary>Whether it is a socket that listens.</summary>
    internal static bool IsListening(int number)
    {
        using var borrowed = new SafeFileDescriptor(number);
        try
        {
            return SocketOptionCall.Get(borrowed, SocketOptionCall.LevelSocket, AcceptsConnections, out int accepts) == Errno.None && accepts != 0;
        }
        finally
        {
            borrowed.SetHandleAsInvalid();
        }
    }

    private static PassedKind KindOf(SafeFileDescriptor descriptor)
    {
        if (FileStatusCall.Look(descriptor, out var status) != Errno.None || (status.Mode & FileStatus.KindMask) != FileStatus.KindSocket)
            return PassedKind.NoSocket;
        return SocketOptionCall.Get(descriptor, SocketOptionCall.LevelSocket, Domain, out int family) == Errno.None
            && family is SocketCall.FamilyIPv4 or SocketCall.FamilyIPv6 or SocketCall.FamilyUnix
                ? PassedKind.Socket
                : PassedKind.OtherSocket;
    }
}

/// <summary>What a passed descriptor is.</summary>
internal enum PassedKind
{
    /// <summary>Nothing of that number is open.</summary>
    NotOpen,

    /// <summary>A file, a pipe or another thing that is no socket.</summary>
    NoSocket,

    /// <summary>A socket of another family than IPv4, IPv6 and UNIX.</summary>
    OtherSocket,

    /// <summary>A socket of IPv4, IPv6 or UNIX.</summary>
    Socket,
}

/// <summary>Who a process is to this one: a wrapper that started it, a stranger, or gone.</summary>
/// <param name="Name">Its short name (comm), as it chose it; null when it is gone.</param>
/// <param name="IsAncestor">It started this process, or started who did.</param>
internal readonly record struct ProcessRelation(string? Name, bool IsAncestor)
{
    private const int WorkingDirectory = -100;

    /// <summary>Looks it up in /proc.</summary>
    internal static ProcessRelation Of(int process)
    {
        if (Read(process) is not { } named)
            return new ProcessRelation(null, false);
        return new ProcessRelation(named.Name, HasStarted(process, Environment.ProcessId));
    }

    /// <summary>Whether a process started another, or started who did, by the parents that /proc shows now.</summary>
    internal static bool HasStarted(int process, int other)
    {
        var at = other;
        for (var depth = 0; depth < ProcessTree.DepthLimit && at > 0 && Read(at) is { } stat; depth++)
        {
            at = stat.ParentId;
            if (at == process)
                return true;
        }
        return false;
    }

    private static StatLine? Read(int process)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, process);
        if (!access.IsAllowed)
            return null;
        Span<byte> line = stackalloc byte[1024];
        var path = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat\0"));
        return SmallFile.Read(WorkingDirectory, path, line, out var length) == Errno.None && StatLine.TryParse(line[..length], out var stat) ? stat : null;
    }
}
