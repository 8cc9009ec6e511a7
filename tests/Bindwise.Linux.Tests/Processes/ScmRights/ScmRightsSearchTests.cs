using Bindwise.Linux.Bpf;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Processes.ScmRights;
using Bindwise.Linux.Tests.Processes.TaskFiles;

namespace Bindwise.Linux.Tests.Processes.ScmRights;

/// <summary>Sockets in the queues of UNIX sockets, found by the kernel's own walk.</summary>
public sealed class ScmRightsSearchTests
{
    // here -> there: two sockets are sent, the first is closed; says inode, there's descriptor and inode, here's inode.
    private const string Plain = """
        here, there = socket.socketpair(socket.AF_UNIX)
        a, b = socket.socket(), socket.socket()
        socket.send_fds(here, [b'x'], [b.fileno(), a.fileno()])
        number = inode(a)
        a.close()
        say(number, there.fileno(), inode(there), inode(here))
        wait_for_end()
        """;

    [TaskFileFact]
    public void Find_SocketInFlight_NamesQueueSenderAndReceiver()
    {
        using var python = PythonProcess.Start(Plain);
        foreach (var taskFilesFrom in new[] { 0, int.MaxValue })
        {
            var findings = OwnerSearch.Find([python.Inode()], taskFilesFrom: taskFilesFrom);
            Assert.Equal(
                new Holder(python.Inode(), python.Id, python.Number(1), CloseOnExec: true, Way: HoldingWay.InFlight), Assert.Single(findings.Holders));
            var inFlight = Assert.Single(findings.InFlight);
            Assert.Equal((python.Id, python.Number(1), python.Inode(2), 2), (inFlight.ProcessId, inFlight.Descriptor, inFlight.Inode, inFlight.Count));
            Assert.Equal((python.Inode(), python.Inode(3), false), (inFlight.Carried, inFlight.SenderInode, inFlight.IsUnaccepted));
            Assert.Equal(python.Id, Assert.Single(inFlight.Senders));
            Assert.True(findings.QueuesRead);
            Assert.Empty(findings.Notes);
        }
    }

    [TaskFileFact]
    public void Find_SocketNowhere_SaysThatTheQueuesWereRead()
    {
        var findings = OwnerSearch.Find([ulong.MaxValue >> 8]);
        Assert.Empty(findings.Holders);
        Assert.Empty(findings.InFlight);
        Assert.True(findings.QueuesRead);
    }

    [TaskFileFact]
    public void Find_PipeInFlightWithThatInode_IsNoSocket()
    {
        // A pipe's inode number comes from the same source as a socket's, but lies in another file system.
        using var python = PythonProcess.Start("""
            here, there = socket.socketpair(socket.AF_UNIX)
            reading, writing = os.pipe()
            socket.send_fds(here, [b'x'], [reading])
            number = inode(reading)
            os.close(reading); os.close(writing)
            say(number)
            wait_for_end()
            """);
        var findings = OwnerSearch.Find([python.Inode()]);
        Assert.Empty(findings.Holders);
        Assert.Empty(findings.InFlight);
    }

    [TaskFileFact]
    public void Find_HundredsOfMessagesBeforeIt_LooksAtAll()
    {
        using var python = PythonProcess.Start("""
            resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
            here, there = socket.socketpair(socket.AF_UNIX)
            here.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
            spare = [socket.socket() for _ in range(4)]
            a = socket.socket()
            here.setblocking(False)
            for i in range(120):
                here.send(b'x')
                socket.send_fds(here, [b'x'], [s.fileno() for s in spare])
            socket.send_fds(here, [b'x'], [a.fileno()])
            number = inode(a)
            a.close()
            say(number)
            wait_for_end()
            """);
        Assert.Equal(HoldingWay.InFlight, Assert.Single(OwnerSearch.Find([python.Inode()]).Holders).Way);
    }

