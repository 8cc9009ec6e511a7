using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Recording;

/// <summary>The unit of `bindwise record`, under a real service manager, with its sandbox.</summary>
[Trait("Lane", "second")]
public sealed class RecordUnitTests
{
    private static string Unit => File.ReadAllText(Programs.Sample("bindwise-record.service"));

    [KernelFact("systemd-analyze")]
    public async Task Unit_IsUnderstood_AndMayLittle()
    {
        await using var host = await TestHost.OpenAsync();
        var file = Path.Combine(host.Folder, "bindwise-record.service");
        await File.WriteAllTextAsync(file, Unit.Replace("/usr/bin/bindwise", "/bin/true", StringComparison.Ordinal));
        var verified = await host.RunAsync("systemd-analyze", "verify", "--man=no", file);
        Assert.True(verified is { ExitCode: 0, Error: "" }, verified.ToString());
        // In tenths: what it was when it was looked at, of at most 10.
        var security = await host.RunAsync("systemd-analyze", "security", "--offline=true", "--threshold=45", file);
        Assert.True(security.ExitCode == 0, security.ToString());
    }

    [KernelFact("systemctl", "pgrep")]
    public async Task Unit_UnderARealServiceManager_RecordsAFailure()
    {
        await using var host = await TestHost.OpenAsync();
        await File.WriteAllTextAsync(Path.Combine(host.Folder, "bindwise-record.service"),
            // Only what is named here is started: none of a boot's own jobs, which set up and clear away what is the machine's.
            Unit.Replace("[Unit]\n", "[Unit]\nDefaultDependencies=no\n", StringComparison.Ordinal)
                .Replace("/usr/bin/bindwise", Programs.Bindwise, StringComparison.Ordinal)
                .Replace("PrivateTmp=yes\n", "", StringComparison.Ordinal)
                // Without the journal, which would come with its own units.
                .Replace("[Service]\n", "[Service]\nStandardOutput=null\nStandardError=null\n", StringComparison.Ordinal));
        await using var sandbox = await Sandbox.StartAsync(host, ownProcesses: true, $"""
            for folder in /etc/systemd/system /usr/lib/tmpfiles.d /usr/lib/sysctl.d /var/lib /var/log; do mount -t tmpfs none $folder; done
            cd /etc/systemd/system
            cp {host.Folder}/bindwise-record.service .
            printf "[Unit]\nDefaultDependencies=no\nRequires=bindwise-record.service\n" > default.target
            export container=other
            exec /lib/systemd/systemd --system --log-target=null --show-status=no
            """);
        var manager = await sandbox.PidOfAsync("systemd");
        await UntilAsync(sandbox, manager, "grep -qs recorder-started /var/lib/bindwise/*.jsonl");
        var failed = await sandbox.RunAsync(manager, "python3", "-S", "-c", "import socket\ntry: socket.socket().bind(('192.0.2.1', 7001))\nexcept OSError: pass");
        Assert.Equal(0, failed.ExitCode);
        await UntilAsync(sandbox, manager, "grep -qs 192.0.2.1:7001 /var/lib/bindwise/*.jsonl");
        var seen = await sandbox.RunAsync(manager, "/bin/sh", "-c", "grep -h 192.0.2.1:7001 /var/lib/bindwise/*.jsonl");
        Assert.Contains("\"cause\":\"address-not-local\"", seen.Output, StringComparison.Ordinal);
        // Of the rights only those that the unit names are left.
        var rights = await sandbox.RunAsync(manager, "/bin/sh", "-c", "grep CapBnd /proc/$(systemctl show -P MainPID bindwise-record)/status");
        Assert.Contains("000000c000281004", rights.Output, StringComparison.Ordinal);
        var stopped = await sandbox.RunAsync(manager, "systemctl", "stop", "bindwise-record");
        Assert.True(stopped.ExitCode == 0, stopped.ToString());
        var result = await sandbox.RunAsync(manager, "/bin/sh", "-c", "systemctl show -P Result bindwise-record; zcat /var/lib/bindwise/*.gz | grep -c recorder-stopped; stat -c %a /var/lib/bindwise");
        Assert.Equal("success\n1\n700\n", result.Output);
    }

    private static async Task UntilAsync(Sandbox sandbox, int manager, string shell)
    {
        var outcome = await sandbox.RunAsync(manager, "/bin/sh", "-c", $"for i in $(seq 300); do if {shell}; then exit 0; fi; sleep 0.1; done; systemctl status bindwise-record; exit 1");
        Assert.True(outcome.ExitCode == 0, $"not in time: {shell}\n{outcome}");
    }
}
