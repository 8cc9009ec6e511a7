using System.Diagnostics;
using Bindwise.Linux.Accounts;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Processes.TaskFiles;

namespace Bindwise.Linux.Tests.Processes.TaskFiles;

/// <summary>What the kernel's walk tells of processes must be what /proc tells of each.</summary>
public sealed class TaskProcessesTests
{
    private readonly ProcessReader _reader = new(new UserNames().Find);

    [TaskFileFact]
    public void Read_ProcessesOfAllKinds_EqualsProc()
    {
        using var python = PythonProcess.Start("""
            children = []
            def child(body):
                reading, writing = os.pipe()
                one = os.fork()
                if one == 0:
                    end_with_parent()
                    os.close(reading)
                    body(writing)
                    os.write(writing, b'x')
                    wait_for_end()
                    os._exit(0)
                os.close(writing)
                assert os.read(reading, 1) == b'x'
                children.append(one)
            def run(*arguments):
                return lambda writing: (os.dup2(writing, 1), os.execv('/bin/sh', ['sh', '-c', 'printf x; read line', *arguments]))
            def title(writing):
                # Over the NUL at the end of the command line, as sendmail's title has it.
                import ctypes
                end = int(open('/proc/self/stat').read().rsplit(')', 1)[1].split()[46])
                ctypes.memset(end - 1, ord('y'), 1)
            def reap(writing):
                if os.fork() == 0: os._exit(0)
                os.wait()
            for _ in range(3): child(lambda writing: None)
            child(lambda writing: os.chdir('/'))
            child(lambda writing: os.setsid())
            child(lambda writing: os.setpgid(0, 0))
            child(lambda writing: (os.setgroups([]), os.setgid(65534), os.setuid(65534)))
            child(lambda writing: libc.prctl(15, b') R 1 \n\xff('))
            child(run(b'\xc3\x28', 'an argument', ''))
            child(run('x' * 5000))
            child(title)
            child(reap)
            child(lambda writing: (os.write(writing, b'x'), os.kill(os.getpid(), signal.SIGSTOP)))
            while open(f'/proc/{children[-1]}/stat').read().rsplit(')', 1)[1].split()[0] != 'T': time.sleep(0.01)
            dead = os.fork()
            if dead == 0: os._exit(0)
            while open(f'/proc/{dead}/stat').read().rsplit(')', 1)[1].split()[0] != 'Z': time.sleep(0.01)
            say(*children, dead)
            wait_for_end()
            os.kill(children[-1], signal.SIGCONT)
            for one in [*children, dead]: os.waitpid(one, 0)
            """);
        int[] pids = [python.Id, .. Enumerable.Range(0, python.Said.Length).Select(python.Number)];
        var tasks = TaskProcesses.Begin(_reader, new UserNames().Find);
        Assert.NotNull(tasks);
        var told = tasks.Read(pids);
        foreach (var pid in pids)
            Assert.Equal(Asleep(_reader.Read(pid)), Asleep(told.Single(process => process.Id == pid)));
        // Parents stand among them, as the other way has it.
        var byProc = ProcessTree.Read(pids, _reader.Read);
        Assert.Equal(byProc.Select(static process => process.Id), told.Select(static process => process.Id));
        Assert.All(pids[..^1], pid => Assert.True(tasks.SharesMounts(pid)));
    }

    [TaskFileFact]
    public void Read_AfterTheyWerePrepared_IsWhatProcShows()
    {
        using var python = PythonProcess.Start("""
            children = []
            for arguments in (['a'], ['a'], ['b', '']):
                reading, writing = os.pipe()
                one = os.fork()
                if one == 0:
                    end_with_parent()
                    os.dup2(writing, 1)
                    os.execv('/bin/sh', ['sh', '-c', 'printf x; read line', *arguments])
                os.close(writing)
                assert os.read(reading, 1) == b'x'
                children.append(one)
            say(*children)
            wait_for_end()
            """);
        int[] pids = [.. Enumerable.Range(0, 3).Select(python.Number)];
        var tasks = TaskProcesses.Begin(_reader, new UserNames().Find);
        Assert.NotNull(tasks);
        tasks.Prepare([.. pids, 1, int.MaxValue]);
        var told = tasks.Read(pids);
        Assert.Equal(ProcessTree.Read(pids, _reader.Read).Select(Asleep), told.Select(Asleep));
    }

