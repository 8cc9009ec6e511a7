using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;

namespace Bindwise.Linux.Processes.TaskFiles;

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
    private readonly Thread _thread;
    private List<TaskFile>? _files;

    private EarlyWalk(int processesFrom)
    {
        _processesFrom = processesFrom;
        _thread = new Thread(Run, StackBytes) { IsBackground = true, Name = "early walk" };
    }

    /// <summary>Begins the walk.</summary>
    /// <param name="processesFrom">From how many processes on it is worth its while.</param>
    /// <returns>Null when there is no thread, or one processor only, which both would share.</returns>
    internal static EarlyWalk? Begin(int processesFrom = TaskFileSearch.WorthwhileProcesses)
    {
        if (Environment.ProcessorCount < 2)
            return null;
        var walk = new EarlyWalk(processesFrom);
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

    /// <summary>Waits for the walk's end.</summary>
    /// <returns>The matches; null when there was no walk (few processes, no rights) or none worth using.</returns>
    internal List<TaskFile>? Take(InodeSet wanted)
    {
        _thread.Join();
        return _files?.FindAll(file => wanted.Contains(file.Inode));
    }

    private void Run()
    {
        if (HasManyProcesses() && TaskFileIterator.IsAllowed() && TaskFileIterator.Layout() is { } layout)
            _files = TaskFileIterator.Walk(TaskFileProgram.Write(layout, null), layout.Function, null, SocketLimit);
    }

    private bool HasManyProcesses()
    {
        if (OpenAt.Open(OpenAt.WorkingDirectory, Encoding.UTF8.GetBytes("/proc\0"), out var directory) != Errno.None)
            return false;
        try
        {
            var pids = new List<int>();
            return ProcFile.ListNumbers(directory, ".\0"u8, ProcFile.ProcessLimit, pids) == Errno.None && pids.Count >= _processesFrom;
        }
        finally
        {
            CloseDescriptor.Close(directory);
        }
    }
}
