using Bindwise.Linux.Callers;

namespace Bindwise.Linux.Subjects;

/// <summary>
/// One process, held by a pidfd: as long as it has not ended its number cannot be given to another, so what was read under that number up
/// to then was read of this process (pidfd_open(2)).
/// </summary>
internal sealed class ProcessHandle : IDisposable
{
    private const int StatusBytes = 16 * 1024;

    private readonly SafeFileDescriptor _pidfd;

    private readonly int? _thread;

    private ProcessHandle(int id, SafeFileDescriptor pidfd, int? thread = null) => (Id, _pidfd, _thread) = (id, pidfd, thread);

    internal int Id { get; }

    /// <summary>Where /proc has what is read of it.</summary>
    internal string Folder => string.Create(CultureInfo.InvariantCulture, $"/proc/{Id}{(_thread is { } thread ? $"/task/{thread}" : "")}");

    /// <summary>False once it was disposed: then nothing tells.</summary>
    internal bool HasEnded => !_pidfd.IsClosed && PollCall.WaitUntilReadable(_pidfd, 0);

    /// <param name="thread">The thread that is looked at; null for the first one.</param>
    /// <exception cref="InspectionException">There is none, or none can be opened.</exception>
    internal static ProcessHandle Open(int id, int? thread = null)
    {
        if (ProcMountReader.Fault is { } fault)
            throw new InspectionException($"process {id} cannot be looked at: {fault}");
        var errno = PidFdGetFd.OpenProcess(id, 0, out var pidfd);
        return errno switch
        {
            Errno.None => new ProcessHandle(id, pidfd, thread),
            // EINVAL (ENOENT from Linux 6.15 on): the number is a thread's.
            Errno.ESRCH => throw new InspectionException($"there is no process {id}"),
            Errno.EINVAL or Errno.ENOENT => throw new InspectionException($"{id} is the id of a thread, not of a process"),
            Errno.ENOSYS => throw new InspectionException("looking at a process needs Linux 5.3 or newer (pidfd_open)"),
            _ => throw new InspectionException($"process {id} cannot be opened: {errno}"),
        };
    }

    /// <summary>Opens a process; null when there is none, or none can be opened.</summary>
    internal static ProcessHandle? TryOpen(int id)
    {
        if (PidFdGetFd.OpenProcess(id, 0, out var pidfd) == Errno.None)
            return new ProcessHandle(id, pidfd);
        pidfd.Dispose();
        return null;
    }

    /// <summary>Nothing read so far may be another's.</summary>
    /// <exception cref="InspectionException">It has ended.</exception>
    internal void EnsureAlive()
    {
        if (HasEnded)
            throw new InspectionException($"process {Id} ended meanwhile");
    }

    /// <summary>Its user and capabilities; nothing where /proc does not show it.</summary>
    internal ProcessStatus ReadStatus()
    {
        Span<byte> buffer = stackalloc byte[StatusBytes];
        return SmallFile.Read(OpenAt.WorkingDirectory, PathOf("status"), buffer, out var length) == Errno.None
            ? ProcessStatus.Parse(buffer[..length]) : default;
    }

    /// <returns>ETIMEDOUT where the process is stuck in the kernel.</returns>
    internal Errno OpenNamespace(string kind, out SafeFileDescriptor file)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, Id);
        if (access.IsAllowed)
            return NamespaceCall.Open(PathOf("ns/" + kind), out file);
        file = new SafeFileDescriptor(-1);
        return Errno.ETIMEDOUT;
    }

    /// <summary>Opens its root (<c>root</c>) or its working folder (<c>cwd</c>); null where it may not be opened.</summary>
    internal SafeFileDescriptor? OpenFolder(string link)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, Id);
        return access.IsAllowed ? FolderEntryCall.Reach(OpenAt.WorkingDirectory, PathOf(link), out _) : null;
    }

    /// <summary>Which namespace of a kind it is in; null when that may not be read.</summary>
    internal NamespaceId? NamespaceOf(string kind)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, Id);
        return access.IsAllowed ? NamespaceId.Of(PathOf("ns/" + kind)) : null;
    }

    /// <summary>
    /// It is in the calling thread's network namespace, as far as that shows without the right to look: the files of /proc/PID/net are
    /// other ones in each namespace (proc_net_ns_init(), fs/proc/proc_net.c).
    /// </summary>
    internal bool SharesNetworkWithCaller() =>
        NamespaceId.Of(PathOf("net/unix")) is { } there && there == NamespaceId.Of("/proc/thread-self/net/unix\0"u8);

    public void Dispose() => _pidfd.Dispose();

    private byte[] PathOf(string file) => Encoding.ASCII.GetBytes($"{Folder}/{file}\0");
}
