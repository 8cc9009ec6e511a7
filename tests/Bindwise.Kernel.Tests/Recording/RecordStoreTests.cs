using System.Globalization;
using System.Text.Json;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Recording;

/// <summary>`bindwise record` where it is killed, where it may not, and where there is no room.</summary>
[Trait("Lane", "second")]
public sealed class RecordStoreTests
{
    [KernelFact]
    public async Task Record_KilledAgainAndAgain_KeepsEachLineThatWasThere()
    {
        await using var host = await TestHost.OpenAsync();
        host.Start(0, "python3", "-S", "-c", """
            import socket, time
            for port in range(20000, 60000):
                try: socket.socket().bind(("192.0.2.1", port))
                except OSError: time.sleep(0.02)
            """);
        var random = new Random(30);
        List<string> before = [];
        for (var round = 0; round < 6; round++)
        {
            var record = await Record.StartAsync(host);
            var more = before.Count + random.Next(1, 60);
            await Patience.UntilAsync(() => Texts(record).Count > more, "lines");
            var seen = Texts(record);
            await record.KillAsync(host);
            var after = Texts(record);
            // What was there stays, in its order, whatever the recorder was at.
            Assert.Equal(seen, after[..seen.Count]);
            Assert.Equal(before, after[..before.Count]);
            before = after;
        }
        var last = await Record.StartAsync(host);
        await last.StopAsync(host);
        Assert.Equal(before, Texts(last)[..before.Count]);
        Assert.Empty(Directory.GetFiles(last.Folder, "*.jsonl"));
        var check = await host.RunAsync("/bin/sh", "-c", $"zcat -f {last.Folder}/*.jsonl* | python3 -c 'import json,sys; print(sum(1 for l in sys.stdin if json.loads(l)))'");
        Assert.Equal(Texts(last).Count, int.Parse(check.Output, CultureInfo.InvariantCulture));
    }

    [KernelFact]
    public async Task RecordAndServe_WhoseTerminalIsGone_EndInOrder_AndStayUnderNohup()
    {
        await using var host = await TestHost.OpenAsync();
        var record = await Record.StartAsync(host);
        await host.SignalAsync(await Record.PidAsync(host), "HUP");
        await record.Program.EndAsync();
        Assert.Equal(0, record.Program.ExitCode);
        Assert.Single(record.Events("recorder-stopped"));
        var kept = await Record.StartAsync(host, folder: record.Folder, before: "nohup");
        await host.SignalAsync(await Record.PidAsync(host), "HUP");
        // It would have ended by its next line.
        await kept.CensusAsync();
        await kept.StopAsync(host);
        var serve = host.Start(0, Programs.Bindwise, "serve");
        Assert.StartsWith("http://", await serve.LineAsync(Patience.OfManyWaits), StringComparison.Ordinal);
        await host.SignalAsync(await Record.PidAsync(host), "HUP");
        await serve.EndAsync();
        Assert.Equal(0, serve.ExitCode);
    }

    [KernelFact]
    public async Task Record_OfAnOrdinaryUser_SaysWhatIsNotSeenAndRecordsTheRest()
    {
        await using var host = await TestHost.OpenAsync();
        var record = await Record.StartAsync(host, TestHost.Nobody);
        await record.CensusAsync();
        await host.StartScriptAsAsync(TestHost.Nobody, "hold.py", "tcp 127.0.0.1 8080 reuseaddr listen");
        await Patience.UntilAsync(() => record.Events("listen").Count > 0, "the listener");
        var listens = Assert.Single(record.Events("listen"));
        Assert.Equal(("127.0.0.1:8080", "python3"), (Word(listens, "address"), Word(listens, "program")));
        Assert.Contains("hold.py", Word(listens, "command"), StringComparison.Ordinal);
        Assert.Equal("SO_REUSEADDR", Assert.Single(listens.GetProperty("options").EnumerateArray()).GetString());
        Assert.Contains("needs root", Assert.Single(record.Events("recorder-started")).GetProperty("limits")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(record.Folder));
        Assert.All(Directory.GetFiles(record.Folder), static file =>
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));

