using System.Text;
using Bindwise.Linux.Containers;
using Bindwise.Linux.Native;
using Bindwise.Linux.Tests.Processes;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Tests.Containers;

/// <summary>
/// Files of engines under a folder of the test's own, and a stand-in for an engine's API: a small server on a UNIX socket that sends what
/// real engines sent.
/// </summary>
public sealed class ContainerReaderTests : IDisposable
{
    // The stand-in answers when the machine lets it, which may be later than a person would wait.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string _root = Directory.CreateTempSubdirectory("bindwise-c-").FullName;
    private readonly List<string> _notes = [];

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [LinuxFact]
    public void DockerFile_NamesTheContainerOfAProcess()
    {
        Write($"/var/lib/docker/containers/{Captured.DockerId}/config.v2.json", Captured.DockerFile);
        var found = Assert.Single(Read(Inside("/docker/" + Captured.DockerId, Captured.DockerId)));
        AssertIsShop(found);
        Assert.Equal(Address("172.17.0.2"), Assert.Single(found.Addresses));
    }

    [LinuxFact]
    public void DockerFile_CountsTheRestarts()
    {
        foreach (var (count, expected) in new (string, int?)[] { ("4", 4), ("0", 0), ("-1", null), ("\"4\"", null), ("1e99", null) })
        {
            Write($"/var/lib/docker/containers/{Captured.DockerId}/config.v2.json", $$"""{"ID":"{{Captured.DockerId}}","Name":"/web","RestartCount":{{count}}}""");
            var found = Assert.Single(Read(Inside("/docker/" + Captured.DockerId, Captured.DockerId)));
            Assert.Equal((expected, false), (found.Restarts, found.IsReportedByEngine));
        }
    }

    [LinuxFact]
    public void DockerFiles_AreLookedThroughForAProxy()
    {
        Write($"/var/lib/docker/containers/{Captured.DockerId}/config.v2.json", Captured.DockerFile);
        Write("/var/lib/docker/containers/0123456789abcdef/config.v2.json", "{");
        Write("/var/lib/docker/containers/../../x/config.v2.json", "{}");
        AssertIsShop(Assert.Single(Read(new ProcessRecord { Id = 5, Name = "docker-proxy" })));
    }

    [PythonFact]
    public void DockerApi_NamesTheContainerOfAProcessAndOfAProxy()
    {
        using var engine = Engine("/run/docker.sock", "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n", Captured.DockerList);
        AssertIsShop(Assert.Single(Read(Inside("/docker/" + Captured.DockerId, Captured.DockerId))));
        AssertIsShop(Assert.Single(Read(new ProcessRecord { Id = 5, Name = "docker-proxy" })));
        Assert.Empty(_notes);
    }

    [PythonFact]
    public void PodmanApi_IsThatOfTheUserWhoseCgroupItIs()
    {
        using var engine = Engine($"/run/user/{User}/podman/podman.sock", "HTTP/1.0 200 OK\r\n\r\n", Captured.PodmanList);
        Own($"/run/user/{User}/podman/podman.sock");
        var found = Assert.Single(Read(OfUser()));
        Assert.Equal(("shop-web", "podman", User), (found.Name, found.Engine, found.UserId));
        var all = Read(new ProcessRecord { Id = 5, Name = "rootlessport", UserId = User });
        Assert.Equal([8081, 8080], all.Select(c => (int)Assert.Single(c.Published).HostPort));
    }

    [PythonFact(NeedsRoot = true)]
    public void PodmanApi_ThatIsALinkOrNotTheUsers_IsNotAsked()
    {
        var path = $"{_root}/run/user/{User}/podman/podman.sock";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var engine = Engine("/run/other.sock", "HTTP/1.0 200 OK\r\n\r\n", Captured.PodmanList);
        File.CreateSymbolicLink(path, _root + "/run/other.sock");
        Assert.Empty(Read(OfUser()));
        File.Delete(path);
        File.Move(_root + "/run/other.sock", path);
        Assert.Empty(Read(OfUser()));
        Assert.Empty(_notes);
        Own($"/run/user/{User}/podman/podman.sock");
        Assert.Single(Read(OfUser()));
    }

