using System.Diagnostics;
using System.Globalization;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Tests.Processes.TaskFiles;

namespace Bindwise.Linux.Tests.Processes;

/// <summary>The search with less than it would like to have: as a user without rights, with few descriptors, with a /proc that hides.</summary>
[Trait("Lane", "second")]
public sealed class RestrictedSearchTests
{
    private const string Nobody = "65534";

    // A user of this test run alone: no other process on the machine is theirs.
    private static readonly string Stranger = (1_000_000 + Environment.ProcessId).ToString(CultureInfo.InvariantCulture);

    private const string HolderProgram = """
        a = socket.socket()
        say(inode(a), a.fileno())
        wait_for_end()
        """;

    [PythonFact]
    public void Find_WithThreeDescriptorsLeft_MissesNothing()
    {
        using var python = PythonProcess.Start(HolderProgram);
        var lines = Run([], "--free-descriptors", "3", python);
        Assert.Contains($"holder {python.Id} {python.Said[1]} True", lines);
        Assert.DoesNotContain(lines, IsNote);
    }

    [PythonFact]
    public void Find_WithTwoDescriptorsLeft_FindsTheHolderWithoutItsFlags()
    {
        using var python = PythonProcess.Start(HolderProgram);
        var lines = Run([], "--free-descriptors", "2", python);
        Assert.Contains($"holder {python.Id} {python.Said[1]} ", lines);
        Assert.DoesNotContain(lines, IsNote);
    }

    [PythonFact]
    public void Find_WithoutADescriptorLeft_SaysSo()
    {
        using var python = PythonProcess.Start(HolderProgram);
        Assert.Contains("note /proc cannot be opened (EMFILE): owners were not searched", Run([], "--free-descriptors", "0", python));
        Assert.Contains("note /proc could not be listed (EMFILE): owners may be missing", Run([], "--free-descriptors", "1", python));
    }

    [PythonFact(NeedsRoot = true)]
    public void Find_AnotherUsersSocket_CountsWhatItMayNotRead()
    {
        using var python = PythonProcess.Start(HolderProgram);
        var kernelThreads = KernelThreads();
        var lines = Run([], "--user", Nobody, python);
        Assert.DoesNotContain(lines, line => line.StartsWith("holder", StringComparison.Ordinal));
        Assert.Contains("hidden False", lines);

        // They come and go meanwhile.
        kernelThreads = Math.Min(kernelThreads, KernelThreads());
        Assert.InRange(Value(lines, "unreadable"), 2, Value(lines, "processes") - kernelThreads);
    }

    [PythonFact(NeedsRoot = true)]
    public void Find_OwnSocketWithoutRoot_IsFound()
    {
        // Only an exec makes a process that gave up root readable for its new user.
        using var python = PythonProcess.Start("""
            a = socket.socket()
            os.set_inheritable(a.fileno(), True)
            os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)
            os.chdir('/')
            os.execv('/bin/sh', ['sh', '-c', f'echo {inode(a)} {a.fileno()}; read line'])
            """);
        Assert.Contains($"holder {python.Id} {python.Said[1]} False", Run([], "--user", Nobody, python));
    }

    [PythonFact(NeedsRoot = true, NeedsMounts = true)]
    public void Find_WhereProcHidesOthers_SaysSo()
    {
        using var python = PythonProcess.Start(HolderProgram);
        var lines = Run(["unshare", "--mount", "sh", "-c", "mount -t proc -o hidepid=invisible proc /proc && exec \"$@\"", "sh"], "--user", Stranger, python);
        Assert.Contains("hidden True", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("holder", StringComparison.Ordinal));
        Assert.Equal(1, Value(lines, "processes"));
    }

    [PythonFact(NeedsRoot = true, NeedsMounts = true)]
    public void Find_WhereProcHidesOthersButNotFromRoot_FindsTheHolder()
    {
        using var python = PythonProcess.Start(HolderProgram);
        var lines = Run(["unshare", "--mount", "sh", "-c", "mount -t proc -o hidepid=invisible proc /proc && exec \"$@\"", "sh"], "--user", "0", python);
        Assert.Contains("hidden False", lines);
        Assert.Contains($"holder {python.Id} {python.Said[1]} True", lines);
    }

    [PythonFact(NeedsRoot = true, NeedsMounts = true)]
    public void Find_WhereProcShowsOthersButNotTheirDescriptors_CountsThem()
    {
        using var python = PythonProcess.Start(HolderProgram);
        var lines = Run(["unshare", "--mount", "sh", "-c", "mount -t proc -o hidepid=noaccess proc /proc && exec \"$@\"", "sh"], "--user", Nobody, python);
        Assert.Contains("hidden False", lines);
        Assert.InRange(Value(lines, "unreadable"), 2, Value(lines, "processes"));
    }

    [TaskFileFact]
    public void Find_WithoutTheRightsForTheKernelsWalk_UsesProc()
    {
        using var python = PythonProcess.Start(HolderProgram);
        var lines = Run([], "--user", Nobody, python, "--task-files-from", "0");
        Assert.Contains("by-task-files False", lines);
        Assert.InRange(Value(lines, "unreadable"), 2, Value(lines, "processes"));
        Assert.DoesNotContain(lines, IsNote);
    }

    [TaskFileFact]
    public void Find_WithoutDescriptorsForTheKernelsWalk_UsesProc()
    {
        using var python = PythonProcess.Start(HolderProgram);
        var lines = Run([], "--free-descriptors", "3", python, "--task-files-from", "0");
        Assert.Contains("by-task-files False", lines);
        Assert.Contains($"holder {python.Id} {python.Said[1]} True", lines);
        Assert.DoesNotContain(lines, IsNote);
    }

    [TaskFileFact(NeedsNamespaces = true)]
    public void Find_AsRootOfAUserNamespaceOnly_UsesProc()
    {
        using var python = PythonProcess.Start(HolderProgram);
        var lines = Run(["setpriv", "--reuid", Stranger, "--clear-groups", "unshare", "--user", "--map-root-user"], "--free-descriptors", "90", python, "--task-files-from", "0");
        Assert.Contains("by-task-files False", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("holder", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, IsNote);
    }

    private static bool IsNote(string line) => line.StartsWith("note", StringComparison.Ordinal);

    private static int Value(IEnumerable<string> lines, string name) =>
        int.Parse(lines.Single(line => line.StartsWith(name + " ", StringComparison.Ordinal))[(name.Length + 1)..], CultureInfo.InvariantCulture);

    private static int KernelThreads()
    {
        const int kthreadd = 2;
        var reader = new ProcessReader(_ => null);
        return Directory.GetDirectories("/proc").Select(Path.GetFileName)
            .Count(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && reader.Read(pid) is { Arguments.IsEmpty: true, ParentId: kthreadd });
    }

    private static string[] Run(string[] wrapper, string option, string value, PythonProcess python, params string[] more)
    {
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] command = [.. wrapper, dotnet, typeof(SearchProgram).Assembly.Location, "search", python.Said[0], option, value, .. more];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromSeconds(180)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail("The search did not end.");
        }

        Assert.Equal(0, process.ExitCode);
        return output.Result.Split('\n');
    }
}
