using Bindwise.Linux.Units;

namespace Bindwise.Linux.Tests.Units;

public sealed class UnitNamesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("bindwise-units-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Read_FilesAndCgroups_GivesServicesAndSocketsOnceInOrder()
    {
        string[] files = ["/etc/systemd/system/web.service", "/usr/lib/systemd/system/web.service", "/lib/systemd/system/ssh.socket", "/usr/lib/systemd/system/getty@.service", "/usr/lib/systemd/system/backup.timer"];
        foreach (var file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_root + file)!);
            File.WriteAllText(_root + file, "");
        }
        foreach (var cgroup in new[] { "run-u7.service", "system-getty.slice/getty@tty1.service", "docker-0123.scope" })
            Directory.CreateDirectory($"{_root}/sys/fs/cgroup/system.slice/{cgroup}");
        Assert.Equal(["getty@tty1.service", "run-u7.service", "ssh.socket", "web.service"], UnitNames.Read(_root));
    }

    [Fact]
    public void Read_WithoutSystemd_GivesNone() => Assert.Empty(UnitNames.Read(_root));
}
