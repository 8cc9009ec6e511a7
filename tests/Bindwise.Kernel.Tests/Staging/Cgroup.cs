using System.Globalization;

namespace Bindwise.Kernel.Tests.Staging;

/// <summary>A control group of a test's own, removed with it.</summary>
internal sealed class Cgroup : IAsyncDisposable
{
    private readonly Stage _stage;
    private readonly string _mount;
    private readonly string _path;

    private Cgroup(Stage stage, string mount, string path)
    {
        _stage = stage;
        _mount = mount;
        _path = path;
    }

    /// <summary>Its folder, in the stage's own view.</summary>
    public string Folder => $"{_mount}/{_path}";

    /// <summary>The file into which a process id is written.</summary>
    public string Processes => $"{_mount}/{_path}/cgroup.procs";

    /// <summary>Makes the group in a view of the hierarchy that only the stage has.</summary>
    public static async Task<Cgroup> MakeAsync(Stage stage, string path)
    {
        var mount = Path.Combine(stage.Folder, "cgroup-" + path.Replace('/', '-'));
        await stage.SetUpAsync("mkdir " + mount).ConfigureAwait(false);
        await stage.SetUpAsync("mount -t cgroup2 none " + mount).ConfigureAwait(false);
        await stage.SetUpAsync($"mkdir -p {mount}/{path}").ConfigureAwait(false);
        return new Cgroup(stage, mount, path);
    }

    /// <summary>Moves a process of the stage into it.</summary>
    public async Task PutAsync(int pid)
    {
        var outcome = await _stage.RunAsync("/bin/sh", "-c", string.Create(CultureInfo.InvariantCulture, $"echo {pid} > {Processes}")).ConfigureAwait(false);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Its processes go to the root, so that it is empty; the parents go too, unless somebody else is in them.
        var script = $"cd {_mount} && while read pid; do echo $pid > cgroup.procs; done < {_path}/cgroup.procs; rmdir -p --ignore-fail-on-non-empty {_path}";
        var outcome = await _stage.RunAsync("/bin/sh", "-c", script).ConfigureAwait(false);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
    }
}