    [TaskFileFact(NeedsNamespaces = true)]
    public void Read_ProcessesOfOtherNamespaces_EqualsProc()
    {
        using var python = PythonProcess.Start("""
            import subprocess
            child = subprocess.Popen(['unshare', '--pid', '--mount', '--fork', '--kill-child', 'sh', '-c', 'echo ready; read line'],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            child.stdout.readline()
            say(child.pid, open(f'/proc/{child.pid}/task/{child.pid}/children').read().strip())
            wait_for_end()
            child.stdin.close()
            child.wait()
            """);
        int[] pids = [python.Number(0), python.Number(1)];
        var tasks = TaskProcesses.Begin(_reader, new UserNames().Find);
        Assert.NotNull(tasks);
        var told = tasks.Read(pids);
        foreach (var pid in pids)
            Assert.Equal(Asleep(_reader.Read(pid)), Asleep(told.Single(process => process.Id == pid)));
        Assert.Equal(1, told.Single(process => process.Id == pids[1]).NamespacePid);
        Assert.False(tasks.SharesMounts(pids[1]));
    }

    [TaskFileFact]
    public void Read_ExecutableThatWasDeleted_EqualsProc()
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-");
        try
        {
            var path = Path.Combine(folder.FullName, "served");
            ProgramCopy.Make(File.ResolveLinkTarget("/bin/sh", returnFinalTarget: true)?.FullName ?? "/bin/sh", path);
            using var python = PythonProcess.Start("os.execv(sys.argv[1], ['sh', '-c', 'echo ready; read line'])", path);
            File.Delete(path);
            var tasks = TaskProcesses.Begin(_reader, new UserNames().Find);
            var told = tasks!.Read([python.Id]).Single(process => process.Id == python.Id);
            Assert.Equal((path, true), (told.Executable, told.ExecutableDeleted));
            Assert.Equal(Asleep(_reader.Read(python.Id)), Asleep(told));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TaskFileFact]
    public void Read_ProcessesThatComeAndGo_AreWholeOrMissing()
    {
        using var python = PythonProcess.ComingAndGoing();
        var (seen, waited) = (0, Stopwatch.StartNew());
        while (seen < 20 && waited.Elapsed < TimeSpan.FromMinutes(4))
        {
            var listed = OwnerSearch.ListProcesses()!;
            foreach (var process in TaskProcesses.Begin(_reader, static _ => null)!.Read(listed))
            {
                Assert.NotEqual('?', process.State);
                Assert.NotEqual("", process.Name);
                seen += process.ParentId == python.Id ? 1 : 0;
            }
        }
        Assert.NotEqual(0, seen);
    }

    [TaskFileFact]
    public void Confirms_ProcessThatMoved_IsNotTheSame()
    {
        using var quiet = PythonProcess.Start("say('ready'); wait_for_end()");
        using var moving = PythonProcess.Start("""
            say('ready')
            os.read(0, 1)
            os.chdir('/proc')
            say('moved')
            wait_for_end()
            """);
        var layout = TaskFactsLayout.OfThisKernel();
        Assert.NotNull(layout);
        var before = TaskWalk.Make(layout, WalkExtent.Facts)!;
        Assert.True(TaskWalk.Make(layout, WalkExtent.Identity)!.Confirms(moving.Id, before));
        moving.Answer("go");
        var after = TaskWalk.Make(layout, WalkExtent.Identity)!;
        Assert.False(after.Confirms(moving.Id, before));
        Assert.True(after.Confirms(quiet.Id, before));
        Assert.False(after.Confirms(int.MaxValue, before));
    }

    [TaskFileFact]
    public void Walk_WithCommandLines_CopiesWhatProcShows()
    {
        using var python = PythonProcess.Start("say('ready'); wait_for_end()", "an argument", "");
        var walk = TaskWalk.Make(TaskFactsLayout.OfThisKernel()!, WalkExtent.WithArguments);
        Assert.NotNull(walk);
        Assert.True(walk.TryFind(python.Id, out var facts, out var arguments));
        Assert.Equal(File.ReadAllBytes($"/proc/{python.Id}/cmdline"), arguments.ToArray());
        Assert.Equal(facts.ArgumentsEnd - facts.ArgumentsStart, facts.ArgumentsBytes);
    }

    // A process that waits may just have been awake, or have waited for a page of its own.
    private static ProcessRecord? Asleep(ProcessRecord? process) => process is { State: 'R' or 'D' } ? process with { State = 'S' } : process;
}
