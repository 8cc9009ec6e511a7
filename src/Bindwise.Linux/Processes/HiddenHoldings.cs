using Bindwise.Linux.Processes.ScmRights;

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
    internal void Search(int pid, bool atUnixSockets)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        if (!access.IsAllowed)
            return;
        _descriptors.Clear();
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(pid).Append("/fd"u8).Terminated();
        if (ProcFile.ListNumbers(procDirectory, path, DescriptorLimit, _descriptors) != Errno.None)
            return;
        foreach (var descriptor in _descriptors)
            Search(pid, descriptor, atUnixSockets);
    }

    private void Search(int pid, int descriptor, bool atUnixSockets)
    {
        Span<byte> link = stackalloc byte[SocketLink.SizeBytes];
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(pid).Append("/fd/"u8).Append(descriptor).Terminated();
        if (IsCut || ReadLinkAt.Read(procDirectory, path, link, out var length) != Errno.None)
            return;
        if (link[..length].SequenceEqual(RingLink))
            SearchRing(pid, descriptor);
        else if (atUnixSockets && SocketLink.TryParse(link[..length], out var inode))
            SearchSocket(pid, descriptor, inode);
    }

    private void SearchRing(int pid, int descriptor)
    {
        _questions++;
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(pid).Append("/fdinfo/"u8).Append(descriptor).Terminated();
        if (ProcFile.ReadAll(procDirectory, path, RingInfoLimitBytes, out var info) != Errno.None)
            return;
        var closeOnExec = DescriptorInfo.CloseOnExec(info);
        Registered.AddRange(DescriptorInfo.RegisteredSockets(info).Where(missing.Contains)
            .Select(inode => new Holder(inode, pid, descriptor, closeOnExec, Way: HoldingWay.IoUring)));
    }

    private void SearchSocket(int pid, int descriptor, ulong inode)
    {
        _questions++;
        Span<byte> info = stackalloc byte[SocketInfoBytes];
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(pid).Append("/fdinfo/"u8).Append(descriptor).Terminated();
        if (SmallFile.Read(procDirectory, path, info, out var length) == Errno.None
            && DescriptorInfo.WaitingDescriptors(info[..length]) is > 0 and var count)
            InFlight.Add(new ScmRightsInFlight { ProcessId = pid, Descriptor = descriptor, Inode = inode, Count = count });
    }
}

/// <summary>Whether /proc hides other users' processes (mount option hidepid, proc(5)).</summary>
internal static class HiddenProcesses
{
    /// <summary>
    /// Process 1 always exists: where it is not to be seen, others are hidden too. Where it belongs
    /// to the caller, the mount's options decide.
    /// </summary>
    internal static bool Detect(int procDirectory)
    {
        if (StatX.Follow(procDirectory, "1\0"u8, out var first) != Errno.None)
            return true;
        if (StatX.Follow(procDirectory, "self\0"u8, out var self) != Errno.None || self.UserId == 0 || self.UserId != first.UserId)
            return false;

        return ProcFile.ReadAll(procDirectory, "self/mountinfo\0"u8, MountInfo.LimitBytes, out var bytes) == Errno.None
            && HidesOthers(bytes);
    }

    /// <summary>Whether the last mount at /proc, which covers those before it, hides other users' processes.</summary>
    internal static bool HidesOthers(ReadOnlySpan<byte> mountInfo) =>
        MountInfo.Parse(mountInfo, "proc")
            .LastOrDefault(mount => mount.Point.AsSpan().SequenceEqual("/proc"u8))
            ?.Option("hidepid") is "2" or "4" or "invisible" or "ptraceable";
}

