using System.Globalization;
using Bindwise.Linux.Native;
using Bindwise.Linux.Processes.ScmRights;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Processes;

/// <summary>
/// Looks for sockets that no process shows among its descriptors: in threads' own tables, in memory mappings, among the files that are
/// registered with an io_uring, and in the queues of UNIX sockets. Slow, so only for sockets of which no holder was found, and each step
/// only for what the one before did not find.
/// </summary>
/// <param name="procDirectory">An open /proc.</param>
/// <param name="readable">The processes that may be looked into.</param>
/// <param name="mostAreReadable">Most processes may be: a queue in which something waits is worth telling, even if not what.</param>
/// <param name="find">Finds the holders of other sockets among the processes' descriptors.</param>
internal sealed class OwnersOutOfSight(
    int procDirectory, IReadOnlyList<int> readable, bool mostAreReadable, Func<IReadOnlyCollection<ulong>, IReadOnlyCollection<Holder>> find)
{
    /// <summary>Who holds them.</summary>
    internal List<Holder> Holders { get; } = [];

    /// <summary>Where descriptors wait to be received.</summary>
    internal List<ScmRightsInFlight> InFlight { get; } = [];

    /// <summary>All queues were looked into.</summary>
    internal bool QueuesRead { get; private set; }

    /// <summary>What could not be looked at.</summary>
    internal List<string> Notes { get; } = [];

    /// <summary>Processes for which no descriptor was left to look into them with.</summary>
    internal List<int> Exhausted { get; } = [];

    /// <summary>Looks.</summary>
    /// <param name="missing">The sockets.</param>
    /// <param name="areThreadsKnown">The threads' own tables were searched already.</param>
    internal void Look(InodeSet missing, bool areThreadsKnown)
    {
        if (!areThreadsKnown)
            WalkThreadTables(missing);
        // The cheapest first: the kernel's own walk over the queues, then each process's descriptors, then its memory.
        var areQueuesKnown = Rest(missing) is { Count: > 0 } inQueues && HaveQueuesWalked(inQueues);
        if (Rest(missing) is { Count: > 0 } behind)
            LookBehindDescriptors(behind, atUnixSockets: !areQueuesKnown);
        if (Rest(missing) is { Count: > 0 } mapped)
            LookAtMappings(mapped);
    }

    private InodeSet Rest(InodeSet missing) => missing.Without(Holders.Select(static holder => holder.Inode));

    private void WalkThreadTables(InodeSet missing)
    {
        var tables = new ThreadTables(procDirectory, ProcShowsOurPids());
        var walk = new DescriptorWalk(procDirectory, missing);
        foreach (var pid in readable)
        {
            if (tables.HasOthers(pid) && tables.WalkOwn(walk, pid) == WalkOutcome.Exhausted)
                Exhausted.Add(pid);
        }

        Holders.AddRange(walk.Found);
    }

    private void LookAtMappings(InodeSet missing)
    {
        var mappings = new SocketMappings(procDirectory, missing);
        foreach (var pid in readable)
            mappings.Look(pid);
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

    private void LookBehindDescriptors(InodeSet missing, bool atUnixSockets)
    {
        var hidden = new HiddenHoldings(procDirectory, missing);
        foreach (var pid in readable)
            hidden.Look(pid, atUnixSockets);
        Holders.AddRange(hidden.Registered);
        if (hidden.IsCut)
            Notes.Add(string.Create(CultureInfo.InvariantCulture, $"more than {HiddenHoldings.QuestionLimit} descriptors: not all were checked for waiting sockets"));

        var seen = ScmRightsPeek.Find(hidden.InFlight, Rest(missing));
        Holders.AddRange(seen.Select(static queue => new Holder(queue.Carried, queue.ProcessId, queue.Descriptor, Way: HoldingWay.InFlight)));
        InFlight.AddRange(seen);
        if (mostAreReadable)
            InFlight.AddRange(hidden.InFlight.DistinctBy(static flight => flight.Inode));
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
