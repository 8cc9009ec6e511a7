using System.Text;
using Bindwise.Linux.Cgroups;
using FsCheck.Fluent;

namespace Bindwise.Linux.Tests.Cgroups;

[Trait("Seed", "any")]
public sealed class CgroupTests
{
    private const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private const string Other = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";

    [Theory]
    [InlineData("/", null)]
    [InlineData("/system.slice/nginx.service", "nginx.service")]
    [InlineData("/system.slice/nginx.socket", "nginx.socket")]
    [InlineData("/system.slice/system-postgresql.slice/postgresql@16-main.service", "postgresql@16-main.service")]
    [InlineData("/user.slice/user-1000.slice/session-3.scope", "session-3.scope")]
    [InlineData("/user.slice/user-1000.slice/user@1000.service/app.slice/foo.service", "foo.service")]
    [InlineData("/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.gnome.Terminal.slice/vte-spawn-1.scope", "vte-spawn-1.scope")]
    [InlineData("/user.slice/user-1000.slice/user@1000.service/init.scope", "init.scope")]
    [InlineData("/user.slice/user-1000.slice/user@1000.service", "user@1000.service")]
    [InlineData("/user.slice/user-1000.slice/user@1000.service/app.slice", "user@1000.service")]
    [InlineData("/init.scope", "init.scope")]
    [InlineData("/system.slice/dev-disk\\x2dswap.swap", "dev-disk\\x2dswap.swap")]
    [InlineData("/system.slice/foo@a\\x2db.service", "foo@a\\x2db.service")]
    [InlineData("/system.slice/_cgroup.service", "cgroup.service")]
    [InlineData("/system.slice/containerd.service/kubepods/pod1", "containerd.service")]
    [InlineData("/machine.slice/systemd-nspawn@web.service/payload/system.slice/nginx.service", "systemd-nspawn@web.service")]
    [InlineData("/system.slice/docker-" + Id + ".scope", "docker-" + Id + ".scope")]
    [InlineData("/docker/" + Id, null)]
    [InlineData("/lxc.payload.web/system.slice/nginx.service", null)]
    [InlineData("/../../system.slice/nginx.service", "nginx.service")]
    [InlineData("/ci/job-7/system.slice/nginx.service", "nginx.service")]
    [InlineData("/ci/job-7", null)]
    [InlineData("/.service", null)]
    [InlineData("//system.slice//nginx.service/", "nginx.service")]
    [InlineData("/system.slice/nginx.service (deleted)", null)]
    public void Path_NamesItsUnit(string path, string? unit) => Assert.Equal(unit, CgroupPath.Unit(path));

    [Theory]
    [InlineData("/", null)]
    [InlineData("/system.slice/nginx.service", null)]
    [InlineData("/docker/" + Id, Id)]
    [InlineData("/../../docker/" + Id, Id)]
    [InlineData("/system.slice/docker-" + Id + ".scope", Id)]
    [InlineData("/system.slice/docker-" + Id + ".scope/system.slice/nginx.service", Id)]
    [InlineData("/docker/" + Id + "/kubelet.slice/cri-containerd-" + Other + ".scope", Id)]
    [InlineData("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod12_34.slice/cri-containerd-" + Id + ".scope", Id)]
    [InlineData("/kubepods.slice/kubepods-pod1.slice/crio-" + Id + ".scope", Id)]
    [InlineData("/kubepods/besteffort/pod0a1b/" + Id, Id)]
    [InlineData("/kubepods-pod1.slice:cri-containerd:" + Id, Id)]
    [InlineData("/machine.slice/libpod-" + Id + ".scope", Id)]
    [InlineData("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + Id + ".scope/container", Id)]
    [InlineData("/machine.slice/libpod-conmon-" + Id + ".scope", null)]
    [InlineData("/kubepods.slice/crio-conmon-" + Id + ".scope", null)]
    [InlineData("/docker/0123456789abcdef", null)]
    [InlineData("/process/064b4654d3a265873f8bc1a7af0c5239", null)]
    [InlineData("/lxc.payload.web", "web")]
    [InlineData("/lxc/web/init.scope", "web")]
    [InlineData("/lxc.monitor.web", null)]
    [InlineData("/machine.slice/machine-web\\x2d1.scope", "web-1")]
    [InlineData("/machine.slice/systemd-nspawn@web.service/payload", "web")]
    [InlineData("/machine.slice/machine-qemu\\x2d1\\x2dvm.scope", null)]
    [InlineData("/machine.slice/machine-a\\x", null)]
    [InlineData("/machine.slice/machine-a\\xzz\\x00.scope", "a\\xzz\\x00")]
    public void Path_NamesItsContainer(string path, string? container) => Assert.Equal(container, CgroupPath.Container(path));

    [Fact]
    public void Path_Arbitrary_NeverThrows() =>
        Prop.ForAll<string>(path =>
        {
            var text = path ?? "";
            _ = CgroupPath.Unit(text);
            _ = CgroupPath.Container("/machine.slice/machine-" + text + ".scope");
            return true;
        }).Holds();

    [Theory]
    [InlineData("0::/system.slice/a.service\n", "/system.slice/a.service")]
    [InlineData("12:cpu,cpuacct:/x\n1:name=systemd:/system.slice/a.service\n0::/\n", "/system.slice/a.service")]
    [InlineData("1:name=systemd:/a\n0::/b\n", "/b")]
    [InlineData("1:name=systemd:/\n0::/\n", "/")]
    [InlineData("2:pids:/a\n", null)]
    [InlineData("0::/a:b\n", "/a:b")]
    [InlineData("0::relative\n", null)]
    [InlineData("0\n\n::\n", null)]
    [InlineData("", null)]
    public void File_GivesThePathThatTellsMost(string lines, string? path) => Assert.Equal(path, CgroupFile.Parse(Encoding.UTF8.GetBytes(lines)).Best);

    [Fact]
    public void File_OfVersion1_GivesTheContainerFromAnyHierarchy()
    {
        var file = CgroupFile.Parse(Encoding.UTF8.GetBytes($"9:name=systemd:/\n4:memory:/docker/{Id}\n0::/\n"));
        Assert.Equal(Id, file.Paths.Select(CgroupPath.Container).First(container => container is not null));
    }

    [Fact]
    public void File_OfArbitraryBytes_NeverThrows() =>
        Prop.ForAll<byte[]>(bytes => CgroupFile.Parse([.. "0::/"u8, .. bytes]).Unified is not null).Holds();

    [Theory]
    [InlineData("/", "/system.slice", "/system.slice")]
    [InlineData("/docker/a", "/docker/a/b", "/b")]
    [InlineData("/docker/a", "/docker/a", "")]
    [InlineData("/docker/a", "/docker/ab", null)]
    [InlineData("/docker/a", "/", null)]
    [InlineData("/", "/../other", null)]
    public void Path_IsFoundBelowWhatIsMounted(string root, string path, string? below) => Assert.Equal(below, CgroupMounts.Below(root, path));
}
