using Bindwise.Linux.Proc;

namespace Bindwise.Supervising;

/// <summary>
/// The processes below this one that belong to the program that it starts. Others may be there: a process keeps its children when it
/// executes another file, as whoever became this one did, and the first process of a container gets those that others leave there. To look
/// for them waits for nobody (/proc/PID/status), and takes no thread, which there may be none of.
/// </summary>
internal sealed class ProgramProcesses : IDisposable
{
    // A handle stays on its process when the number is given to another.
    private readonly (int Id, SafeFileDescriptor Handle)[] _others =
    [
        .. Descendants.Of(Environment.ProcessId)
            .Select(static one => (Id: one, Errno: PidFdGetFd.OpenProcess(one, 0, out var handle), Handle: handle))
            .Where(static one => one.Errno != Errno.ESRCH).Select(static one => (one.Id, one.Handle)),
    ];

    private readonly int _filters = FiltersOf(Environment.ProcessId) ?? 0;

    /// <param name="areSupervised">Each of them has the filter that the program got, beyond those of this process.</param>
    /// <returns>Null where they cannot be looked for.</returns>
    internal List<int>? Find(bool areSupervised)
    {
        if (Descendants.Find(Environment.ProcessId) is not { } found)
            return null;
        foreach (var (id, _) in _others.Where(static one => PidFdSignal.Send(one.Handle, 0) != Errno.ESRCH))
        {
            var below = Descendants.Of(id);
            found.RemoveAll(one => one == id || below.Contains(one));
        }
        if (areSupervised)
            found.RemoveAll(one => FiltersOf(one) <= _filters);
        return found;
    }

    public void Dispose() => Array.ForEach(_others, static one => one.Handle.Dispose());

    // Linux 5.9; null where it is not told.
    private static int? FiltersOf(int process) =>
        ProcessStatus.TryFind(ThreadFile.Read(process, "status"u8), "\nSeccomp_filters:"u8, out var value)
            && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;
}
