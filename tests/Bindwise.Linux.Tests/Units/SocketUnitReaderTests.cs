using Bindwise.Linux.Tests.Processes;
using Bindwise.Linux.Units;

namespace Bindwise.Linux.Tests.Units;

/// <summary>Unit files as distributions ship and people write them, under a folder of the test's own.</summary>
public sealed class SocketUnitReaderTests : IDisposable
{
    private static readonly ProcessRecord Manager = new() { Id = 1, Name = "systemd", Arguments = ["/sbin/init"] };

    private readonly string _root = Directory.CreateTempSubdirectory("bindwise-units-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [LinuxFact]
    public void Unit_OfADistribution_IsFoundByItsPort()
    {
        Write("/usr/lib/systemd/system/ssh.socket", "[Unit]\nDescription=OpenBSD Secure Shell server socket\n[Socket]\nListenStream=22\nAccept=no\n[Install]\nWantedBy=sockets.target\n");
        Write("/usr/lib/systemd/system/cups.socket", "[Socket]\nListenStream=/run/cups/cups.sock\n");
        var unit = Assert.Single(Read(22));
        Assert.Equal(("ssh.socket", "ssh.service", false, 1), (unit.Name, unit.Service, unit.IsEnabled, unit.ManagerId));
        Assert.Equal(new SocketUnitListen(SocketUnitKind.Stream, "22"), Assert.Single(unit.Listens));
        Assert.Empty(Read(2));
        Assert.Empty(Read(222));
        Assert.Equal("cups.socket", Assert.Single(new SocketUnitReader(_root).Read(Manager, null, new HashSet<string> { "/run/cups/cups.sock" })).Name);
    }

    [LinuxFact]
    public void FileInEtc_GoesBeforeThatOfTheDistribution_AndDropInsChangeIt()
    {
        Write("/usr/lib/systemd/system/a.socket", "[Socket]\nListenStream=1\n");
        Write("/etc/systemd/system/a.socket", "[Socket]\nListenStream=2\nListenDatagram=2\nService=b.service\nBindIPv6Only=ipv6-only\n");
        Write("/usr/lib/systemd/system/a.socket.d/50-port.conf", "[Socket]\nListenStream=\nListenStream=3\n");
        Write("/etc/systemd/system/a.socket.d/50-port.conf", "[Socket]\nListenStream=\nListenStream=127.0.0.1:4\n");
        Write("/run/systemd/system/a.socket.d/60-more.conf", "[Service]\nListenStream=9\n[Socket]\nListenStream=5\nBindIPv6Only=both\n");
        Assert.Empty(Read(1));
        Assert.Empty(Read(2));
        Assert.Empty(Read(3));
        Assert.Empty(Read(9));
        var unit = Assert.Single(Read(4));
        Assert.Equal(["127.0.0.1:4", "5"], unit.Listens.Select(l => l.Address));
        Assert.Equal(("b.service", (bool?)false), (unit.Service, unit.V6Only));
    }

    [LinuxFact]
    public void MaskedUnit_ListensNowhere()
    {
        Write("/usr/lib/systemd/system/a.socket", "[Socket]\nListenStream=8080\n");
        Directory.CreateDirectory(_root + "/etc/systemd/system");
        File.CreateSymbolicLink(_root + "/etc/systemd/system/a.socket", "/dev/null");
        Assert.Empty(Read(8080));
    }

    [LinuxFact]
    public void EnabledUnit_IsToldFromOneThatMerelyExists_AndAnAliasIsNoUnitOfItsOwn()
    {
        Write("/usr/lib/systemd/system/a.socket", "[Socket]\nListenStream=8080\n");
        Write("/usr/lib/systemd/system/b.socket", "[Socket]\nListenStream=8080\n");
        Directory.CreateDirectory(_root + "/etc/systemd/system/sockets.target.wants");
        File.CreateSymbolicLink(_root + "/etc/systemd/system/sockets.target.wants/b.socket", "/usr/lib/systemd/system/b.socket");
        File.CreateSymbolicLink(_root + "/etc/systemd/system/c.socket", _root + "/usr/lib/systemd/system/b.socket");
        Assert.Equal([("a.socket", false), ("b.socket", true)], Read(8080).Select(u => (u.Name, u.IsEnabled)));
    }

    [LinuxFact]
    public void Template_GivesItsInstances()
    {
        Write("/etc/systemd/system/web@.socket", "[Socket]\nListenStream=127.0.0.1:%i\nAccept=yes\n");
        Write("/etc/systemd/system/web@8081.socket.d/x.conf", "[Socket]\nListenStream=9000\n");
        Directory.CreateDirectory(_root + "/etc/systemd/system/sockets.target.wants");
        File.CreateSymbolicLink(_root + "/etc/systemd/system/sockets.target.wants/web@8081.socket", "../web@.socket");
        var unit = Assert.Single(Read(8081));
        Assert.Equal(("web@8081.socket", "web@8081@.service", true, true), (unit.Name, unit.Service, unit.Accepts, unit.IsEnabled));
        Assert.Equal("web@8081.socket", Assert.Single(Read(9000), static u => u.IsEnabled).Name);
        // Started by hand, in no file: the template alone says what it would be called.
        Assert.Equal(("web@8099.socket", false), (Assert.Single(Read(8099)).Name, Read(8099)[0].IsEnabled));
        Write("/etc/systemd/system/fixed@.socket", "[Socket]\nListenStream=7000\nSocketUser=%i\n");
        Assert.DoesNotContain(Read(7000), static u => u.Name.StartsWith("fixed", StringComparison.Ordinal));
    }

    [LinuxFact]
    public void UserManager_ReadsTheUsersFolders()
    {
        Write("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/bash\n");
        Write("/home/alice/.config/systemd/user/dev.socket", "[Socket]\nListenStream=3000\nListenStream=%t/dev.sock\nListenStream=%h/dev.sock\nListenStream=@%n%%\n");
        Write("/etc/systemd/system/other.socket", "[Socket]\nListenStream=3000\n");
        var manager = Manager with { Id = 700, ParentId = 1, UserId = 1000, Arguments = ["/lib/systemd/systemd", "--user"] };
        var unit = Assert.Single(new SocketUnitReader(_root).Read(manager, 3000, new HashSet<string>()));
        Assert.Equal((700, "dev.socket"), (unit.ManagerId, unit.Name));
        Assert.Equal(["3000", "/run/user/1000/dev.sock", "/home/alice/dev.sock", "@dev.socket%"], unit.Listens.Select(l => l.Address));
    }

    [LinuxFact]
    public void SystemdInAContainer_ReadsTheContainersFiles()
    {
        Write("/proc/4021/mountinfo", "1 1 0:1 / / rw - overlay overlay rw\n");
        Write("/proc/4021/root/etc/systemd/system/in.socket", "[Socket]\nListenStream=80\n");
        Write("/etc/systemd/system/out.socket", "[Socket]\nListenStream=80\n");
        var unit = Assert.Single(new SocketUnitReader(_root).Read(Manager with { Id = 4021, Container = "web" }, 80, new HashSet<string>()));
        Assert.Equal("in.socket", unit.Name);
    }

    [LinuxFact]
    public void HostileFiles_GiveNothingAndEnd()
    {
        Write("/etc/systemd/system/a.socket", "[Socket\nListenStream=80\n");
        Write("/etc/systemd/system/b.socket", "ListenStream=80\n[Socket]\n=80\nListenStream\n[]\nListenStream=80\n");
        Write("/etc/systemd/system/c.socket", new string('x', 1_000_000) + "\n[Socket]\nListenStream=80\n");
        Write("/etc/systemd/system/d\u001b.socket", "[Socket]\nListenStream=\\\n80\\");
        Write("/etc/systemd/system/.socket", "[Socket]\nListenStream=80\n");
        Write("/etc/systemd/system/e.socket", "[Socket]\nListenStream=%\n");
        Directory.CreateDirectory(_root + "/etc/systemd/system/f.socket");
        using (var pipe = System.Diagnostics.Process.Start("mkfifo", _root + "/etc/systemd/system/g.socket"))
            pipe.WaitForExit();
        Assert.Empty(Read(80));
    }

    [Theory]
    [InlineData("ListenStream=\\\n  80", "80")]
    [InlineData("ListenStream= \\\n# a comment\n; another\n80", "80")]
    [InlineData("  ListenStream  =  80  \r", "80")]
    public void Assignment_OverSeveralLines_IsOne(string text, string value)
    {
        var assignment = Assert.Single(UnitFile.Read(System.Text.Encoding.UTF8.GetBytes("[Socket]\n" + text + "\n"), "Socket"));
        Assert.Equal(("ListenStream", value), (assignment.Key, assignment.Value.Trim()));
    }

    private List<SocketUnitRecord> Read(ushort port) => new SocketUnitReader(_root).Read(Manager, port, new HashSet<string>());

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_root + path)!);
        File.WriteAllText(_root + path, text);
    }
}
