using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Bindwise.Tests.TakingOver;
using IsolatedProcess;

namespace Bindwise.Tests.HandingOver;

/// <summary>Whoever is at the other end of the hand-over's socket: garbage, silence, descriptors that nobody asked for, another user.</summary>
[Trait("Lane", "second")]
[SupportedOSPlatform("linux")]
public sealed class HostilePeerTests
{
    private const string Ask = "b'BWH\\x01\\x01\\0\\0\\0'";

    // Each line is what one client does; "s" is connected.
    private static readonly string[] Clients =
    [
        "s.sendall(b'GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n')",
        "s.sendall(b'BWH\\x02\\x01\\0\\0\\0')",
        "s.sendall(b'BWH\\x02\\x01\\0\\x02\\xff')",
        "s.sendall(b'BWH\\x03\\x01\\0\\x02\\0')",
        "s.sendall(b'BWH\\0\\x01\\0\\0\\0')",
        "s.sendall(b'BWH\\x01\\x09\\0\\0\\0')",
        "s.sendall(b'BWH')",
        "s.close()",
        "s.sendall(os.urandom(4096))",
        $"socket.send_fds(s, [{Ask}], [0] * 100)",
        $"socket.send_fds(s, [{Ask}], [0])",
        // Ready before the offer, of sockets that were never offered, and of one twice.
        $"s.sendall({Ask} + b'BWH\\x01\\x04\\0\\x01\\0\\x07\\0')",
        $"s.sendall({Ask} + b'BWH\\x01\\x04\\0\\x02\\0\\0\\0\\0\\0')",
        $"s.sendall({Ask} + b'BWH\\x01\\x04\\0\\xff\\xff')",
        $"s.sendall({Ask} + b'BWH\\x01\\x05\\0\\0\\0')",
        $"s.sendall({Ask}); socket.recv_fds(s, 8, 253); s.sendall(b'BWH\\x01\\x04\\0\\xff\\xff')",
    ];

    // What an old one that is none answers; "s" has asked.
    private static readonly (string Answer, string Reported)[] OldOnes =
    [
        ("s.sendall(b'HTTP/1.1 400 Bad Request\\r\\n\\r\\n')", "sent something other than a hand-over's message"),
        ("s.sendall(b'BWH\\x07\\x02\\0\\0\\0')", "speaks version 7 of the hand-over's protocol"),
        ("s.sendall(b'BWH\\x02\\x07\\0\\x08\\0\\x01version')", "refused: version."),
        ("s.sendall(b'BWH\\x09\\x07\\0\\x07\\0\\x63a\\nb\\x1b[2J')", "refused: a\\nb\\e[2"),
        ("s.sendall(b'BWH\\x02\\x07\\0\\xff\\xff')", "sent a refusal of 65535 bytes"),
        ("s.sendall(b'BWH\\x02\\x07\\0\\x09\\0\\x01ver'); s.shutdown(socket.SHUT_WR)", "sent half a refusal"),
        ("s.sendall(b'BWH\\x01\\x04\\0\\0\\0')", "gave an unexpected answer"),
        ("s.sendall(b'BWH\\x01\\x02\\0\\0\\0' + bytes(4))", "offers 0 sockets"),
        ("s.sendall(b'BWH\\x01\\x02\\0\\xff\\xff' + bytes(4))", "offers 65535 sockets"),
        ("s.sendall(b'BWH\\x01\\x02\\0\\x02\\0' + bytes(4)); socket.send_fds(s, [b'BWH\\x01\\x03\\0\\x02\\0'], [0, 0])", "is not the socket at"),
        ("s.sendall(b'BWH\\x01\\x02\\0\\x02\\0' + bytes(4)); socket.send_fds(s, [b'BWH\\x01\\x03\\0\\x02\\0'], [l.fileno(), 0])", "is no listening socket"),
        ("s.sendall(b'BWH\\x01\\x02\\0\\x02\\0' + bytes(4)); t = socket.socket(); socket.send_fds(s, [b'BWH\\x01\\x03\\0\\x02\\0'], [l.fileno(), t.fileno()])", "is no listening socket"),
        ("s.sendall(b'BWH\\x01\\x02\\0\\x02\\0' + bytes(4)); socket.send_fds(s, [b'BWH\\x01\\x03\\0\\x02\\0'], [l.fileno()])", "sent other descriptors than it said"),
        ("s.sendall(b'BWH\\x01\\x02\\0\\x02\\0' + bytes(4)); socket.send_fds(s, [b'BWH\\x01\\x03\\0\\x03\\0'], [l.fileno()] * 3)", "sent another number of sockets"),
        ("s.sendall(b'BWH\\x01\\x02\\0\\x02\\0' + bytes(4)); socket.send_fds(s, [b'BWH\\x01\\x03\\0\\xc8\\0'], [l.fileno()] * 200)", "sent more descriptors"),
    ];

