using System.Diagnostics;
using System.Globalization;
using Bindwise.Linux.Accounts;
using Bindwise.Linux.Processes;

namespace Bindwise.Linux.Tests.Processes;

/// <summary>What is read about real processes.</summary>
public sealed class ProcessReaderTests
{
    private readonly ProcessReader _reader = new(new UserNames().Find);

    [PythonFact]
    public void Read_OrdinaryProcess_TellsWhatItIs()
    {
        var before = DateTimeOffset.UtcNow;
        using var python = PythonProcess.Start("""
            os.chdir('/')
            say(os.getppid(), os.getpgid(0), os.getsid(0), os.geteuid())
            wait_for_end()
            """, "an argument", "");
        var process = _reader.Read(python.Id);

        Assert.NotNull(process);
        Assert.Equal(python.Id, process.Id);
        Assert.Equal([Environment.ProcessId, python.Number(1), python.Number(2)], [process.ParentId, process.GroupId, process.SessionId]);
        Assert.Equal(python.Number(0), process.ParentId);
        Assert.Equal(["an argument", ""], process.Arguments.TakeLast(2));
        Assert.Equal(PythonProcess.RealInterpreter.Value, process.Executable);
        Assert.False(process.ExecutableDeleted);
        Assert.Equal("/", process.WorkingDirectory);
        Assert.Equal((uint)python.Number(3), process.UserId);
        Assert.Equal(Environment.UserName, process.UserName);
        Assert.InRange(process.StartedAt!.Value, before.AddMilliseconds(-50), DateTimeOffset.UtcNow.AddMilliseconds(50));
        Assert.Equal(0, process.LivingThreads);
        // Not yet asleep, asleep, or kept from it by a page that it waits for.
        Assert.Contains(process.State, "RSD");
    }

    [PythonFact]
    public void Read_Twice_GivesTheSameStart()
    {
        using var python = PythonProcess.Start("say('ready'); wait_for_end()");
        Assert.Equal(_reader.Read(python.Id)!.StartedAt, new ProcessReader(_ => null).Read(python.Id)!.StartedAt);
    }

    [PythonFact]
    public void Read_StoppedProcess_SaysT()
    {
        using var python = PythonProcess.Start("""
            child = os.fork()
            if child == 0:
                end_with_parent()
                os.kill(os.getpid(), signal.SIGSTOP)
                os._exit(0)
            os.waitpid(child, os.WUNTRACED)
            say(child)
            wait_for_end()
            os.kill(child, signal.SIGCONT)
            os.wait()
            """);
        Assert.Equal('T', _reader.Read(python.Number(0))?.State);
    }

    [PythonFact]
    public void Read_Zombie_HasNoLivingThreadAndNoCommandLine()
    {
        using var python = PythonProcess.Start("""
            child = os.fork()
            if child == 0: os._exit(0)
            while open(f'/proc/{child}/stat').read().split()[2] != 'Z': time.sleep(0.01)
            say(child)
            wait_for_end()
            os.wait()
            """);
        var process = _reader.Read(python.Number(0));
        Assert.Equal('Z', process?.State);
        Assert.Equal(0, process?.LivingThreads);
        Assert.Empty(process!.Arguments);
        Assert.Null(process.Executable);
    }

    [PythonFact]
    public void Read_HostileNames_KeepsThemAsTheyAre()
    {
        using var python = PythonProcess.Start("""
            libc.prctl(15, b') R 1 \n\xff(')
            say('ready')
            wait_for_end()
            """);
        Assert.Equal(") R 1 \n\\xff(", _reader.Read(python.Id)?.Name);
    }

    [PythonFact]
    public void Read_ArgumentsThatAreNotUtf8_StandAsEscapes()
    {
        using var python = PythonProcess.Start("""
            child = os.fork()
            if child == 0:
                end_with_parent()
                os.execv(sys.executable, [sys.executable, '-c', 'import os\nos.write(1, b"ready\\n")\nos.read(0, 1)', b'\xc3\x28\xffa\x1b[31m', b'\\'])
            wait_for_end()
            os.wait()
            """);
        // The program that was started says the line; it is the interpreter's only child.
        var child = Pids().Select(_reader.Read).Single(process => process?.ParentId == python.Id);
        Assert.Equal(["\\xc3(\\xffa\e[31m", "\\"], child!.Arguments.TakeLast(2));
    }

