using Bindwise.Linux.Processes;

namespace Bindwise.Linux.Tests.Processes;

/// <summary>Of many sockets with many holders only what an answer needs is kept.</summary>
[Trait("Lane", "second")]
public sealed class HolderLimitTests
{
    private const string Family = """
        listener, connections = socket.socket(), [socket.socket() for _ in range(100)]
        for _ in range(60):
            if os.fork() == 0:
                end_with_parent()
                wait_for_end()
                os._exit(0)
        say(inode(listener), *[inode(c) for c in connections])
        wait_for_end()
        """;

    [PythonFact]
    public void Find_ManyConnectionsWithManyHolders_KeepsAllOfTheListenerAndSomeOfEach()
    {
        using var python = PythonProcess.Start(Family);
        var inodes = python.Said.Select(ulong.Parse).ToArray();
        foreach (var taskFilesFrom in new[] { 0, int.MaxValue })
        {
            var findings = OwnerSearch.Find(inodes, taskFilesFrom: taskFilesFrom, sampled: inodes[1..]);
            var counts = findings.Holders.ToLookup(static holder => holder.Inode);
            var omitted = findings.Omitted.ToDictionary(static tally => tally.Inode, static tally => tally.Omitted);
            Assert.Equal(61, counts[inodes[0]].Count());
            Assert.DoesNotContain(inodes[0], omitted.Keys);
            const int kept = InodeSet.SampledHolderLimit / 100;
            Assert.All(inodes[1..], inode => Assert.Equal((kept, 61 - kept), (counts[inode].Count(), omitted[inode])));
            // The eldest are kept: the maker is one of them.
            Assert.All(inodes[1..], inode => Assert.Contains(counts[inode], holder => holder.ProcessId == python.Id));
        }
    }

    [Fact]
    public void LimitOf_FewSampledSockets_IsThatOfOthers()
    {
        var set = new InodeSet([1, 2, 3], sampled: [2]);
        Assert.Equal((InodeSet.HolderLimit, InodeSet.HolderLimit), (set.LimitOf(1), set.LimitOf(2)));
        Assert.Equal(InodeSet.LeastSampled, new InodeSet([1], Enumerable.Range(0, 5000).Select(static i => (ulong)i)).LimitOf(7));
    }

    [Fact]
    public void Count_WhereAThousandProcessesHoldEachOfThousandsOfSockets_RemembersNoMoreThanIsKept()
    {
        const int sockets = 2000, processes = 1000, keptOfEach = InodeSet.LeastSampled;
        ulong[] inodes = [.. Enumerable.Range(1, sockets).Select(static inode => (ulong)inode)];
        var count = new HolderCount(new InodeSet(inodes, inodes) { WithFlags = false });
        var (before, kept) = (GC.GetAllocatedBytesForCurrentThread(), 0);
        for (var process = 1; process <= processes; process++)
        {
            foreach (var inode in inodes)
                kept += count.Keep(inode, process) ? 1 : 0;
        }
        // Two bytes for each of the two million would be more.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
        Assert.Equal(sockets * keptOfEach, kept);
        Assert.All(inodes, inode => Assert.Equal(processes - keptOfEach, count.Omitted[inode]));
    }
}
