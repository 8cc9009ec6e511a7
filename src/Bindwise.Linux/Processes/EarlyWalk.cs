using Bindwise.Linux.Bpf;
using Bindwise.Linux.Processes.TaskFiles;

namespace Bindwise.Linux.Processes;

/// <summary>
/// The kernel's walk over the sockets of all processes, on a thread of its own, while the socket table is still being read: on a busy host
/// each takes as long as the other, and which inodes matter is known only when both are done (<see cref="Threads.SharedWork.IsHostBusy"/>).
/// </summary>
internal sealed class EarlyWalk(Func<uint, string?>? userName, InodeSet? only, ManualResetEventSlim? after)
{
    /// <summary>With more sockets than these in all processes a walk for the few that matter costs less.</summary>
    private const int SocketLimit = 128 * 1024;

    private Thread? _thread;
    private List<TaskFile>? _files;
    private TaskProcesses? _processes;

    private ManualResetEventSlim IsWalked { get; } = new(initialState: false, spinCount: 0);

    /// <param name="userName">
    /// A user's name, asked on several threads: where many processes hold sockets, they are read as well (<see cref="TakeProcesses"/>).
    /// Null for the sockets alone.
    /// </param>
    /// <param name="only">Which sockets may matter; null for all.</param>
    /// <param name="after">What the thread waits for before it begins; null for nothing.</param>
    /// <returns>Null when there is no thread for it.</returns>
    internal static EarlyWalk? Begin(Func<uint, string?>? userName = null, InodeSet? only = null, ManualResetEventSlim? after = null)
    {
        var walk = new EarlyWalk(userName, only, after);
        walk._thread = BackgroundThread.Begin("early walk", walk.Run);
        return walk._thread is null ? null : walk;
    }

    /// <summary>Waits for the end of the walk over the sockets: whether it found anything to go by.</summary>
    internal bool IsWorthUsing()
    {
        IsWalked.Wait();
        return _files is not null;
    }

    /// <returns>The matches; null when there was no walk (no rights), or none for all that is wanted.</returns>
    internal List<TaskFile>? Take(InodeSet wanted) => IsWorthUsing() && only?.Covers(wanted) != false
        ? _files!.FindAll(file => wanted.Contains(file.Inode)) : null;

    /// <summary>Waits for the whole thread's end. What it has read is for the caller's thread alone from then on.</summary>
    /// <returns>The processes that hold sockets; null where they were not read.</returns>
    internal TaskProcesses? TakeProcesses()
    {
        _thread!.Join();
        return _processes;
    }

    private void Run()
    {
        TaskFactsLayout? facts;
        after?.Wait();
        try
        {
            facts = Walk();
        }
        finally
        {
            IsWalked.Set();
        }
        if (facts is null || userName is null)
            return;
        var holders = new HashSet<int>(_files!.Select(static file => file.ProcessId));
        if (TaskProcesses.IsWorthwhile(holders.Count))
            _processes = TaskProcesses.Begin(new ProcessReader(userName), userName);
        _processes?.Prepare(holders);
    }

    /// <returns>Where the kernel has the facts of processes; null when nothing was found to go by, or they are not asked for.</returns>
    private TaskFactsLayout? Walk()
    {
        if (!KernelIterator.IsAllowed())
            return null;
        // One search of the kernel's type information finds both.
        var facts = userName is null ? null : TaskFactsLayout.OfThisKernel();
        if (TaskFileLayout.OfThisKernel() is not { } layout)
            return null;
        _files = TaskFileIterator.Walk(TaskFileProgram.Write(layout, only), layout.Function, only, null, SocketLimit);
        return _files is null ? null : facts;
    }
}