    [IsolatedFact]
    public Task Clients_ThatAreNoInstances_ChangeNothing() => Body.RunAsync(static async () =>
    {
        await using var old = await Instance.ReadyAsync("old");
        Assert.Equal("old", await HandingOver.Clients.AskAsync(new IPEndPoint(IPAddress.Loopback, 8080)));
        var before = Descriptors(old);
        foreach (var client in Clients)
        {
            _ = await PassingParent.OutputAsync("/usr/bin/python3", "-c", $"import os, socket, sys\ns = socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\ntry:\n {client}\n s.settimeout(20)\n while s.recv(4096): pass\nexcept OSError: pass", Instance.DefaultPath);
            Assert.Equal("old", await HandingOver.Clients.AskAsync(new IPEndPoint(IPAddress.Loopback, 8080)));
        }
        int open;
        for (var watch = Stopwatch.StartNew(); (open = Descriptors(old)) > before && watch.Elapsed.TotalSeconds < 240; await Task.Delay(20))
            continue;
        Assert.InRange(open, 0, before);
        await using var next = await Instance.ReadyAsync("next");
        Assert.Equal(0, await old.EndAsync());
        Assert.Equal("next", await HandingOver.Clients.AskAsync(new IPEndPoint(IPAddress.Loopback, 8080)));
    });