    [LinuxFact]
    public void PodmanStorage_NamesTheContainer()
    {
        Write("/var/lib/containers/storage/vfs-containers/containers.json", Captured.PodmanStorage);
        var found = Assert.Single(Read(Inside("/libpod_parent/libpod-" + Captured.PodmanId, Captured.PodmanId)));
        Assert.Equal(("shop-web", "podman", "docker.io/library/nginx:1.25"), (found.Name, found.Engine, found.Image));
        Write("/etc/passwd", "alice:x:1000:1000::/home/alice:/bin/bash\n");
        Write("/home/alice/.local/share/containers/storage/overlay-containers/containers.json", Captured.PodmanStorage);
        found = Assert.Single(Read(Inside("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + Captured.PodmanId + ".scope", Captured.PodmanId)));
        Assert.Equal(1000u, found.UserId);
    }

    [LinuxFact]
    public void Bundle_NamesThePod()
    {
        Write($"/run/containerd/io.containerd.runtime.v2.task/k8s.io/{Captured.DockerId}/config.json", Captured.ContainerdBundle);
        var found = Assert.Single(Read(Inside("/kubepods/burstable/pod1/" + Captured.DockerId, Captured.DockerId)));
        Assert.Equal(("nginx", "containerd", "docker.io/library/nginx:1.25"), (found.Name, found.Engine, found.Image));
        Assert.Equal(("web-0", "shop", "2a1c0de0-1111-2222-3333-444455556666"), (found.PodName, found.PodNamespace, found.PodUid));
    }

    [PythonFact]
    public void NoContainer_NobodyIsAsked()
    {
        // It would hold up the answer until the time is over, and that would be noted.
        using var engine = Engine("/run/docker.sock", "", "", waits: true);
        Assert.Empty(Read(new ProcessRecord { Id = 5, Name = "nginx", Cgroup = "/system.slice/nginx.service" }));
        Assert.Empty(_notes);
    }

    [PythonTheory]
    [InlineData("HTTP/1.0 500 Internal Server Error\r\n\r\n", "[]", "HTTP status 500")]
    [InlineData("SSH-2.0-x\r\n", "", "no HTTP answer")]
    [InlineData("", "", "no HTTP answer")]
    [InlineData("HTTP/1.0 200 OK\r\n\r\n", "[{", "no JSON")]
    [InlineData("HTTP/1.0 200 OK\r\n\r\n", "", "no JSON")]
    public void EngineThatDoesNotTell_IsNoted(string head, string body, string fault)
    {
        using var engine = Engine("/run/docker.sock", head, body);
        Assert.Empty(Read(Inside("/docker/" + Captured.DockerId, Captured.DockerId)));
        Assert.Equal($"the container engine at /run/docker.sock does not say which container it is ({fault})", Assert.Single(_notes));
    }

    [PythonFact]
    public void EngineThatNeverAnswers_IsLeft()
    {
        using var engine = Engine("/run/docker.sock", "", "", waits: true);
        Assert.Empty(Read(Inside("/docker/" + Captured.DockerId, Captured.DockerId), patience: null));
        Assert.Contains("no answer in time", Assert.Single(_notes), StringComparison.Ordinal);
    }

    [PythonFact]
    public void EngineThatSendsWithoutEnd_IsLeft()
    {
        using var engine = PythonProcess.Start(Server + """
            sent = 0
            try:
                while True: sent += peer.send(b'x' * 65536)
            except OSError: pass
            """, Socket("/run/docker.sock"));
        Assert.Empty(Read(Inside("/docker/" + Captured.DockerId, Captured.DockerId)));
        Assert.Matches("too long|in time", Assert.Single(_notes));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1,null,\"x\",[],{}]")]
    [InlineData("[{\"Id\":1}]")]
    [InlineData("[{\"Id\":\"\"}]")]
    [InlineData("[{\"Id\":\"\\ud800\"}]")]
    [InlineData("[{\"\\ud800\":1}]")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("[{\"id\":\"x\",\"metadata\":\"\\ud800\"}]")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[")]
    public void List_OfAnyOtherShape_GivesNothing(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        Assert.Empty(HostileJson.Read(bytes, e => ContainerForms.OfList(e, "docker", null).ToList()) ?? []);
        Assert.Null(HostileJson.Read(bytes, ContainerForms.OfDockerFile));
        Assert.Null(HostileJson.Read(bytes, e => ContainerForms.OfStorage(e, "x", null)));
    }

    [Fact]
    public void List_WithFieldsOfOtherShapes_KeepsWhatIsRight()
    {
        var json = """[{"Id":"a","Names":"x","Image":7,"Labels":[1],"Ports":[7,{"PublicPort":-1,"PrivatePort":80,"Type":"tcp"},{"PublicPort":70000,"PrivatePort":80,"Type":"tcp"},{"PublicPort":80,"PrivatePort":81,"Type":"sctp"},{"IP":"nowhere","PublicPort":80,"PrivatePort":81,"Type":"tcp"}],"NetworkSettings":{"Networks":{"n":{"IPAddress":"x"},"m":7}}},{"Id":"b","Names":["/NAME"]}]""".Replace("NAME", new string('n', 1000), StringComparison.Ordinal);
        var list = HostileJson.Read(Encoding.UTF8.GetBytes(json), static e => ContainerForms.OfList(e, "docker", null));
        Assert.Equal(2, list.Length);
        Assert.Equal((null, null, null), (list[0].Name, list[0].Image, list[0].ComposeProject));
        Assert.Equal(new PublishedPort(Protocol.Tcp, null, 80, 81), Assert.Single(list[0].Published));
        Assert.Empty(list[0].Addresses);
        Assert.EndsWith("…", list[1].Name, StringComparison.Ordinal);
        Assert.InRange(list[1].Name!.Length, 200, 260);
    }

    [LinuxFact]
    public void NameInACgroup_ThatIsNoId_LeadsIntoNoFile()
    {
        Write("/var/lib/docker/containers/x/config.v2.json", Captured.DockerFile);
        Assert.Empty(Read(Inside("/docker/x", "../containers/x")));
        Assert.Empty(Read(Inside("/lxc/x", "x")));
    }

    private const string Server = """
        path = sys.argv[1]
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()
        say('ready')
        def next_request():
            peer, _ = listener.accept()
            asked = b''
            while b'\r\n\r\n' not in asked: asked += peer.recv(4096)
            assert asked.startswith(b'GET /containers/json HTTP/1.0\r\n'), asked
            return peer
        def ended(): return os.read(0, 1) == b''
        threading.Thread(target=lambda: (ended(), os._exit(0)), daemon=True).start()
        peer = next_request()

        """;

    private PythonProcess Engine(string path, string head, string body, bool waits = false) => PythonProcess.Start(Server + (waits ? "wait = threading.Event(); wait.wait()" : """
        while True:
            peer.sendall(sys.argv[2].encode() + sys.argv[3].encode())
            peer.close()
            peer = next_request()
        """), Socket(path), head, body);

    private string Socket(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_root + path)!);
        return _root + path;
    }

    private List<ContainerRecord> Read(ProcessRecord holder) => Read(holder, Patience);

    private List<ContainerRecord> Read(ProcessRecord holder, TimeSpan? patience) => [.. new ContainerReader(_root, patience).Read([holder], _notes.Add)];

    // Whose sockets the tests can make: root those of anybody.
    private static uint User => EffectiveIds.User() is not 0 and var own ? own : 1000;

    private void Own(string path)
    {
        using var chown = System.Diagnostics.Process.Start("chown", [User.ToString(System.Globalization.CultureInfo.InvariantCulture), _root + path]);
        chown.WaitForExit();
        Assert.Equal(0, chown.ExitCode);
    }

    private static ProcessRecord OfUser() =>
        Inside($"/user.slice/user-{User}.slice/user@{User}.service/user.slice/libpod-{Captured.PodmanId}.scope", Captured.PodmanId);

    private static ProcessRecord Inside(string cgroup, string id) => new() { Id = 7, Name = "nginx", Cgroup = cgroup, Container = id };

    private static void AssertIsShop(ContainerRecord found)
    {
        Assert.Equal((Captured.DockerId, "shop-web-1", "docker", "pause:1"), (found.Id, found.Name, found.Engine, found.Image));
        Assert.Equal(("shop", "web"), (found.ComposeProject, found.ComposeService));
        Assert.Contains(new PublishedPort(Protocol.Udp, Address("127.0.0.1"), 5353, 53), found.Published);
        Assert.Equal(3, found.Published.Length);
    }

    private static IpAddress Address(string text) => IpAddress.TryParse(text, out var address) ? address : throw new FormatException(text);

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_root + path)!);
        File.WriteAllText(_root + path, text);
    }
}