    [PythonFact]
    public void Read_VeryLongCommandLine_IsCut()
    {
        using var python = PythonProcess.Start("say('ready'); wait_for_end()", new string('x', 100_000));
        var arguments = _reader.Read(python.Id)!.Arguments;
        Assert.EndsWith("x…", arguments[^1], StringComparison.Ordinal);
        Assert.InRange(arguments.Sum(argument => argument.Length), 60_000, CommandLine.LimitBytes + 1);
    }

    [PythonFact]
    public void Read_ExecutableThatWasDeleted_SaysSo()
    {
        using var copy = new CopiedShell("served");
        using var python = copy.Start();
        Assert.Equal((copy.Path, false), ExecutableOf(python));
        File.Delete(copy.Path);
        Assert.Equal((copy.Path, true), ExecutableOf(python));
    }

    [PythonFact]
    public void Read_ExecutableNamedLikeADeletedOne_IsNotTakenForIt()
    {
        using var copy = new CopiedShell("served (deleted)");
        using var python = copy.Start();
        Assert.Equal((copy.Path, false), ExecutableOf(python));
        File.Delete(copy.Path);
        Assert.Equal((copy.Path, true), ExecutableOf(python));
    }

    [PythonFact]
    public void Read_ExecutableReplacedByAnother_CountsAsDeleted()
    {
        using var copy = new CopiedShell("served");
        using var python = copy.Start();
        File.WriteAllText(copy.Path + " (deleted)", "a trap");
        File.Delete(copy.Path);
        File.WriteAllText(copy.Path, "another");
        Assert.Equal((copy.Path, true), ExecutableOf(python));
    }

    [PythonFact]
    public void Read_ProcessesThatEndMeanwhile_AreWholeOrNull()
    {
        using var python = PythonProcess.Start("""
            import select
            parent = os.getpid()
            said = False
            while not select.select([0], [], [], 0)[0]:
                children = [os.fork() for _ in range(20) if os.getpid() == parent]
                if os.getpid() != parent: os._exit(0)
                if not said: say('ready')
                said = True
                for child in children: os.waitpid(child, 0)
            """);
        var (seen, waited) = (0, Stopwatch.StartNew());
        while (seen < 50 && waited.Elapsed < TimeSpan.FromMinutes(4))
        {
            foreach (var pid in Pids())
            {
                if (_reader.Read(pid) is not { } process)
                    continue;
                Assert.Equal(pid, process.Id);
                Assert.NotNull(process.UserId);
                Assert.NotEqual('?', process.State);
                seen += process.ParentId == python.Id ? 1 : 0;
            }
        }

        Assert.NotEqual(0, seen);
    }

    [LinuxFact]
    public void Read_NoSuchProcess_GivesNull() => Assert.All([0, -1, int.MinValue, int.MaxValue], pid => Assert.Null(_reader.Read(pid)));

    [PythonFact]
    public void Tree_OfARealChild_LeadsThroughItsParents()
    {
        using var python = PythonProcess.Start("""
            child = os.fork()
            if child == 0:
                end_with_parent()
                wait_for_end()
                os._exit(0)
            say(child)
            wait_for_end()
            os.wait()
            """);
        var child = python.Number(0);
        Assert.Superset(new HashSet<int> { child, python.Id, Environment.ProcessId }, ProcessTree.Read([child], _reader.Read).Select(process => process.Id).ToHashSet());
    }

    private static IEnumerable<int> Pids() =>
        Directory.GetDirectories("/proc").Select(path => Path.GetFileName(path))
            .Where(name => name.All(char.IsAsciiDigit)).Select(name => int.Parse(name, CultureInfo.InvariantCulture));

    private (string?, bool) ExecutableOf(PythonProcess python) =>
        _reader.Read(python.Id) is { } process ? (process.Executable, process.ExecutableDeleted) : default;

    /// <summary>A copy of the shell under a name of its own, which a test may delete while it runs.</summary>
    private sealed class CopiedShell : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bindwise-");

        internal CopiedShell(string name)
        {
            Path = System.IO.Path.Combine(_folder.FullName, name);
            ProgramCopy.Make(File.ResolveLinkTarget("/bin/sh", returnFinalTarget: true)?.FullName ?? "/bin/sh", Path);
        }

        internal string Path { get; }

        internal PythonProcess Start() => PythonProcess.Start("os.execv(sys.argv[1], ['sh', '-c', 'echo ready; read line'])", Path);

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
