using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Units;

/// <summary>The unit of `bindwise serve`, under a real service manager, with its sandbox and the options of a fleet's host.</summary>
[Trait("Lane", "second")]
public sealed class ServeUnitTests
{
    private const string Name = "bindwise-serve";

    // Another user's server, and binds that fail: what the sandbox could hide.
    private const string Others = """
        setsid --fork setpriv --reuid 65534 --regid 65534 --clear-groups python3 -S -c "import socket, time; s = socket.create_server(('', 8080)); time.sleep(1000)" > /dev/null 2>&1
        setpriv --reuid 1 --regid 1 --clear-groups python3 -S -c "import socket
        for name, port in ('192.0.2.1', 7001), ('0.0.0.0', 80):
            try: socket.socket().bind((name, port))
            except OSError: pass"
        """;

    [KernelFact("systemd-analyze")]
    public Task Unit_IsUnderstood_AndMayLittle() => Systemd.VerifyAsync(Name, 46);

    [KernelFact("systemctl", "pgrep", "curl", "openssl", "setpriv")]
    public async Task Unit_UnderARealServiceManager_SeesOthersAndStartsAgain()
    {
        await using var host = await TestHost.OpenAsync();
        var made = await host.RunAsync("/bin/sh", "-ec", $"""
            cd {host.Folder}; umask 077; openssl rand -hex 32 > token
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=host -addext subjectAltName=IP:127.0.0.1 -keyout tls.key -out tls.crt 2>/dev/null
            """);
        Assert.True(made.ExitCode == 0, made.ToString());
        await using var systemd = await Systemd.StartAsync(host, Name,
            $"BINDWISE_SERVE_OPTIONS=\"--token-file {host.Folder}/token --tls-certificate {host.Folder}/tls.crt --tls-key {host.Folder}/tls.key\"\n");
        var metrics = $"curl -sf --cacert {host.Folder}/tls.crt -H \"Authorization: Bearer $(cat {host.Folder}/token)\" https://127.0.0.1:9876/metrics";
        var process = $"systemctl show -P MainPID {Name}";
        await systemd.UntilAsync($"{metrics} | grep -q ^bindwise_bind_failures_seen.1");
        Assert.Equal("401", await systemd.ShellAsync($"curl -s -o {host.Folder}/refused -w %{{http_code}} --cacert {host.Folder}/tls.crt https://127.0.0.1:9876/metrics"));

        await systemd.ShellAsync(Others);
        foreach (var told in new[] { "cause=.address-not-local.,program=.python3.", "cause=.privileged-port.,program=.python3.", "address=.0.0.0.0.,port=.8080.,program=.python3." })
            await systemd.UntilAsync($"{metrics} | grep -q {told}");
        // Of the rights only those that the unit names are left.
        Assert.Contains("000000c0002c1404", await systemd.ShellAsync($"grep CapBnd /proc/$({process})/status"), StringComparison.Ordinal);

        var first = await systemd.ShellAsync($"{process}; kill -9 $({process})");
        await systemd.UntilAsync($"test $({process}) -gt {first.Trim()} && {metrics} | grep -q EOF");
        await systemd.ShellAsync("systemctl stop " + Name);
        Assert.Equal("success\n0\n", await systemd.ShellAsync($"systemctl show -P Result -P ExecMainStatus {Name}"));

        // What starting again does not mend is not tried again.
        await systemd.ShellAsync($"rm {host.Folder}/tls.key; systemctl start {Name}");
        await systemd.UntilAsync($"systemctl is-failed -q {Name}");
        Assert.Equal("2\n", await systemd.ShellAsync($"systemctl show -P ExecMainStatus {Name}"));
        Assert.Contains("tls.key", await File.ReadAllTextAsync(Path.Combine(host.Folder, "errors")), StringComparison.Ordinal);
    }
}
