using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Units;

/// <summary>A real systemd that knows one unit, with mounts, process numbers and a part of the tree of cgroups of its own.</summary>
internal sealed class Systemd : IAsyncDisposable
{
    private readonly Sandbox _sandbox;
    private readonly string _unit;
    private int _pid;

    private Systemd(Sandbox sandbox, string unit) => (_sandbox, _unit) = (sandbox, unit);

    /// <summary>Starts it and, with it, the unit.</summary>
    /// <param name="host">The host.</param>
    /// <param name="unit">The unit's name, without <c>.service</c>; its file lies beside the tests.</param>
    /// <param name="options">What /etc/default/UNIT has.</param>
    public static async Task<Systemd> StartAsync(TestHost host, string unit, string options = "")
    {
        await File.WriteAllTextAsync(Path.Combine(host.Folder, "options"), options).ConfigureAwait(false);
        await File.WriteAllTextAsync(Path.Combine(host.Folder, unit + ".service"),
            // Only what is named here is started: none of a boot's own jobs, which set up and clear away what is the machine's.
            TextOf(unit).Replace("[Unit]\n", "[Unit]\nDefaultDependencies=no\n", StringComparison.Ordinal)
                .Replace("/usr/bin/bindwise", Programs.Bindwise, StringComparison.Ordinal)
                .Replace("RestartSec=5\n", "RestartSec=100ms\n", StringComparison.Ordinal)
                // Without the journal, which would come with its own units.
                .Replace("[Service]\n", $"[Service]\nStandardOutput=null\nStandardError=append:{host.Folder}/errors\n", StringComparison.Ordinal)).ConfigureAwait(false);
        var systemd = new Systemd(await Sandbox.StartAsync(host, ownProcesses: true, $"""
            for folder in /etc/systemd/system /etc/default /usr/lib/tmpfiles.d /usr/lib/sysctl.d /var/lib /var/log; do mount -t tmpfs none $folder; done
            cp {host.Folder}/options /etc/default/{unit}
            cp {host.Folder}/{unit}.service /etc/systemd/system
            printf "[Unit]\nDefaultDependencies=no\nRequires={unit}.service\n" > /etc/systemd/system/default.target
            export container=other
            exec /lib/systemd/systemd --system --log-target=null --show-status=no
            """).ConfigureAwait(false), unit);
        systemd._pid = await systemd._sandbox.PidOfAsync("systemd").ConfigureAwait(false);
        return systemd;
    }

    /// <summary>systemd understands the unit without a warning, and the unit may do little.</summary>
    /// <param name="unit">The unit's name.</param>
    /// <param name="threshold">In tenths, of at most 100: what it was when it was looked at.</param>
    public static async Task VerifyAsync(string unit, int threshold)
    {
        await using var host = await TestHost.OpenAsync();
        var file = Path.Combine(host.Folder, unit + ".service");
        await File.WriteAllTextAsync(file, TextOf(unit).Replace("/usr/bin/bindwise", "/bin/true", StringComparison.Ordinal));
        var verified = await host.RunAsync("systemd-analyze", "verify", "--man=no", file);
        Assert.True(verified is { ExitCode: 0, Error: "" }, verified.ToString());
        var security = await host.RunAsync("systemd-analyze", "security", "--offline=true", $"--threshold={threshold}", file);
        Assert.True(security.ExitCode == 0, security.ToString());
    }

    /// <summary>Runs a program there.</summary>
    public Task<Outcome> RunAsync(params string[] command) => _sandbox.RunAsync(_pid, command);

    /// <summary>What a shell prints there; it must succeed.</summary>
    public async Task<string> ShellAsync(string script)
    {
        var outcome = await RunAsync("/bin/sh", "-c", script).ConfigureAwait(false);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        return outcome.Output;
    }

    /// <summary>Waits until a shell's condition holds there.</summary>
    public Task<string> UntilAsync(string condition) =>
        ShellAsync($"for i in $(seq 1800); do if {condition}; then exit 0; fi; sleep 0.1; done; echo not in time: >&2; systemctl status {_unit} >&2; exit 1");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();

    private static string TextOf(string unit) => File.ReadAllText(Programs.Sample(unit + ".service"));
}
