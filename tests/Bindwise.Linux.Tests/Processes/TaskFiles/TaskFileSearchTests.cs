using System.Globalization;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Processes.TaskFiles;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Tests.Processes.TaskFiles;

/// <summary>The kernel's own walk over open files must find what /proc shows: the same situations, searched both ways.</summary>
public sealed class TaskFileSearchTests
{
    [TaskFileFact]
    public void Find_CopiesOfOneSocket_EqualsProc()
    {
        using var actor = PythonActor.Start("""
            a = socket.socket()
            os.set_inheritable(os.dup(a.fileno()), True)
            say(inode(a))
            wait_for_end()
            """);
        Assert.Equal([true, false], Both(actor.Inode()).Select(holder => holder.CloseOnExec == true));
    }

    [TaskFileFact]
    public void Find_ForkedWorkers_EqualsProc()
    {
        using var actor = PythonActor.Start("""
            a = socket.socket()
            children = []
            for _ in range(200):
                child = os.fork()
                if child == 0:
                    end_with_parent()
                    wait_for_end()
                    os._exit(0)
                children.append(child)
            say(inode(a), *children)
            wait_for_end()
            for child in children: os.waitpid(child, 0)
            """);
        Assert.Equal(201, Both(actor.Inode()).Length);
    }

    [TaskFileFact]
    public void Find_LeaderEndedWhileThreadsLive_EqualsProc()
    {
        using var actor = PythonActor.Start("""
            a = socket.socket()
            def live_on():
                while open('/proc/self/stat').read().rsplit(')', 1)[1].split()[0] != 'Z': time.sleep(0.01)
                say(inode(a), threading.get_native_id())
                wait_for_end()
                os._exit(0)
            threading.Thread(target=live_on).start()
            threading.Thread(target=time.sleep, args=(600,)).start()
            libc.syscall({'x86_64': 60, 'aarch64': 93}[os.uname().machine], 0)
            """);
        var holder = Assert.Single(Both(actor.Inode()));
        Assert.Equal((actor.Id, actor.Number(1)), (holder.ProcessId, holder.ThreadId));
    }

    [TaskFileFact]
    public void Find_ThreadWithItsOwnTable_EqualsProc()
    {
        using var actor = PythonActor.Start("""
            ready = threading.Event()
            common = socket.socket()
            def leave():
                global said
                assert libc.unshare(0x400) == 0
                a = socket.socket()
                said = (inode(a), inode(common), threading.get_native_id())
                ready.set()
                time.sleep(600)
            def stay(): time.sleep(600)
            for body in (stay, leave, stay): threading.Thread(target=body, daemon=True).start()
            ready.wait()
            say(*said)
            wait_for_end()
            """);
        Assert.Equal(actor.Number(2), Assert.Single(Both(actor.Inode(0))).ThreadId);
        // The thread has a copy of this one by the same number: it counts as the process's.
        Assert.Null(Assert.Single(Both(actor.Inode(1))).ThreadId);
    }

    [TaskFileFact]
    public void Find_MoreInodesThanTheProgramCompares_EqualsProc()
    {
        const int count = TaskFileProgram.InodeLimit + 1;
        using var actor = PythonActor.Start($"""
            held = [socket.socket() for _ in range({count.ToString(CultureInfo.InvariantCulture)})]
            other = socket.socket()
            say(*map(inode, held), inode(other))
            wait_for_end()
            """);
        var inodes = Enumerable.Range(0, count).Select(actor.Inode).ToArray();
        Assert.Equal(count, Both(inodes).Length);
        Assert.Equal(count - 1, Both(inodes[1..]).Length);
    }

    [TaskFileFact]
    public void Find_FilesWithASocketsInode_AreLeftOut()
    {
        // The inode of a pipe is a number from the same source, but no socket has it.
        using var actor = PythonActor.Start("""
            reading, writing = os.pipe()
            say(inode(reading))
            wait_for_end()
            """);
        Assert.Empty(Both(actor.Inode()));
    }

    [TaskFileFact]
    public void Find_SocketMadeAfterTheEarlyWalk_IsFound()
    {
        var early = EarlyWalk.Begin(processesFrom: 0);
        Assert.NotNull(early);
        Assert.NotNull(early.Take(new InodeSet([1])));
        using var actor = PythonActor.Start("""
            a = socket.socket()
            say(inode(a))
            wait_for_end()
            """);
        Assert.Equal(actor.Id, Assert.Single(OwnerSearch.Find([actor.Inode()], taskFilesFrom: 0, early: early).Holders).ProcessId);
    }

    [TaskFileFact]
    public void Find_SocketOnItsWay_LooksBehindDescriptorsToo()
    {
        using var actor = PythonActor.Start("""
            here, there = socket.socketpair(socket.AF_UNIX)
            a = socket.socket()
            socket.send_fds(here, [b'x'], [a.fileno()])
            number = inode(a)
            a.close()
            say(number, there.fileno(), inode(there))
            wait_for_end()
            """);
        var findings = OwnerSearch.Find([actor.Inode()], taskFilesFrom: 0);
        Assert.True(findings.ByTaskFiles);
        Assert.Contains(new FlightRecord(actor.Id, actor.Number(1), actor.Inode(2), Count: 1), findings.InFlight);
    }

    [TaskFileFact]
    public void Find_BelowTheThreshold_UsesProc()
    {
        using var actor = PythonActor.WithASocket();
        Assert.False(OwnerSearch.Find([actor.Inode()], taskFilesFrom: int.MaxValue).ByTaskFiles);
    }

    [TaskFileFact]
    public void Find_AgainAndAgain_LeavesNoDescriptorOpen()
    {
        using var actor = PythonActor.WithASocket();
        for (var i = 0; i < 50; i++)
            Assert.Single(OwnerSearch.Find([actor.Inode()], taskFilesFrom: 0).Holders);
        Assert.DoesNotContain(
            Directory.GetFiles("/proc/self/fd").Select(static path => new FileInfo(path).LinkTarget),
            static target => target?.StartsWith("anon_inode:bpf", StringComparison.Ordinal) == true);
    }

    [TaskFileFact]
    public void Find_WhileProcessesComeAndGo_KeepsFindingTheHolder()
    {
        using var holder = PythonActor.WithASocket();
        using var crowd = PythonActor.ComingAndGoing();
        for (var i = 0; i < 60; i++)
        {
            var findings = OwnerSearch.Find([holder.Inode()], taskFilesFrom: 0);
            Assert.True(findings.ByTaskFiles);
            Assert.Equal([holder.Id], findings.Holders.Select(found => found.ProcessId));
            Assert.Empty(findings.Notes);
        }
    }

    private static Holder[] Both(params ulong[] inodes)
    {
        var byTaskFiles = OwnerSearch.Find(inodes, taskFilesFrom: 0);
        var byProc = OwnerSearch.Find(inodes, taskFilesFrom: int.MaxValue);
        var early = OwnerSearch.Find(inodes, taskFilesFrom: 0, early: EarlyWalk.Begin(processesFrom: 0));
        Assert.Equal<Holder>(byTaskFiles.Holders, early.Holders);
        Assert.True(byTaskFiles.ByTaskFiles);
        Assert.False(byProc.ByTaskFiles);
        Assert.Equal<Holder>(byProc.Holders, byTaskFiles.Holders);
        Assert.Equal((0, byProc.Hidden), (byTaskFiles.Unreadable, byTaskFiles.Hidden));
        Assert.Equal<string>(byProc.Notes, byTaskFiles.Notes);
        return [.. byTaskFiles.Holders];
    }
}
