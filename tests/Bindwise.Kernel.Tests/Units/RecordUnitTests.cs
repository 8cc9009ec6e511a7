using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Units;

/// <summary>The unit of `bindwise record`, under a real service manager, with its sandbox.</summary>
[Trait("Lane", "second")]
public sealed class RecordUnitTests
{
    private const string Name = "bindwise-record";

    // A server that has a path, and another program that fails to bind it and lives so many seconds longer.
    private const string Twice = """
        import os, socket, sys, time
        path, seconds = sys.argv[1], float(sys.argv[2])
        server = socket.socket(socket.AF_UNIX)
        server.bind(path)
        server.listen()
        if os.fork() == 0:
            try: socket.socket(socket.AF_UNIX).bind(path)
            except OSError: pass
            time.sleep(seconds)
            os._exit(0)
        time.sleep(10)
        os.unlink(path)
        """;

    [KernelFact("systemd-analyze")]
    public Task Unit_IsUnderstood_AndMayLittle() => Systemd.VerifyAsync(Name, 45);

    [KernelFact("systemctl", "pgrep")]
    public async Task Unit_UnderARealServiceManager_RecordsAFailure()
    {
        await using var host = await TestHost.OpenAsync();
        await using var systemd = await Systemd.StartAsync(host, Name);
        await systemd.UntilAsync("grep -qs recorder-started /var/lib/bindwise/*.jsonl");
        var failed = await systemd.RunAsync("python3", "-S", "-c", "import socket\ntry: socket.socket().bind(('192.0.2.1', 7001))\nexcept OSError: pass");
        Assert.Equal(0, failed.ExitCode);
        await systemd.UntilAsync("grep -qs 192.0.2.1:7001 /var/lib/bindwise/*.jsonl");
        Assert.Contains("\"cause\":\"address-not-local\"", await systemd.ShellAsync("grep -h 192.0.2.1:7001 /var/lib/bindwise/*.jsonl"), StringComparison.Ordinal);
        // It sees what others have in /tmp: of a program that lives on by that one's mounts, of one that has ended by its own.
        foreach (var seconds in new[] { 0, 3 })
        {
            var path = $"/tmp/held-{seconds}";
            await systemd.ShellAsync($"cd /tmp; exec python3 -S -c '{Twice}' {path} {seconds}");
            await systemd.UntilAsync($"grep -qs {path} /var/lib/bindwise/*.jsonl");
            Assert.Contains("\"cause\":\"unix-socket-listener\"", await systemd.ShellAsync($"grep -h {path} /var/lib/bindwise/*.jsonl"), StringComparison.Ordinal);
        }
        // Of the rights only those that the unit names are left.
        Assert.Contains("000000c0002c1004", await systemd.ShellAsync($"grep CapBnd /proc/$(systemctl show -P MainPID {Name})/status"), StringComparison.Ordinal);
        await systemd.ShellAsync("systemctl stop " + Name);
        Assert.Equal("success\n1\n700\n",
            await systemd.ShellAsync($"systemctl show -P Result {Name}; zcat /var/lib/bindwise/*.gz | grep -c recorder-stopped; stat -c %a /var/lib/bindwise"));
    }
}
