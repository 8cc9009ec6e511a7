using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Processes;

namespace Bindwise.Tools;

/// <summary>A handle on the process that was meant (pidfd_open(2)): whatever becomes of its number, a signal reaches it or none.</summary>
[SupportedOSPlatform("linux")]
internal sealed class HolderHandle(int id, SafeFileDescriptor process) : IDisposable
{
    internal int Id { get; } = id;

    /// <summary>It has ended: it holds nothing any more, though its parent may not have waited for it yet.</summary>
    internal bool HasEnded => ProcessPollCall.WaitForEnd([process], 0) > 0;

    /// <summary>Of a process as it was seen; null where that has ended, or another one has its number by now.</summary>
    internal static HolderHandle? Open(ProcessRecord record) => Open(record.Id,
        _ => BoundedRun.Run(_ => ProcessTree.StatOf(record.Id)?.StartTicks, CancellationToken.None) == record.StartTicks);

    /// <summary>Takes the handle, and then asks: whoever has the number while the handle's process lives is that process.</summary>
    internal static HolderHandle? Open(int id, Predicate<HolderHandle> isMeant)
    {
        var errno = PidFdGetFd.OpenProcess(id, 0, out var opened);
        var handle = new HolderHandle(id, opened);
        if (errno == Errno.None && isMeant(handle) && !handle.HasEnded)
            return handle;
        handle.Dispose();
        return null;
    }

    /// <summary>Why no process can be had so, asked of this one; None where it can.</summary>
    internal static Errno Refusal()
    {
        var errno = PidFdGetFd.OpenProcess(Environment.ProcessId, 0, out var own);
        own.Dispose();
        return errno;
    }

    internal Errno Send(int signal) => PidFdSignal.Send(process, signal);

    /// <summary>Sends SIGTERM; false where the system refuses, for instance for another user's process.</summary>
    internal bool Terminate() => Send(SignalCall.Terminate) is Errno.None or Errno.ESRCH;

    /// <summary>The same with SIGKILL.</summary>
    internal bool Kill() => Send(SignalCall.Kill) is Errno.None or Errno.ESRCH;

    internal static void WaitForAny(IReadOnlyList<HolderHandle> handles, TimeSpan time) =>
        _ = ProcessPollCall.WaitForEnd([.. handles.Select(static handle => handle.Descriptor)], (int)Math.Ceiling(time.TotalMilliseconds));

    public void Dispose() => process.Dispose();

    private SafeFileDescriptor Descriptor => process;
}

/// <summary>
/// Processes whose environment has a variable that their starter chose: they, or what they were started by, were started by that one.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class MarkedProcess
{
    /// <summary>For how long a process may be within execve(2): as long as it takes to read the program from a slow disk.</summary>
    private static readonly TimeSpan ExecTime = TimeSpan.FromSeconds(10);

    /// <summary>A child, whatever its environment: its number is nobody else's before it was waited for. Null where it has ended.</summary>
    public static HolderHandle? OfChild(Process child) => HolderHandle.Open(child.Id, static _ => true);

    /// <summary>One that may have been started just now; null where it has ended, or has no such variable (<c>NAME=value</c>).</summary>
    public static HolderHandle? Open(int id, string mark)
    {
        var bytes = Encoding.UTF8.GetBytes(mark);
        return HolderHandle.Open(id, handle => BoundedRun.Run(_ => IsMarkedSoon(handle, bytes), CancellationToken.None));
    }

    /// <summary>All of them that this user can see, and that did not clear their environment.</summary>
    public static List<HolderHandle> FindAll(string mark, CancellationToken cancellationToken = default)
    {
        var bytes = Encoding.UTF8.GetBytes(mark);
        var ids = BoundedRun.Run(
            _ => Directory.EnumerateDirectories("/proc").Select(
                static path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
                .Where(id => id > 0 && id != Environment.ProcessId && IsMarked(id, bytes) is true).ToList(),
            cancellationToken);
        return [.. ids.Select(id => Open(id, mark)).OfType<HolderHandle>()];
    }

    // Whoever starts a process goes on once execve(2) has closed its descriptors (begin_new_exec, fs/exec.c); the environment is there a
    // little later.
    private static bool IsMarkedSoon(HolderHandle handle, byte[] mark)
    {
        var since = Stopwatch.GetTimestamp();
        var pause = new SpinWait();
        bool? found;
        while ((found = IsMarked(handle.Id, mark)) is null && !handle.HasEnded && Stopwatch.GetElapsedTime(since) < ExecTime)
            pause.SpinOnce();
        return found is true;
    }

    // Null where there is no environment: none yet, or none at all, as in the kernel's own threads and in what has ended.
    private static bool? IsMarked(int id, byte[] mark)
    {
        using var access = ForeignAccess.To(ForeignKind.Memory, id);
        if (!access.IsAllowed)
            return false;
        try
        {
            ReadOnlySpan<byte> environment = File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/environ"));
            if (environment.IsEmpty)
                return null;
            foreach (var variable in environment.Split((byte)0))
            {
                if (environment[variable].SequenceEqual(mark))
                    return true;
            }
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended, or is another user's.
            return false;
        }
    }
}
