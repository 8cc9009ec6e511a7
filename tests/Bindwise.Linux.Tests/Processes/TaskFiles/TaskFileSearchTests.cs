using System.Globalization;
using Bindwise.Linux.Accounts;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Processes.TaskFiles;

namespace Bindwise.Linux.Tests.Processes.TaskFiles;

/// <summary>The kernel's own walk over open files must find what /proc shows: the same situations, searched both ways.</summary>
public sealed class TaskFileSearchTests
{
    [TaskFileFact]
    public void Find_CopiesOfOneSocket_EqualsProc()
    {
        using var python = PythonProcess.Start("""
            a = socket.socket()
            os.set_inheritable(os.dup(a.fileno()), True)
            say(inode(a))
            wait_for_end()
            """);
        Assert.Equal([true, false], Both(python.Inode()).Select(holder => holder.CloseOnExec == true));
    }

    [TaskFileFact]
    public void Find_ForkedWorkers_EqualsProc()
    {
        using var python = PythonProcess.Start("""
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
        Assert.Equal(201, Both(python.Inode()).Length);
    }

    [TaskFileFact]
    public void Find_LeaderEndedWhileThreadsLive_EqualsProc()
    {
        using var python = PythonProcess.Start("""
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
        var holder = Assert.Single(Both(python.Inode()));
        Assert.Equal((python.Id, python.Number(1)), (holder.ProcessId, holder.ThreadId));
    }

    [TaskFileFact]
    public void Find_ThreadWithItsOwnTable_EqualsProc()
    {
        using var python = PythonProcess.Start("""
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
        Assert.Equal(python.Number(2), Assert.Single(Both(python.Inode(0))).ThreadId);
        // The thread has a copy of this one by the same number: it counts as the process's.
        Assert.Null(Assert.Single(Both(python.Inode(1))).ThreadId);
    }

    [TaskFileFact]
    public void Find_AnyNumberOfInodes_EqualsProc()
    {
        // Sockets between those that are looked for: a comparison too many or too few would show.
        const int most = TaskFileProgram.InodeLimit + 1;
        using var python = PythonProcess.Start($"""
            resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
            held = [socket.socket() for _ in range({(2 * most).ToString(CultureInfo.InvariantCulture)})]
            say(*map(inode, held))
            wait_for_end()
            """);
        var inodes = Enumerable.Range(0, 2 * most).Select(python.Inode).ToArray();
        foreach (var count in new[] { 1, 4, 5, 8, 9, 129, most - 1, most })
        {
            ulong[] wanted = [.. inodes.Where(static (_, index) => index % 2 == 0).Take(count)];
            Assert.Equal(wanted.Order(), Both(wanted).Select(static holder => holder.Inode));
        }
    }

    [TaskFileFact]
    public void Find_FilesWithASocketsInode_AreLeftOut()
    {
        // The inode of a pipe is a number from the same source, but no socket has it.
        using var python = PythonProcess.Start("""
            reading, writing = os.pipe()
            say(inode(reading))
            wait_for_end()
            """);
        Assert.Empty(Both(python.Inode()));
    }

    [TaskFileFact]
    public void Find_SocketMadeAfterTheEarlyWalk_IsFound()
    {
        var early = EarlyWalk.Begin();
        Assert.NotNull(early);
        Assert.NotNull(early.Take(new InodeSet([1])));
        using var python = PythonProcess.Start("""
            a = socket.socket()
            say(inode(a))
            wait_for_end()
            """);
        Assert.Equal(python.Id, Assert.Single(OwnerSearch.Find([python.Inode()], taskFilesFrom: 0, early: early).Holders).ProcessId);
    }

    [TaskFileFact]
    public void Find_SocketThatTheEarlyWalkWasNotFor_IsFound()
    {
        using var python = PythonProcess.Start("""
            a, b = socket.socket(), socket.socket()
            say(inode(a), inode(b))
            wait_for_end()
            """);
        InodeSet one = new([python.Inode()]), both = new([python.Inode(), python.Inode(1)]);
        var early = EarlyWalk.Begin(only: one);
        Assert.NotNull(early);
        Assert.Equal(one.Sorted[0], Assert.Single(early.Take(one)!).Inode);
        Assert.Null(early.Take(both));
        Assert.Equal(both.Sorted.ToArray(), OwnerSearch.Find(both.Sorted.ToArray(), taskFilesFrom: 0, early: early).Holders.Select(static holder => holder.Inode).Order());
    }

    [TaskFileFact]
    public void Begin_WithNames_ReadsTheProcessesToo()
    {
        // Sixty-four that hold a socket, below which each is read by itself.
        using var python = PythonProcess.Start("""
            a = socket.socket()
            children = []
            for _ in range(70):
                one = os.fork()
                if one == 0:
                    end_with_parent()
                    wait_for_end()
                    os._exit(0)
                children.append(one)
            say(*children)
            wait_for_end()
            """);
        int[] pids = [python.Id, .. Enumerable.Range(0, python.Said.Length).Select(python.Number)];
        var reader = new ProcessReader(new UserNames().Find);
        var early = EarlyWalk.Begin(userName: new UserNames().Find);
        Assert.NotNull(early);
        if (TaskProcesses.IsWorthwhile(pids.Length))
            Assert.Equal(ProcessTree.Read(pids, reader.Read).Select(static process => (process.Id, process.Name, process.ParentId)),
                early.TakeProcesses()!.Read(pids).Select(static process => (process.Id, process.Name, process.ParentId)));
    }

    [TaskFileFact]
    public void Find_BelowTheThreshold_UsesProc()
    {
        using var python = PythonProcess.WithASocket();
        Assert.False(OwnerSearch.Find([python.Inode()], taskFilesFrom: int.MaxValue).ByTaskFiles);
    }

    [TaskFileFact]
    public void Find_AgainAndAgain_LeavesNoDescriptorOpen()
    {
        using var python = PythonProcess.WithASocket();
        for (var i = 0; i < 50; i++)
            Assert.Single(OwnerSearch.Find([python.Inode()], taskFilesFrom: 0).Holders);
        Assert.True(NoneStaysOpen());
    }

    /// <summary>Whether no BPF descriptor of this process stays open: tests that run beside this one close theirs soon.</summary>
    internal static bool NoneStaysOpen() => SpinWait.SpinUntil(
        static () => Directory.GetFiles("/proc/self/fd")
            .All(static path => new FileInfo(path).LinkTarget?.StartsWith("anon_inode:bpf", StringComparison.Ordinal) != true),
        TimeSpan.FromMinutes(4));

    [TaskFileFact]
    public void Find_WhileProcessesComeAndGo_KeepsFindingTheHolder()
    {
        using var holder = PythonProcess.WithASocket();
        using var crowd = PythonProcess.ComingAndGoing();
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
        var early = OwnerSearch.Find(inodes, taskFilesFrom: 0, early: EarlyWalk.Begin());
        Assert.Equal<Holder>(byTaskFiles.Holders, early.Holders);
        Assert.True(byTaskFiles.ByTaskFiles);
        Assert.False(byProc.ByTaskFiles);
        Assert.Equal<Holder>(byProc.Holders, byTaskFiles.Holders);
        Assert.Equal((0, byProc.Hidden), (byTaskFiles.Unreadable, byTaskFiles.Hidden));
        Assert.Equal<string>(byProc.Notes, byTaskFiles.Notes);
        return [.. byTaskFiles.Holders];
    }
}
