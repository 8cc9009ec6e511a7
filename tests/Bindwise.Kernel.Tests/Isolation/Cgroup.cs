using System.Globalization;

namespace Bindwise.Kernel.Tests.Isolation;

/// <summary>A control group of a test's own, removed with it.</summary>
internal sealed class Cgroup : IAsyncDisposable
{
    private readonly TestHost _stage;
    private readonly string _mount;
    private readonly string _path;
    private readonly bool _isVersion1;

    private Cgroup(TestHost host, string mount, string path, bool isVersion1)
    {
        _isVersion1 = isVersion1;
        _stage = host;
        _mount = mount;
        _path = path;
    }

    /// <summary>Its folder, in the host's own view.</summary>
    public string Folder => $"{_mount}/{_path}";

    /// <summary>The file into which a process id is written.</summary>
    public string Processes => $"{_mount}/{_path}/cgroup.procs";

    /// <summary>Makes the group in a view of the hierarchy that only the host has.</summary>
    /// <param name="host">The host.</param>
    /// <param name="path">Its path, below a group that only this host has.</param>
    /// <param name="isVersion1">In the freezer's hierarchy of cgroups v1 instead of the unified one.</param>
    public static async Task<Cgroup> MakeAsync(TestHost host, string path, bool isVersion1 = false)
    {
        var mount = Path.Combine(host.Folder, "cgroup-" + path.Replace('/', '-'));
        await host.SetUpAsync("mkdir " + mount).ConfigureAwait(false);
        await host.SetUpAsync($"mount -t {(isVersion1 ? "cgroup -o freezer" : "cgroup2")} none {mount}").ConfigureAwait(false);
        // The hierarchy is the host's: below a group with the host's own name it meets no other test run.
        var own = $"{Path.GetFileName(host.Folder)}/{path}";
        await host.SetUpAsync($"mkdir -p {mount}/{own}").ConfigureAwait(false);
        return new Cgroup(host, mount, own, isVersion1);
    }

    /// <summary>Moves a process of the host into it.</summary>
    public async Task PutAsync(int pid)
    {
        var outcome = await _stage.RunAsync("/bin/sh", "-c", string.Create(CultureInfo.InvariantCulture, $"echo {pid} > {Processes}")).ConfigureAwait(false);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
    }

    /// <summary>Freezes the group, or one above it, and waits until its processes stand still.</summary>
    public async Task FreezeAsync(string? above = null)
    {
        var folder = above is null ? Folder : $"{_mount}/{_path[..(_path.IndexOf('/', StringComparison.Ordinal) + 1)]}{above}";
        var script = _isVersion1 ? $"until echo FROZEN >{folder}/freezer.state && grep -qx FROZEN {Folder}/freezer.state; do :; done"
            : $"echo 1 >{folder}/cgroup.freeze; until grep -qx 'frozen 1' {Folder}/cgroup.events; do :; done";
        var outcome = await _stage.RunAsync("/bin/sh", "-c", script).ConfigureAwait(false);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Its processes go to the root, so that it is empty; the parents go too, unless somebody else is in them.
        var thaw = _isVersion1 ? "THAWED >{}/freezer.state" : "0 >{}/cgroup.freeze";
        var script = $"cd {_mount} && g={_path}; while [ \"$g\" != . ]; do echo {thaw.Replace("{}", "$g", StringComparison.Ordinal)}; g=$(dirname $g); done; while read pid; do echo $pid > cgroup.procs; done < {_path}/cgroup.procs; rmdir -p --ignore-fail-on-non-empty {_path}";
        var outcome = await _stage.RunAsync("/bin/sh", "-c", script).ConfigureAwait(false);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
    }
}
