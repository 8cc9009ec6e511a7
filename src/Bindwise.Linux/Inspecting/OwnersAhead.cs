using Bindwise.Linux.Processes;
using Bindwise.Linux.Threads;

namespace Bindwise.Linux.Inspecting;

/// <summary>
/// Who holds the listeners, searched on a thread of its own while the rest of the port's sockets is still being read. Only where the
/// kernel's own walk finds them; it goes over all sockets unless these are all, so it serves as well when more turn out to matter.
/// </summary>
internal sealed class OwnersAhead
{
    private const int StackBytes = 1024 * 1024;

    private readonly ImmutableArray<ulong> _inodes;
    private readonly Func<uint, string?> _userName;
    private Thread? _thread;
    private OwnerFindings? _found;
    private ImmutableArray<ProcessRecord> _processes = [];

    private OwnersAhead(ImmutableArray<ulong> inodes, Func<uint, string?> userName, EarlyWalk walk) =>
        (_inodes, _userName, Walk) = (inodes, userName, walk);

    public EarlyWalk Walk { get; }

    /// <param name="areAll">No other sockets are going to be asked for.</param>
    /// <param name="userName">A user's name; called from the search's thread alone until <see cref="Take"/> returns.</param>
    /// <returns>Null when there is nothing to gain by it, or no thread for it.</returns>
    public static OwnersAhead? Begin(ImmutableArray<ulong> inodes, bool areAll, Func<uint, string?> userName)
    {
        if (!SharedWork.IsHostBusy())
            return null;
        // Who starts a thread waits until it runs: the second one, until a processor is idle, if the first has work by then.
        var hasBegun = new ManualResetEventSlim(initialState: false, spinCount: 0);
        if (EarlyWalk.Begin(only: areAll ? new InodeSet(inodes) : null, after: hasBegun) is not { } walk)
            return null;
        var ahead = new OwnersAhead(inodes, userName, walk);
        ahead._thread = BackgroundThread.Begin("owners ahead", ahead.Run, StackBytes);
        hasBegun.Set();
        return ahead._thread is null ? null : ahead;
    }

    /// <param name="inodes">The sockets whose owners are wanted by now.</param>
    /// <returns>What was found; null when other sockets are wanted, or nothing was searched.</returns>
    public OwnerFindings? Take(ImmutableArray<ulong> inodes, out ImmutableArray<ProcessRecord> processes)
    {
        _thread!.Join();
        processes = _processes;
        return _inodes.ToHashSet().SetEquals(inodes) ? _found : null;
    }

    /// <summary>The holders of what was found and their parents, with what their executables tell.</summary>
    public static ImmutableArray<ProcessRecord> ReadProcesses(OwnerFindings found, Func<uint, string?> userName) => ExecutableMarks.Mark(
        ProcessTree.Read(found.Holders.Select(static h => h.ProcessId).Concat(found.InFlight.SelectMany(static f => f.Senders)).Distinct(),
            new ProcessReader(userName).Read),
        found.Holders);

    private void Run()
    {
        // While the kernel walks: a list of a thousand processes takes it a millisecond.
        var listed = OwnerSearch.ListProcesses();
        if (!Walk.IsWorthUsing())
            return;
        var found = OwnerSearch.Find(_inodes, early: Walk, listed: listed);
        _processes = ReadProcesses(found, _userName);
        _found = found;
    }
}