    // One after the other they would take longer than a new instance waits.
    [IsolatedFact]
    public Task SilentClients_HoldUpNobody() => Body.RunAsync(static async () =>
    {
        await using var old = await Instance.ReadyAsync("old");
        var silent = Enumerable.Range(0, 24).Select(static _ => new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)).ToList();
        foreach (var one in silent)
            await one.ConnectAsync(new UnixDomainSocketEndPoint(Instance.DefaultPath));
        _ = await silent[^1].SendAsync("BWH"u8.ToArray());
        await using var next = await Instance.ReadyAsync("next");
        Assert.Equal(0, await old.EndAsync());
        Assert.Contains("did not ask for sockets", old.Text, StringComparison.Ordinal);
        Assert.Equal("next", await HandingOver.Clients.AskAsync(new IPEndPoint(IPAddress.Loopback, 8080)));
        silent.ForEach(static one => one.Dispose());
    });

    [IsolatedFact("setpriv")]
    public Task OtherUsers_ByTheHundred_AreNotToldOf_AndHoldUpNobody() => Body.RunAsync(static async () =>
    {
        const string Flood = "import socket, sys\ndef one():\n s = socket.socket(socket.AF_UNIX)\n s.connect('\\0bindwise-test')\n try:\n  while s.recv(4096): pass\n except OSError: pass\nfor _ in range(300): one()\nprint('flooding', flush=True)\nwhile True:\n try: one()\n except OSError: pass";
        await using var old = await Instance.ReadyAsync("old", path: "@bindwise-test");
        var users = Enumerable.Range(0, 3).Select(static _ => Process.Start(new ProcessStartInfo("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-c", Flood]) { RedirectStandardOutput = true })!).ToList();
        foreach (var one in users)
            Assert.Equal("flooding", await one.StandardOutput.ReadLineAsync());
        await using var next = await Instance.ReadyAsync("next", path: "@bindwise-test");
        Assert.Equal(0, await old.EndAsync());
        Assert.DoesNotContain("attempt failed", old.Text + next.Text, StringComparison.Ordinal);
        foreach (var one in users)
        {
            one.Kill();
            await one.WaitForExitAsync();
            one.Dispose();
        }
    });

    // Whoever starts says what is wrong, and asks again: nobody is there by then.
    [IsolatedFact]
    public Task OldOne_ThatIsNone_IsToldOfInASentence() => Body.RunAsync(static async () =>
    {
        foreach (var (answer, told) in OldOnes)
        {
            var script = $"import os, socket, sys\nl = socket.socket(socket.AF_UNIX)\nl.bind(sys.argv[1])\nl.listen()\nprint('there', flush=True)\ns = l.accept()[0]\ns.recv(8)\n{answer}\ns.settimeout(20)\ntry:\n while s.recv(4096): pass\nexcept OSError: pass";
            using var old = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", script, Instance.DefaultPath]) { RedirectStandardOutput = true })!;
            Assert.Equal("there", await old.StandardOutput.ReadLineAsync());
            await using var next = Instance.Start("next");
            await next.SaysAsync("ready");
            Assert.Contains("attempt failed: ", next.Text, StringComparison.Ordinal);
            Assert.Contains(told, next.Text, StringComparison.Ordinal);
            await old.WaitForExitAsync();
            File.Delete(Instance.DefaultPath);
        }
    });

    // The first answers nothing and ends: whoever starts then finds nobody, and binds.
    [IsolatedFact]
    public Task OldOne_ThatEndsWithoutAnAnswer_IsNoOldOne() => Body.RunAsync(static async () =>
    {
        var script = "import socket, sys\nl = socket.socket(socket.AF_UNIX)\nl.bind(sys.argv[1])\nl.listen()\nprint('there', flush=True)\nl.accept()[0].recv(8)";
        using var old = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", script, Instance.DefaultPath]) { RedirectStandardOutput = true })!;
        Assert.Equal("there", await old.StandardOutput.ReadLineAsync());
        await using var next = await Instance.ReadyAsync("next");
        Assert.Contains("received 0 from ,", next.Text, StringComparison.Ordinal);
    });

    [IsolatedFact("setpriv")]
    public Task OtherUser_GetsNothing_AndIsNotBelieved() => Body.RunAsync(static async () =>
    {
        string[] nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
        await using var old = await Instance.ReadyAsync("old", path: "@bindwise-test");
        await using var other = Instance.Start("other", path: "@bindwise-test", wrapper: nobody);
        Assert.Equal(0, await other.EndAsync());
        await other.SaysAsync("refuses this one, which is neither its user nor root");
        Assert.DoesNotContain("attempt failed", old.Text, StringComparison.Ordinal);
        Assert.Equal("old", await HandingOver.Clients.AskAsync(new IPEndPoint(IPAddress.Loopback, 8080)));
        // A path says so too, by the mode of its file.
        await using var atPath = await Instance.ReadyAsync("path", endpoints: "127.0.0.1:8090");
        File.SetUnixFileMode(Path.GetDirectoryName(Instance.DefaultPath)!, (UnixFileMode)0x1ED);
        await using var second = Instance.Start("second", endpoints: "127.0.0.1:8090", wrapper: nobody);
        Assert.Equal(0, await second.EndAsync());
        await second.SaysAsync("may not connect to");
        // And root does not take sockets from somebody who is not root.
        await using var theirs = await Instance.ReadyAsync("theirs", path: "@theirs", endpoints: "127.0.0.1:8091", wrapper: nobody);
        await using var ours = Instance.Start("ours", path: "@theirs", endpoints: "127.0.0.1:8091");
        Assert.Equal(0, await ours.EndAsync());
        await ours.SaysAsync("is that of another user (65534), who is not root");
    });

    // Without the assemblies' files, which the runtime keeps open: it loads some only when a client is slow.
    private static int Descriptors(Instance instance) => Directory.GetFileSystemEntries($"/proc/{instance.Id}/fd")
        .Count(static one => new FileInfo(one).LinkTarget?.EndsWith(".dll", StringComparison.Ordinal) != true);
}