/// <summary>
/// Looks for sockets that no process shows among its descriptors: in threads' own tables, in memory mappings, among the files that are
/// registered with an io_uring, and in the queues of UNIX sockets. Slow, so only for sockets of which no holder was found, and each step
/// only for what the one before did not find.
/// </summary>
/// <param name="readable">The processes that may be looked into.</param>
/// <param name="mostAreReadable">Most processes may be: a queue in which something waits is worth telling, even if not what.</param>
/// <param name="find">Finds the holders of other sockets among the processes' descriptors.</param>
internal sealed class OwnersOutOfSight(
    int procDirectory, IReadOnlyList<int> readable, bool mostAreReadable,
    Func<IReadOnlyCollection<ulong>, IReadOnlyCollection<Holder>> find)
{
    internal List<Holder> Holders { get; } = [];

    /// <summary>Where descriptors wait to be received.</summary>
    internal List<ScmRightsInFlight> InFlight { get; } = [];

    internal bool QueuesRead { get; private set; }

    internal List<string> Notes { get; } = [];

    /// <summary>Processes for which no descriptor was left to look into them with.</summary>
    internal List<int> Exhausted { get; } = [];

    /// <param name="areThreadsKnown">The threads' own tables were searched already.</param>
    internal void Search(InodeSet missing, bool areThreadsKnown)
    {
        if (!areThreadsKnown)
            WalkThreadTables(missing);
        // The cheapest first: the kernel's own walk over the queues, then each process's descriptors, then its memory.
        var areQueuesKnown = Rest(missing) is { Count: > 0 } inQueues && HaveQueuesWalked(inQueues);
        if (Rest(missing) is { Count: > 0 } behind)
            SearchDescriptors(behind, atUnixSockets: !areQueuesKnown);
        if (Rest(missing) is { Count: > 0 } mapped)
            SearchMappings(mapped);
    }

    private InodeSet Rest(InodeSet missing) => missing.Without(Holders.Select(static holder => holder.Inode));

    private void WalkThreadTables(InodeSet missing)
    {
        var tables = new ThreadTables(procDirectory, ProcShowsOurPids());
        var walk = new DescriptorWalk(procDirectory, missing);
        Exhausted.AddRange(readable.Where(pid => tables.HasOthers(pid) && tables.WalkOwn(walk, pid) == WalkOutcome.Exhausted));
        Holders.AddRange(walk.Found);
    }

    private void SearchMappings(InodeSet missing)
    {
        var mappings = new SocketMappings(procDirectory, missing);
        foreach (var pid in readable)
            mappings.Search(pid);
        Holders.AddRange(mappings.Found);
        if (mappings.IsCut)
            Notes.Add("too many memory mappings to look through all: one of the rest may hold a socket");
    }

    // False when the kernel does not let us.
    private bool HaveQueuesWalked(InodeSet missing)
    {
        var resolver = new ScmRightsResolver(procDirectory, find, readable);
        if (!resolver.Resolve(missing))
            return false;
        Holders.AddRange(resolver.Holders);
        InFlight.AddRange(resolver.Records);
        QueuesRead = resolver.IsComplete;
        if (resolver.HasLanded)
            Holders.AddRange(find(missing.Sorted.ToArray()));
        return true;
    }

    private void SearchDescriptors(InodeSet missing, bool atUnixSockets)
    {
        var hidden = new HiddenHoldings(procDirectory, missing);
        foreach (var pid in readable)
            hidden.Search(pid, atUnixSockets);
        Holders.AddRange(hidden.Registered);
        if (hidden.IsCut)
            Notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"more than {HiddenHoldings.QuestionLimit} descriptors: not all were checked for waiting sockets"));

        var seen = ScmRightsPeek.Find(hidden.InFlight, Rest(missing));
        Holders.AddRange(
            seen.Select(static queue => new Holder(queue.Carried, queue.ProcessId, queue.Descriptor, Way: HoldingWay.InFlight)));
        InFlight.AddRange(seen);
        if (mostAreReadable)
            InFlight.AddRange(hidden.InFlight.DistinctBy(static inFlight => inFlight.Inode));
    }

    // kcmp takes pids of the caller's namespace; a /proc mounted for another namespace shows others.
    private bool ProcShowsOurPids()
    {
        Span<byte> link = stackalloc byte[16];
        return ReadLinkAt.Read(procDirectory, "self\0"u8, link, out var length) == Errno.None
            && int.TryParse(link[..length], NumberStyles.None, CultureInfo.InvariantCulture, out var self)
            && self == Environment.ProcessId;
    }
}
