using System.Diagnostics;
using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Processes;

namespace Bindwise.Tools;

/// <summary>A handle on the very process of a snapshot: whatever becomes of its number, a signal reaches this process or none.</summary>
[SupportedOSPlatform("linux")]
internal sealed class HolderHandle : IDisposable
{
    private readonly SafeFileDescriptor _process;

    private HolderHandle(int id, SafeFileDescriptor process)
    {
        Id = id;
        _process = process;
    }

    internal int Id { get; }

    /// <summary>It has ended: it holds nothing any more, though its parent may not have waited for it yet.</summary>
    internal bool HasEnded => ProcessPollCall.WaitForEnd([_process], 0) > 0;

    /// <summary>
    /// Takes the handle, and then compares the start of the process that has the number: the one that has it while the handle's process
    /// lives is the handle's.
    /// </summary>
    /// <returns>Null where that process has ended, or another one has its number by now.</returns>
    internal static HolderHandle? Open(ProcessRecord record)
    {
        if (PidFdGetFd.OpenProcess(record.Id, 0, out var process) != Errno.None)
        {
            process.Dispose();
            return null;
        }
        var handle = new HolderHandle(record.Id, process);
        if (BoundedRun.Run(_ => ProcessTree.StatOf(record.Id)?.StartTicks, CancellationToken.None) == record.StartTicks && !handle.HasEnded)
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

    internal Errno Send(int signal) => PidFdSignal.Send(_process, signal);

    internal static void WaitForAny(IReadOnlyList<HolderHandle> handles, TimeSpan time) =>
        _ = ProcessPollCall.WaitForEnd([.. handles.Select(static handle => handle._process)], (int)Math.Ceiling(time.TotalMilliseconds));

    public void Dispose() => _process.Dispose();
}

/// <summary>
/// A process whose environment has a variable that its starter chose: it, or what it was started by, was started by that one. By a handle
/// (pidfd_open(2)), so a signal never reaches another process that got its number.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class MarkedProcess : IDisposable
{
    /// <summary>For how long a process may be within execve(2): as long as it takes to read the program from a slow disk.</summary>
    private static readonly TimeSpan ExecTime = TimeSpan.FromSeconds(10);

    private readonly SafeFileDescriptor _handle;

    private MarkedProcess(int id, SafeFileDescriptor handle) => (Id, _handle) = (id, handle);

    public int Id { get; }

    public bool HasEnded => ProcessPollCall.WaitForEnd([_handle], 0) > 0;

    /// <summary>Takes a handle on a child, whatever its environment: its number is nobody else's before it was waited for.</summary>
    /// <returns>Null where it has ended.</returns>
    public static MarkedProcess? OfChild(Process child)
    {
        if (PidFdGetFd.OpenProcess(child.Id, 0, out var handle) == Errno.None && !child.HasExited)
            return new MarkedProcess(child.Id, handle);
        handle.Dispose();
        return null;
    }

    /// <summary>Takes a handle on one process, which may have been started just now.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="mark">The variable, as <c>NAME=value</c>.</param>
    /// <returns>Null where it has ended, or has no such variable.</returns>
    public static MarkedProcess? Open(int id, string mark)
    {
        if (PidFdGetFd.OpenProcess(id, 0, out var handle) != Errno.None)
        {
            handle.Dispose();
            return null;
        }
        var process = new MarkedProcess(id, handle);
        // Whoever starts a process goes on once execve(2) has closed its descriptors (begin_new_exec,
        // fs/exec.c); the environment is there a little later.
        var bytes = Encoding.UTF8.GetBytes(mark);
        var isMarked = BoundedRun.Run(
            _ =>
            {
                var since = Stopwatch.GetTimestamp();
                var pause = new SpinWait();
                var found = IsMarked(id, bytes);
                while (found is null && !process.HasEnded && Stopwatch.GetElapsedTime(since) < ExecTime)
                {
                    pause.SpinOnce();
                    found = IsMarked(id, bytes);
                }
                return found is true;
            },
            CancellationToken.None);
        // Whoever had the number while the handle's process lived is the handle's process.
        if (isMarked && !process.HasEnded)
            return process;
        process.Dispose();
        return null;
    }

    /// <summary>All of them that this user can see, and that did not clear their environment.</summary>
    /// <param name="mark">The variable, as <c>NAME=value</c>.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public static List<MarkedProcess> FindAll(string mark, CancellationToken cancellationToken = default)
    {
        var bytes = Encoding.UTF8.GetBytes(mark);
        var ids = BoundedRun.Run(
            _ => Directory.EnumerateDirectories("/proc").Select(
                static path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
                .Where(id => id > 0 && id != Environment.ProcessId && IsMarked(id, bytes) is true).ToList(),
            cancellationToken);
        return [.. ids.Select(id => Open(id, mark)).OfType<MarkedProcess>()];
    }

    /// <summary>Sends SIGTERM; nothing happens where it has ended.</summary>
    /// <returns>False where the system refuses, for instance for another user's process.</returns>
    public bool Terminate() => Send(SignalCall.Terminate);

    /// <summary>Sends SIGKILL; nothing happens where it has ended.</summary>
    /// <returns>False where the system refuses, for instance for another user's process.</returns>
    public bool Kill() => Send(SignalCall.Kill);

    public void Dispose() => _handle.Dispose();

    private bool Send(int signal) => PidFdSignal.Send(_handle, signal) is Errno.None or Errno.ESRCH;

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
