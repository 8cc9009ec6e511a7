using System.Diagnostics;
using Bindwise.Linux.Proc;
using Bindwise.Linux.Processes;

namespace Bindwise.Linux.Tests.Processes;

/// <summary>The search against real processes. The sockets are never bound: an inode is all that is looked for.</summary>
public sealed class OwnerSearchTests
{
    [PythonFact]
    public void Find_OneHolder_GivesPidDescriptorAndCloseOnExec()
    {
        using var python = PythonProcess.Start("""
            a = socket.socket()
            b = os.dup(a.fileno())
            os.set_inheritable(b, True)
            say(inode(a), a.fileno(), b)
            wait_for_end()
            """);
        var findings = OwnerSearch.Find([python.Inode()]);
        Assert.Equal<Holder>(
            [new Holder(python.Inode(), python.Id, python.Number(1), CloseOnExec: true), new Holder(python.Inode(), python.Id, python.Number(2), CloseOnExec: false)],
            findings.Holders);
        Assert.Empty(findings.Notes);
        Assert.InRange(findings.Processes, 2, ProcFile.ProcessLimit);
    }

    [PythonFact]
    public void Find_ManyHolders_FindsEveryOne()
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
        var children = Enumerable.Range(1, 200).Select(python.Number);
        Assert.Equal(children.Append(python.Id).Order(), OwnerSearch.Find([python.Inode()]).Holders.Select(holder => holder.ProcessId));
    }

    [PythonFact]
    public void Find_AnyNumberOfThreads_FindsTheSame()
    {
        using var python = PythonProcess.Start("""
            a, b = socket.socketpair()
            if os.fork() == 0:
                end_with_parent()
                a.close()
                b.send(b'x')
                wait_for_end()
                os._exit(0)
            a.recv(1)
            say(inode(a), inode(b))
            wait_for_end()
            os.wait()
            """);
        ulong[] inodes = [python.Inode(0), python.Inode(1)];
        var alone = OwnerSearch.Find(inodes, threads: 1);
        Assert.True(alone.Holders.Count(holder => holder.Inode == inodes[1]) == 2);
        Assert.Equal<Holder>(alone.Holders, OwnerSearch.Find(inodes, threads: 4).Holders);
    }

    [PythonFact]
    public void Find_ProcessWithThousandsOfDescriptors_KeepsAFewAndFindsTheOtherHolder()
    {
        using var python = PythonProcess.Start("""
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 6000), hard))
            a = socket.socket()
            child = os.fork()
            if child == 0:
                end_with_parent()
                wait_for_end()
                os._exit(0)
            copies = [os.dup(a.fileno()) for _ in range(4999)]
            say(inode(a), child)
            wait_for_end()
            """);
        foreach (var taskFilesFrom in new[] { 0, int.MaxValue })
        {
            var findings = OwnerSearch.Find([python.Inode()], taskFilesFrom: taskFilesFrom);
            Assert.Equal(InodeSet.OfOneProcess, findings.Holders.Count(holder => holder.ProcessId == python.Id));
            Assert.Single(findings.Holders, holder => holder.ProcessId == python.Number(1));
            Assert.Empty(findings.Omitted);
        }
    }

    [PythonFact]
    public void Find_DescriptorPassedThroughAUnixSocket_FindsTheReceiver()
    {
        using var python = PythonProcess.Start("""
            here, there = socket.socketpair(socket.AF_UNIX)
            child = os.fork()
            if child == 0:
                end_with_parent()
                here.close()
                got = socket.recv_fds(there, 16, 1)[1][0]
                there.send(b'x')
                wait_for_end()
                os._exit(0)
            there.close()
            a = socket.socket()
            number = inode(a)
            socket.send_fds(here, [b'x'], [a.fileno()])
            a.close()
            here.recv(1)
            say(number, child)
            wait_for_end()
            os.wait()
            """);
        Assert.Equal([python.Number(1)], OwnerSearch.Find([python.Inode()]).Holders.Select(holder => holder.ProcessId));
    }

    [PythonFact]
    public void Find_LeaderEndedWhileAThreadLives_FindsItThroughTheThread()
    {
        using var python = PythonProcess.Start("""
            a = socket.socket()
            def live_on():
                while open('/proc/self/stat').read().rsplit(')', 1)[1].split()[0] != 'Z': time.sleep(0.01)
                say(inode(a), a.fileno(), threading.get_native_id())
                wait_for_end()
                os._exit(0)
            threading.Thread(target=live_on).start()
            libc.syscall({'x86_64': 60, 'aarch64': 93}[os.uname().machine], 0)
            """);
        var holder = Assert.Single(OwnerSearch.Find([python.Inode()]).Holders);
        Assert.Equal(new Holder(python.Inode(), python.Id, python.Number(1), CloseOnExec: true, python.Number(2), HoldingWay.ThreadTable), holder);

        var process = new ProcessReader(_ => null).Read(python.Id);
        Assert.Equal('Z', process?.State);
        Assert.Equal(1, process?.LivingThreads);
    }

    [PythonFact]
    public void Find_ThreadWithItsOwnTable_IsFoundByAWiderSearch()
    {
        using var python = PythonProcess.Start("""
            ready = threading.Event()
            def leave():
                global said
                assert libc.unshare(0x400) == 0
                a = socket.socket()
                said = (inode(a), a.fileno(), threading.get_native_id())
                ready.set()
                time.sleep(600)
            def stay(): time.sleep(600)
            for body in (stay, leave, stay): threading.Thread(target=body, daemon=True).start()
            ready.wait()
            say(*said)
            wait_for_end()
            """);
        var holder = Assert.Single(OwnerSearch.Find([python.Inode()]).Holders);
        Assert.Equal(new Holder(python.Inode(), python.Id, python.Number(1), CloseOnExec: true, python.Number(2), HoldingWay.ThreadTable), holder);
    }

    [PythonFact]
    public void Find_WhileProcessesComeAndGo_KeepsFindingTheHolder()
    {
        using var holder = PythonProcess.WithASocket();
        using var crowd = PythonProcess.ComingAndGoing();
        for (var i = 0; i < 60; i++)
        {
            var findings = OwnerSearch.Find([holder.Inode()]);
            Assert.Equal([holder.Id], findings.Holders.Select(found => found.ProcessId));
            Assert.Empty(findings.Notes);
        }
    }

    [PythonFact]
    public void Find_HandedOnAgainAndAgain_NeverFails()
    {
        // The socket goes from parent to child, the parent ends: always held, but never long by the same process.
        using var python = PythonProcess.Start("""
            import select
            a = socket.socket()
            say(inode(a))
            end = time.monotonic() + 600
            while time.monotonic() < end and not select.select([0], [], [], 0.002)[0]:
                child = os.fork()
                if child != 0: os._exit(0)
            """);
        var finds = new List<OwnerFindings>();
        var waited = Stopwatch.StartNew();
        // How often one of them is met is the machine's to say.
        while (finds.Count < 40 || (finds.TrueForAll(static findings => findings.Holders.Length == 0) && waited.Elapsed < TimeSpan.FromMinutes(4)))
            finds.Add(OwnerSearch.Find([python.Inode()]));
        Assert.Contains(finds, findings => findings.Holders.Length > 0);
        Assert.All(finds, findings => Assert.Empty(findings.Notes));
    }

    [LinuxFact]
    public void Find_NothingToLookFor_ReadsNothing()
    {
        var findings = OwnerSearch.Find([0], root: "/no/such/place");
        Assert.Equal(0, findings.Processes);
        Assert.Empty(findings.Notes);
    }

    [LinuxFact]
    public void Find_WithoutProc_SaysSo()
    {
        var findings = OwnerSearch.Find([5], root: "/no/such/place");
        Assert.Empty(findings.Holders);
        Assert.Equal(["/no/such/place cannot be opened (ENOENT): owners were not searched"], findings.Notes.AsEnumerable());
    }

    [LinuxFact]
    public void Find_WhereProcIsNotMounted_SaysSo()
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-");
        try
        {
            var findings = OwnerSearch.Find([5], root: folder.FullName);
            Assert.Contains("shows no processes", Assert.Single(findings.Notes), StringComparison.Ordinal);
            Assert.False(findings.Hidden);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [PythonFact]
    public void Find_SocketThatIsGone_FindsNobody()
    {
        using var python = PythonProcess.Start("""
            a = socket.socket()
            number = inode(a)
            a.close()
            say(number)
            wait_for_end()
            """);
        Assert.Empty(OwnerSearch.Find([python.Inode()]).Holders);
    }

    [PythonFact(NeedsRings = true)]
    public void Find_SocketRegisteredWithARing_IsFoundByTheRing()
    {
        using var python = PythonProcess.Start("""
            ring = libc.syscall(425, 8, (ctypes.c_ubyte * 120)())
            a, b = socket.socket(), socket.socket()
            files = (ctypes.c_int * 3)(b.fileno(), -1, a.fileno())
            assert libc.syscall(427, ring, 2, files, 3) == 0
            number = inode(a)
            a.close()
            say(number, ring)
            wait_for_end()
            """);
        var findings = OwnerSearch.Find([python.Inode()]);
        Assert.Equal(new Holder(python.Inode(), python.Id, python.Number(1), CloseOnExec: true, Way: HoldingWay.IoUring), Assert.Single(findings.Holders));
    }

    [PythonFact]
    public void Find_SocketWithAHolder_LooksNoFurther()
    {
        using var python = PythonProcess.Start("""
            here, there = socket.socketpair(socket.AF_UNIX)
            a = socket.socket()
            socket.send_fds(here, [b'x'], [a.fileno()])
            say(inode(a))
            wait_for_end()
            """);
        var findings = OwnerSearch.Find([python.Inode()]);
        Assert.Single(findings.Holders);
        Assert.Empty(findings.InFlight);
    }
}