    [TaskFileFact]
    public void Find_ManySocketsAtOnce_FindsEachInItsQueue()
    {
        // More than the program compares by itself.
        using var python = PythonProcess.Start("""
            numbers = []
            keep = []
            for i in range(20):
                here, there = socket.socketpair(socket.AF_UNIX)
                a = socket.socket()
                socket.send_fds(here, [b'x'], [a.fileno()])
                numbers.append(inode(a))
                a.close()
                keep += [here, there]
            say(*numbers)
            wait_for_end()
            """);
        var inodes = python.Said.Select(ulong.Parse).ToArray();
        var findings = OwnerSearch.Find(inodes);
        Assert.Equal(inodes.Order(), findings.Holders.Select(holder => holder.Inode).Order());
        Assert.Equal(20, findings.InFlight.Select(inFlight => inFlight.Inode).Distinct().Count());
    }

    [TaskFileFact]
    public void Find_NobodyHasTheReceivingEnd_NamesTheOneInWhoseQueueItWaits()
    {
        using var python = PythonProcess.Start("""
            here, middle = socket.socketpair(socket.AF_UNIX)
            outer, there = socket.socketpair(socket.AF_UNIX)
            a = socket.socket()
            socket.send_fds(here, [b'x'], [a.fileno()])
            socket.send_fds(outer, [b'x'], [middle.fileno()])
            numbers = inode(a), there.fileno(), inode(middle), inode(there)
            a.close(); middle.close()
            say(*numbers)
            wait_for_end()
            """);
        var findings = OwnerSearch.Find([python.Inode()]);
        var holder = Assert.Single(findings.Holders);
        Assert.Equal((python.Inode(), python.Id, python.Number(1)), (holder.Inode, holder.ProcessId, holder.Descriptor));
        Assert.Equal(
            [(python.Inode(), python.Inode(2), 0), (python.Inode(2), python.Inode(3), python.Id)],
            findings.InFlight.Select(inFlight => (inFlight.Carried, inFlight.Inode, inFlight.ProcessId)));
    }

    [TaskFileFact]
    public void Walk_WithALoopThatTheKernelCounts_FindsTheSame()
    {
        // What kernels before 6.9 get.
        using var python = PythonProcess.Start(Plain);
        var layout = ScmRightsLayout.OfThisKernel();
        Assert.NotNull(layout);
        var wanted = new InodeSet([python.Inode()]);
        var counted = KernelIterator.Walk<ScmRightsRow>(ScmRightsProgram.Write(layout, wanted, isCounted: true), layout.Function, static _ => true);
        var open = KernelIterator.Walk<ScmRightsRow>(ScmRightsProgram.Write(layout, wanted, isCounted: false), layout.Function, static _ => true);
        Assert.Equal(python.Inode(), Assert.Single(counted!).Carried);
        Assert.Equal(open, counted);
    }

    [TaskFileFact]
    public void Walk_QueueLongerThanTheProgramLooks_SaysSo()
    {
        using var python = PythonProcess.Start("""
            here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            spare = socket.socket()
            other, end = socket.socketpair(socket.AF_UNIX)
            other.setblocking(False)
            for i in range(230):
                other.send(b'x')
            a = socket.socket()
            socket.send_fds(other, [b'x'], [a.fileno()])
            number = inode(a)
            a.close()
            say(number)
            wait_for_end()
            """);
        var layout = ScmRightsLayout.OfThisKernel()!;
        var program = ScmRightsProgram.Write(layout, new InodeSet([python.Inode()]), isCounted: true);
        var found = KernelIterator.Walk<ScmRightsRow>(program, layout.Function, static _ => true);
        Assert.Contains(found!, static flight => flight.Carried == 0);
        Assert.Equal(python.Inode(), Assert.Single(OwnerSearch.Find([python.Inode()]).Holders).Inode);
    }

    [TaskFileFact]
    public void Find_AgainAndAgain_LeavesNoDescriptorOpenAndTakesNothing()
    {
        using var python = PythonProcess.Start("""
            here, there = socket.socketpair(socket.AF_UNIX)
            a = socket.socket()
            socket.send_fds(here, [b'x'], [a.fileno()])
            number = inode(a)
            a.close()
            say(number)
            wait_for_end()
            """);
        for (var i = 0; i < 30; i++)
            Assert.Single(OwnerSearch.Find([python.Inode()]).Holders);
        Assert.True(TaskFileSearchTests.NoneStaysOpen());
    }
}
