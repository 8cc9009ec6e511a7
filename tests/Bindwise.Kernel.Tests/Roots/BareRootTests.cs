using System.Text.RegularExpressions;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Roots;

/// <summary>What the native program needs of a system (docs/install.md), and that it needs no more: no OpenSSL, ICU, /tmp, locale, user list, time zones or $HOME.</summary>
public sealed partial class BareRootTests
{
    // All of them are parts of the C library.
    private static readonly string[] Libraries = ["ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0", "librt.so.1"];

    private static readonly Version OldestLibrary = new(2, 31);

    /// <summary>Words, exit code, what the output or the errors say.</summary>
    private static readonly (string Words, int ExitCode, string Says)[] Work =
    [
        ("--version", 0, "native"),
        ("why 8080", 1, "8080/tcp is taken (EADDRINUSE): hold.py (python3, pid "),
        ("why localhost:8080", 1, "localhost:8080/tcp is taken (EADDRINUSE): hold.py (python3, pid "),
        ("why 8080 --json", 1, "\"cause\":\"listener\""),
        ("why 8081", 0, "8081/tcp is free"),
        ("why name.example:80", 2, "bindwise: unknown host 'name.example'"),
        ("ls", 0, "hold.py"),
        ("pick", 0, ""),
        ("pick --lease 0 -- /bin/bindwise --version", 0, "native"),
        ("free 8080 --dry-run", 0, "would send SIGTERM to hold.py"),
        ("wait 8081", 0, ""),
        ("plan /compose.yaml", 1, "80/tcp"),
        ("lab run /two.bind", 0, "EADDRINUSE"),
        ("lab prove any-socket-unreleased --fast", 0, "the model agrees; as recorded"),
        ("run -- /bin/bindwise pick --lease 0", 0, ""),
        ("run --hold -- /bin/bindwise --version", 0, "native"),
        ("audit -- /bin/bindwise --version", 0, "no findings"),
        ("explain listener", 0, "listens"),
        ("matrix", 0, "127.0.0.2"),
        ("completion bash", 0, "complete -"),
        ("complete ports", 0, "8080"),
        ("mcp", 0, "\"id\":1"),
        ("serve --tls-certificate /tls.crt", 2, "bindwise: TLS needs OpenSSL, which this system lacks"),
        ("serve --prometheus https://127.0.0.1:1", 2, "bindwise: TLS needs OpenSSL, which this system lacks"),
    ];

    /// <summary>Without /proc and /dev too: what still works, and what says in one line what it needs.</summary>
    private static readonly (string Words, int ExitCode, string Says)[] WithoutProc =
    [
        ("why 8080 --verbose", 1, "limit /proc is not mounted here: owners were not searched"),
        ("why 8081", 0, "8081/tcp is free"),
        ("ls", 0, "127.0.0.1"),
        ("pick", 2, "bindwise: the process that keeps the leases cannot be started (/proc is not mounted here): --lease 0 goes without it"),
        ("pick --lease 0", 0, ""),
        ("lab run /two.bind --on model", 0, "EADDRINUSE"),
        ("run -- /bin/bindwise --version", 0, "the supervisor cannot be started (/proc is not mounted here)"),
        ("run --hold -- /bin/bindwise --version", 2, "bindwise: --hold cannot execute bindwise anew (/proc is not mounted here)"),
        ("audit -- /bin/bindwise --version", 2, "bindwise: cannot audit: no process can be started (/proc is not mounted here)"),
        ("mcp", 2, "bindwise: there is no /dev/urandom here, from which the runtime takes random numbers"),
    ];

    [NativeFact]
    public async Task Program_NeedsTheCLibraryAlone_OfDebian11OrLater()
    {
        await using var host = await TestHost.OpenAsync();

        Assert.Empty((await BareRoot.LibrariesAsync(host)).Select(Path.GetFileName).Except(Libraries));
        var symbols = await host.RunAsync("objdump", "-T", Programs.Bindwise);
        var newest = LibraryVersion().Matches(symbols.Output).Max(static match => Version.Parse(match.Groups[1].Value))!;
        Assert.True(newest <= OldestLibrary, $"it needs glibc {newest}: eng/sysroot tells why it was not linked against {OldestLibrary}");
    }

    [NativeFact]
    public Task Program_WithTheCLibraryAlone_DoesAllItsWork() => RunAsync(devices: true, Work);

    [NativeFact]
    public Task Program_WithoutProcAndDevices_SaysWhatItNeeds() => RunAsync(devices: false, WithoutProc);

    private static async Task RunAsync(bool devices, (string Words, int ExitCode, string Says)[] rows)
    {
        await using var root = await BareRoot.OpenAsync(devices);
        var wrong = new List<string>();
        foreach (var (words, exitCode, says) in rows)
        {
            var outcome = await root.RunAsync(words, words == "mcp" ? "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n" : null);
            if (outcome.ExitCode != exitCode || !(outcome.Output + outcome.Error).Contains(says, StringComparison.Ordinal) || outcome.Error.Contains("please report it", StringComparison.Ordinal))
                wrong.Add($"expected {exitCode} and '{says}'\n{outcome}");
        }
        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));
    }

    [GeneratedRegex(@"GLIBC_(\d+\.\d+)")]
    private static partial Regex LibraryVersion();
}
