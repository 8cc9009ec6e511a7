using Bindwise.Linux.Bpf;
using Bindwise.Linux.Processes.TaskFiles;

namespace Bindwise.Linux.Processes;

/// <summary>
/// The kernel's walk over the sockets of all processes, on a thread of its own, while the socket table is still being read: on a busy host
/// each takes as long as the other, and which inodes matter is known only when both are done.
/// </summary>
internal sealed class EarlyWalk
{
    /// <summary>With more sockets than these in all processes a walk for the few that matter costs less.</summary>
    private const int SocketLimit = 128 * 1024;

    private const int StackBytes = 256 * 1024;

    private readonly int _processesFrom;
    private readonly bool _withFacts;
    private readonly Thread _thread;
    private readonly List<int> _listed = [];
    private List<TaskFile>? _files;
    private TaskWalk? _tasks;

    private EarlyWalk(int processesFrom, bool withFacts)
    {
        _processesFrom = processesFrom;
        _withFacts = withFacts;
        _thread = new Thread(Run, StackBytes) { IsBackground = true, Name = "early walk" };
    }

    /// <param name="processesFrom">From how many processes on it is worth its while.</param>
    /// <param name="withFacts">Walks over the tasks as well, where many of them hold sockets (<see cref="Tasks"/>).</param>
    /// <returns>Null when there is no thread, or one processor only, which both would share.</returns>
    internal static EarlyWalk? Begin(int processesFrom = TaskFileSearch.WorthwhileProcesses, bool withFacts = false)
    {
        if (Environment.ProcessorCount < 2)
            return null;
        var walk = new EarlyWalk(processesFrom, withFacts);
        try
        {
            walk._thread.Start();
            return walk;
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            return null;
        }
    }

    /// <summary>Waits for the walk's end: whether it found anything to go by.</summary>
    internal bool IsWorthUsing()
    {
        _thread.Join();
        return _files is not null;
    }

    /// <summary>The processes, listed before the walk; null where it is not to be gone by.</summary>
    internal List<int>? Listed => IsWorthUsing() && _withFacts ? _listed : null;

    /// <summary>What a walk over the tasks told; null where there was none.</summary>
    internal TaskWalk? Tasks => IsWorthUsing() ? _tasks : null;

    /// <returns>The matches; null when there was no walk (few processes, no rights) or none worth using.</returns>
    internal List<TaskFile>? Take(InodeSet wanted)
    {
        _thread.Join();
        return _files?.FindAll(file => wanted.Contains(file.Inode));
    }

    private void Run()
    {
        if (!HasManyProcesses() || !KernelIterator.IsAllowed())
            return;
        var facts = _withFacts ? TaskFactsLayout.OfThisKernel() : null;
        if (TaskFileLayout.OfThisKernel() is not { } layout)
            return;
        _files = TaskFileIterator.Walk(TaskFileProgram.Write(layout, null), layout.Function, null, null, SocketLimit);
        if (facts is not null && _files is not null
            && TaskProcesses.IsWorthwhile(_files.Select(static file => file.ProcessId).Distinct().Count(), _listed.Count))
            _tasks = TaskProcesses.Walk(facts);
    }

    private bool HasManyProcesses()
    {
        if (OpenAt.Open(OpenAt.WorkingDirectory, "/proc\0"u8, out var directory) != Errno.None)
            return false;
        try
        {
            var limit = _withFacts ? ProcFile.ProcessLimit : _processesFrom;
            return ProcFile.ListNumbers(directory, ".\0"u8, limit, _listed) == Errno.None && _listed.Count >= _processesFrom;
        }
        finally
        {
            CloseDescriptor.Close(directory);
        }
    }
}
