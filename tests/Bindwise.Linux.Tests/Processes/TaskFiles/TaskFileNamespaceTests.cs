using System.Diagnostics;

namespace Bindwise.Linux.Tests.Processes.TaskFiles;

/// <summary>The kernel knows a process by other numbers than a PID namespace shows: the search must give those of its own /proc.</summary>
public sealed class TaskFileNamespaceTests
{
    [TaskFileFact(NeedsNamespaces = true)]
    public void Find_InAPidNamespaceOfItsOwn_GivesTheNumbersThatProcShows()
    {
        // Among the holders is one in a namespace further in, which has two numbers here.
        var lines = NestedSearch("--mount-proc");
        Assert.Contains("by-task-files True", lines);
        Assert.Equal(["holder HERE", "holder CHILD", "holder INNER"], lines.Where(line => line.StartsWith("holder", StringComparison.Ordinal)));
    }

    [TaskFileFact(NeedsNamespaces = true)]
    public void Find_WithAProcOfAnotherPidNamespace_UsesThatProc() => Assert.Contains("by-task-files False", NestedSearch());

    private static string[] NestedSearch(params string[] more)
    {
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        const string program = """
            import os, socket, subprocess, sys
            a = socket.socket()
            os.set_inheritable(a.fileno(), True)
            kept = [subprocess.Popen(c, stdin=subprocess.PIPE, stdout=subprocess.PIPE, close_fds=False, text=True)
                for c in (['sh', '-c', 'echo $$; read line'], ['unshare', '--pid', '--fork', '--kill-child', 'sh', '-c', 'echo $$; read line'])]
            said = [child.stdout.readline().strip() for child in kept]
            names = {os.getpid(): 'HERE', kept[0].pid: 'CHILD', kept[1].pid: 'FORKER'}
            found = subprocess.run([*sys.argv[1:], 'search', str(os.fstat(a.fileno()).st_ino), '--task-files-from', '0'], stdout=subprocess.PIPE, text=True).stdout
            for line in found.splitlines():
                words = line.split()
                if words[0] == 'holder':
                    stat = open(f'/proc/{words[1]}/stat').read().rsplit(')', 1)[1].split() if os.path.exists(f'/proc/{words[1]}') else ['', '0']
                    name = names.get(int(words[1])) or ('INNER' if int(stat[1]) == kept[1].pid and said[1] == '1' else words[1])
                    if name == 'FORKER': continue
                    line = f'holder {name}'
                print(line)
            for child in kept:
                child.stdin.close()
                child.wait()
            """;
        string[] arguments = ["--pid", "--fork", "--kill-child", .. more, PythonProcess.Interpreter!, "-c", program, dotnet, typeof(SearchProgram).Assembly.Location];
        using var process = Process.Start(new ProcessStartInfo("unshare", arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
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