        var second = await host.RunAsAsync(TestHost.Nobody, null, Programs.Bindwise, "record", "--dir", record.Folder);
        Assert.Equal((2, ""), (second.ExitCode, second.Output));
        Assert.Contains($"cannot record in {record.Folder}: another recorder writes there", second.Error, StringComparison.Ordinal);
        var other = await host.RunAsAsync(TestHost.Daemon, null, Programs.Bindwise, "history", "--dir", record.Folder);
        Assert.Equal((2, ""), (other.ExitCode, other.Output));
        await record.StopAsync(host);
        Assert.Contains("Failed binds are not seen", record.Program.Error, StringComparison.Ordinal);
    }

    // Where it runs in the system's first one, as no test host does, it sees all.
    [KernelFact]
    public async Task Record_InAPidNamespaceOfItsOwn_SaysWhatIsNotSeen()
    {
        await using var host = await TestHost.OpenAsync();
        var record = await Record.StartAsync(host);
        await record.CensusAsync();
        Assert.Contains("outside this PID namespace are not seen", Assert.Single(record.Events("recorder-started")).GetProperty("limits").ToString(),
            StringComparison.Ordinal);
        await record.StopAsync(host);
        Assert.Contains("outside this PID namespace are not seen", record.Program.Error, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Record_WhereItMayNotWrite_IsTwoAndNamesTheFolder()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetUpAsync($"mkdir {host.Folder}/read-only");
        await host.SetUpAsync($"mount -t tmpfs -o ro none {host.Folder}/read-only");
        foreach (var (user, folder) in ((int, string)[])[(0, $"{host.Folder}/read-only"), (0, $"{host.Folder}/read-only/deeper"), (TestHost.Nobody, "/etc/record")])
        {
            var outcome = await host.RunAsAsync(user, null, Programs.Bindwise, "record", "--dir", folder);
            Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
            Assert.StartsWith($"bindwise: cannot record in {folder}: ", outcome.Error, StringComparison.Ordinal);
            Assert.Equal(1, outcome.Error.Count(static c => c == '\n'));
        }
    }

    [KernelFact("mkfifo")]
    public async Task Record_BesideFilesThatAreNoSegments_OpensNone()
    {
        await using var host = await TestHost.OpenAsync();
        var folder = Path.Combine(host.Folder, "record");
        await host.SetUpAsync($"mkdir -m 700 {folder}");
        await host.SetUpAsync($"mkfifo {folder}/20260101T000000000Z.jsonl {folder}/20260102T000000000Z.jsonl.gz");
        await host.SetUpAsync($"ln -s /etc/passwd {folder}/20260103T000000000Z.jsonl");
        await host.SetUpAsync($"mkdir {folder}/20260104T000000000Z.jsonl");
        var program = host.Start(0, Programs.Bindwise, "record", "--dir", folder);
        await UntilAsync(host, $"grep -rqs -D skip recorder-started {folder}");
        // Neither waits for a FIFO's writer: both would hang.
        var history = await host.RunAsync(Programs.Bindwise, "history", "--dir", folder);
        Assert.True(history.ExitCode == 0, history.ToString());
        Assert.Contains("20260101T000000000Z.jsonl in ", history.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", history.Output + history.Error, StringComparison.Ordinal);
        await host.SignalAsync(await Record.PidAsync(host), "TERM");
        await program.EndAsync();
        Assert.Equal(0, program.ExitCode);
        Assert.Equal("/etc/passwd", new FileInfo($"{folder}/20260103T000000000Z.jsonl").LinkTarget);
    }

    [KernelFact]
    public async Task Record_OnAFullFileSystem_GoesOnAndSaysWhatWasLost()
    {
        await using var host = await TestHost.OpenAsync();
        var (mount, folder) = (Path.Combine(host.Folder, "small"), Path.Combine(host.Folder, "small", "record"));
        await host.SetUpAsync($"mkdir {mount}");
        await host.SetUpAsync($"mount -t tmpfs -o size=512k none {mount}");
        var program = host.Start(0, Programs.Bindwise, "record", "--dir", folder);
        await UntilAsync(host, $"grep -qs recorder-started {folder}/*.jsonl");
        host.Start(0, "python3", "-S", "-u", "-c", """
            import socket, sys, time
            s = socket.socket()
            for port in range(20000, 60000):
                try: s.bind(("192.0.2.1", port))
                except OSError: time.sleep(0.1)
            """);
        await UntilAsync(host, $"grep -qs bind-failed {folder}/*.jsonl");
        // Of another file, so that only the recorder's own lines do not fit.
        await host.RunAsync("/bin/sh", "-c", $"head -c 1M /dev/zero > {mount}/other");
        await Patience.UntilAsync(() => program.Error.Contains("cannot write to", StringComparison.Ordinal), "the file system to be full");
        await host.SetUpAsync("sleep 3");
        await host.SetUpAsync($"rm {mount}/other");
        await UntilAsync(host, $"grep -qs '\"event\":\"lost\"' {folder}/*.jsonl");
        await UntilAsync(host, $"tail -n 1 {folder}/*.jsonl | grep -q bind-failed");
        await host.SignalAsync(await Record.PidAsync(host), "TERM");
        await program.EndAsync();
        Assert.Equal(0, program.ExitCode);
        // The short line that tells of the loss may fit where no other does: then it is full once more.
        var told = program.Error.Split('\n').Count(line => line.Contains($"cannot write to {folder}", StringComparison.Ordinal));
        var lost = await host.RunAsync("/bin/sh", "-c", $"zcat -f {folder}/*.jsonl* | grep -c '\"event\":\"lost\"'");
        Assert.Equal(lost.Output.Trim(), told.ToString(CultureInfo.InvariantCulture));
        var lines = await host.RunAsync("/bin/sh", "-c", $"zcat -f {folder}/*.jsonl* | python3 -c 'import json,sys; print(all(json.loads(l) for l in sys.stdin))'");
        Assert.Equal("True", lines.Output.Trim());
    }

    [KernelFact]
    public async Task Record_BeyondTheLimitOfAFilesSize_TakesTheWriteBackSaysSoAndGoesOn()
    {
        await using var host = await TestHost.OpenAsync();
        var record = await Record.StartAsync(host, 0, null, "python3", "-B", "-S", Programs.Script("limit.py"), "fsize=8192");
        host.Start(0, "python3", "-S", "-u", "-c", """
            import socket, time
            for port in range(20000, 60000):
                try: socket.socket().bind(("192.0.2.1", port))
                except OSError: time.sleep(0.02)
            """);
        await Patience.UntilAsync(() => record.Program.HasEnded || record.Program.Error.Contains("cannot write to", StringComparison.Ordinal), "the limit");
        await record.StopAsync(host);
        Assert.Contains($"cannot write to {record.Folder}: File too large", record.Program.Error, StringComparison.OrdinalIgnoreCase);
        var lines = await host.RunAsync("/bin/sh", "-c", $"zcat -f {record.Folder}/*.jsonl* | python3 -c 'import json,sys; print(all(json.loads(l) for l in sys.stdin))'");
        Assert.Equal("True", lines.Output.Trim());
    }

    [KernelFact("clang")]
    public async Task Record_WhileTheClockIsSet_SaysSoAndLosesNothing()
    {
        await using var host = await TestHost.OpenAsync();
        // The system's clock is everybody's, and no namespace has one of its own: here it is set for this one program, where it asks libc.
        var (source, library, jump) = (Path.Combine(host.Folder, "clock.c"), Path.Combine(host.Folder, "clock.so"), Path.Combine(host.Folder, "jump"));
        await File.WriteAllTextAsync(source, $$"""
            #include <sys/syscall.h>
            #include <time.h>
            #include <unistd.h>
            int clock_gettime(clockid_t clock, struct timespec *time) {
                int result = syscall(SYS_clock_gettime, clock, time);
                if (clock == CLOCK_REALTIME && access("{{jump}}", F_OK) == 0)
                    time->tv_sec += 3600;
                return result;
            }
            """);
        await host.SetUpAsync($"clang -shared -fPIC -o {library} {source}");
        var record = await Record.StartAsync(host, 0, null, "env", "LD_PRELOAD=" + library);
        await record.CensusAsync();
        await File.WriteAllTextAsync(jump, "");
        await Patience.UntilAsync(() => record.Events("clock-changed").Count == 1, "the jump forward");
        File.Delete(jump);
        await Patience.UntilAsync(() => record.Events("clock-changed").Count == 2, "the jump back");
        await record.StopAsync(host);
        Assert.Equal(["the clock was set forward by 1 h 0 min", "the clock was set back by 1 h 0 min"],
            record.Events("clock-changed").Select(static line => Word(line, "summary")!).Select(static text => text.Replace("59 min 59 s", "1 h 0 min", StringComparison.Ordinal)));
        Assert.Single(record.Events("recorder-stopped"));
    }

    private static List<string> Texts(Record record) => [.. record.Lines().Select(static line => line.GetRawText())];

    private static string? Word(JsonElement line, string field) => line.TryGetProperty(field, out var word) ? word.GetString() : null;

    private static async Task UntilAsync(TestHost host, string shell)
    {
        var outcome = await host.RunAsync("/bin/sh", "-c", $"for i in $(seq 1800); do if {shell}; then exit 0; fi; sleep 0.1; done; exit 1");
        Assert.True(outcome.ExitCode == 0, $"not in time: {shell} {outcome.Error}");
    }
}
