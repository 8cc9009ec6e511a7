using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>run and run --hold: servers on UNIX sockets.</summary>
public sealed class UnixSocketTests
{
    private static readonly string[] Server = ["python3", "-B", "-S", Programs.Script("unix_server.py")];

    [KernelTheory]
    [InlineData("run", 0)]
    [InlineData("run", TestHost.Nobody)]
    [InlineData("run --hold --restart=never", 0)]
    public async Task FileOfAnEndedServer_IsExplained(string verb, int user)
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        Assert.Equal(0, (await host.RunAsync([.. Server, path, "once"])).ExitCode);
        // From the program's own folder.
        var outcome = await host.RunAsAsync(user, null, ["/bin/sh", "-c", "cd \"$1\" && shift && exec \"$@\"", "sh", host.Folder, Programs.Bindwise, .. verb.Split(' '), .. Server, "app.sock"]);
        Assert.True((outcome.ExitCode, outcome.Output) == (3, "EADDRINUSE\n"), outcome.ToString());
        Assert.Contains($" to {path} failed: EADDRINUSE\n{path} is taken", outcome.Error, StringComparison.Ordinal);
        Assert.Contains(user == 0 ? $"rm -- {path}" : $"sudo bindwise why {path}", outcome.Error, StringComparison.Ordinal);
    }

    [KernelTheory]
    [InlineData("{0}/app.sock")]
    [InlineData("@bindwise app")]
    public async Task ServerThatRuns_IsNamed(string name)
    {
        await using var host = await TestHost.OpenAsync();
        var path = string.Format(System.Globalization.CultureInfo.InvariantCulture, name, host.Folder);
        var server = host.Start(0, [.. Server, path]);
        await server.ReadyAsync();
        var outcome = await host.RunAsync([Programs.Bindwise, "run", .. Server, path]);
        Assert.True((outcome.ExitCode, outcome.Output) == (3, "EADDRINUSE\n"), outcome.ToString());
        Assert.Contains($"kill {server.Pid}", outcome.Error, StringComparison.Ordinal);
    }

    [KernelTheory]
    [InlineData("", "{\"second\": [null, null], \"waiting\": [true, true], \"same\": [true, true]}\n")]
    [InlineData("twice", "{\"second\": [\"EADDRINUSE\", \"EADDRINUSE\"], \"waiting\": [true, true], \"same\": [true, true]}\n")]
    [InlineData("unlink", "{\"second\": [null, null], \"waiting\": [\"lost\", \"lost\"], \"same\": [false, false]}\n")]
    public async Task Socket_IsKeptOverRestartsWithItsFile(string words, string expected)
    {
        await using var host = await TestHost.OpenAsync();
        string[] command = ["restart", Programs.Bindwise, Path.Combine(host.Folder, "app.sock"), .. words.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        var outcome = await host.RunAsync([.. Server, .. command]);
        Assert.True(outcome.Output == expected, outcome.ToString());
    }

    // As that of the .NET runtime's diagnostics, a name with the process's number does not come back.
    [KernelTheory]
    [InlineData("app.sock", "1")]
    [InlineData("app-$$-x.sock", "none")]
    public async Task Socket_OfANameThatComesBack_IsKept(string name, string passed)
    {
        await using var host = await TestHost.OpenAsync();
        var (flag, path) = (Path.Combine(host.Folder, "flag"), Path.Combine(host.Folder, name));
        var script = $"echo ${{LISTEN_FDS:-none}}; if [ -e {flag} ]; then kill -TERM $PPID; exec sleep 60; fi; touch {flag}; exec {string.Join(' ', Server)} {path} once";
        var outcome = await host.RunAsync(Programs.Bindwise, "run", "--hold", "--restart=always", "--listen-fds", "sh", "-c", script);
        Assert.Equal(["none", passed], outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => line[0] != '{'));
    }

    // The file is another socket's by now, or the program another user's.
    [KernelTheory]
    [InlineData("replace")]
    [InlineData("nobody")]
    public async Task Socket_OfAnother_IsNotGiven(string how)
    {
        await using var host = await TestHost.OpenAsync();
        var path = Path.Combine(host.Folder, "app.sock");
        var server = string.Join(' ', Server);
        var next = how == "replace" ? $"rm {path}; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"{path}\")'; {server} {path}" : $"{server} {path} nobody";
        var outcome = await host.RunAsync(Programs.Bindwise, "run", "--hold", "sh", "-c", $"if [ -e {path} ]; then {next}; exit 0; fi; {server} {path} once; exit 1");
        Assert.True(outcome.Output.EndsWith("}\nEADDRINUSE\n", StringComparison.Ordinal), outcome.ToString());
    }
}
