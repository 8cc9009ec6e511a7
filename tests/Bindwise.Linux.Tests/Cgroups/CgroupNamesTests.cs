using System.Diagnostics;
using System.Text;
using Bindwise.Linux.Cgroups;
using Bindwise.Linux.Tests.Kernel;

namespace Bindwise.Linux.Tests.Cgroups;

/// <summary>Names of groups in parts of the tree that belong to ordinary users. Folders of any file system do: what counts is their owner.</summary>
public sealed class CgroupNamesTests : IDisposable
{
    private const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bindwise-cgroup-names-");
    private readonly CgroupNames _names;

    public CgroupNamesTests()
    {
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "proc/self"));
        File.WriteAllText(Path.Combine(_folder.FullName, "proc/self/mountinfo"), $"""
            30 23 0:26 / {_folder.FullName}/v2 rw shared:9 - cgroup2 cgroup2 rw
            31 23 0:27 / {_folder.FullName}/v1 rw shared:9 - cgroup cgroup rw,name=systemd

            """);
        _names = new(new CgroupMounts(Path.Combine(_folder.FullName, "proc")));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [KernelTheory]
    [InlineData("/system.slice/job.service", "/docker-" + Id + ".scope", "job.service", null)]
    [InlineData("/system.slice/job.service", "/sub/" + Id, "job.service", null)]
    [InlineData("/delegated", "/sshd.service", null, null)]
    [InlineData("/delegated", "/a/lxc.payload.web", null, null)]
    [InlineData("/delegated", "/user@0.service/app.slice/web.service", null, null)]
    [InlineData("/delegated", "/x.slice/machine-web.scope", null, null)]
    [InlineData("/docker/" + Id, "/system.slice/web.service", null, Id)]
    [InlineData("/user.slice/user-1000.slice/user@1000.service", "/app.slice/web.service", "web.service", null)]
    [InlineData("/user.slice/user-1000.slice/user@1000.service", "/user.slice/libpod-" + Id + ".scope", "libpod-" + Id + ".scope", Id)]
    public void BelowAFolderOfAnOrdinaryUser_OnlyItsManagersNamesCount(string delegated, string below, string? unit, string? container)
    {
        foreach (var hierarchy in new[] { "v2", "v1" })
        {
            Directory.CreateDirectory(_folder.FullName + "/" + hierarchy + delegated + below);
            Own($"{hierarchy}{delegated}");
        }
        foreach (var line in new[] { "0::", "1:name=systemd:" })
        {
            var groups = CgroupFile.Parse(Encoding.UTF8.GetBytes($"{line}{delegated}{below}\n"));
            Assert.Equal((unit, container), (_names.UnitOf(groups), _names.ContainerOf(groups)));
        }
    }

    [KernelTheory]
    [InlineData("/system.slice/docker-" + Id + ".scope", Id)]
    [InlineData("/docker/" + Id + "/child", Id)]
    [InlineData("/kubepods/burstable/pod1/" + Id, Id)]
    [InlineData("/../elsewhere/" + Id, Id)]
    [InlineData("/gone/below/" + Id, Id)]
    public void WhereTheSystemNamesTheGroups_OrNothingCanBeSeen_TheNamesCount(string path, string container)
    {
        if (!path.Contains("gone", StringComparison.Ordinal) && !path.Contains("..", StringComparison.Ordinal))
            Directory.CreateDirectory(_folder.FullName + "/v2" + path);
        Assert.Equal(container, _names.ContainerOf(CgroupFile.Parse(Encoding.UTF8.GetBytes($"0::{path}\n"))));
    }

    // KillMode=process: the server runs on in the group of a unit that systemd counts as inactive.
    [KernelTheory]
    [InlineData("/system.slice/app.service", "app.service")]
    [InlineData("/system.slice/left.service", null)]
    [InlineData("/system.slice/system-a.slice/a@1.service", null)]
    [InlineData("/system.slice/left.scope", "left.scope")]
    [InlineData("/other.slice/left.service", "left.service")]
    [InlineData("/user.slice/user-1000.slice/user@1000.service/app.slice/web.service", "web.service")]
    public void UnitOf_AProcessThatItsUnitHasLeft_IsNone(string path, string? unit)
    {
        var groups = CgroupFile.Parse(Encoding.UTF8.GetBytes($"0::{path}\n"));
        Assert.NotNull(_names.UnitOf(groups));

        var units = Directory.CreateDirectory(Path.Combine(_folder.FullName, "run/systemd/units"));
        File.CreateSymbolicLink(Path.Combine(units.FullName, "invocation:app.service"), "0123");
        Assert.Equal(unit, new CgroupNames(new CgroupMounts(Path.Combine(_folder.FullName, "proc"))).UnitOf(groups));
    }

    private void Own(string path)
    {
        using var chown = Process.Start(new ProcessStartInfo("chown", ["1000", Path.Combine(_folder.FullName, path)]))!;
        chown.WaitForExit();
        Assert.Equal(0, chown.ExitCode);
    }
}
