using System.Globalization;

namespace Bindwise.Kernel.Tests.Isolation;

/// <summary>
/// A part of a host for programs that want to rule a whole host: a cgroup namespace with a unified hierarchy of its own, an empty /run, and
/// (for an init) process numbers of its own. The network is the host's.
/// </summary>
internal sealed class Sandbox : IAsyncDisposable
{
    private readonly TestHost _stage;
    private readonly string _cgroup;

    private Sandbox(TestHost host, TestProgram program, string cgroup)
    {
        _stage = host;
        _cgroup = cgroup;
        Program = program;
    }

    /// <summary>The program that was started.</summary>
    public TestProgram Program { get; }

    /// <summary>Starts a script in a sandbox.</summary>
    /// <param name="host">The host.</param>
    /// <param name="ownProcesses">The script is process 1 of its own namespace.</param>
    /// <param name="script">What /bin/sh runs there.</param>
    public static async Task<Sandbox> StartAsync(TestHost host, bool ownProcesses, string script)
    {
        var name = "bindwise-" + Path.GetFileName(host.Folder);
        var mount = Path.Combine(host.Folder, "cgroup");
        await host.SetUpAsync("mkdir " + mount).ConfigureAwait(false);
        await host.SetUpAsync("mount -t cgroup2 none " + mount).ConfigureAwait(false);
        await host.SetUpAsync($"mkdir {mount}/{name}").ConfigureAwait(false);
        var inside = $"""
            mount --make-rprivate /
            umount --recursive --lazy /sys/fs/cgroup
            mount -t cgroup2 none /sys/fs/cgroup
            mount -t tmpfs none /run
            {script}
            """;
        var enter = $"echo $$ > {mount}/{name}/cgroup.procs && exec unshare --cgroup --mount {(ownProcesses ? "--pid --fork --mount-proc --kill-child" : "")} /bin/sh -ec '{inside}'";
        return new Sandbox(host, host.Start(0, "/bin/sh", "-c", enter), Path.Combine(mount, name));
    }

    /// <summary>Runs a program within the mounts and process numbers of one that runs there.</summary>
    /// <param name="pid">The one that runs there, by the host's numbers.</param>
    /// <param name="command">The program.</param>
    public Task<Outcome> RunAsync(int pid, params string[] command) =>
        _stage.RunAsync(["nsenter", "--target", pid.ToString(CultureInfo.InvariantCulture), "--mount", "--pid", "--", .. command]);

    /// <summary>Waits for a program in the sandbox, and gives its process by the host's numbers.</summary>
    public async Task<int> PidOfAsync(string program)
    {
        var pid = 0;
        await Patience.UntilAsync(() =>
        {
            // The first of that name: a child that it has just forked bears it too, until its execve().
            var outcome = _stage.RunAsync("pgrep", "--oldest", "--exact", program).GetAwaiter().GetResult();
            return int.TryParse(outcome.Output.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out pid);
        }, program).ConfigureAwait(false);
        return pid;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // A group lives as long as it has members: first they end, then the groups go, the innermost first.
        var script = $"echo 1 > {_cgroup}/cgroup.kill; for i in $(seq 1800); do find {_cgroup} -depth -type d -exec rmdir {{}} + 2>/dev/null && break; sleep 0.1; done; test ! -d {_cgroup}";
        var outcome = await _stage.RunAsync("/bin/sh", "-c", script).ConfigureAwait(false);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
    }
}
