using System.Net;
using System.Net.Sockets;

namespace Bindwise.Cli.Tests;

public class SnapshotTests
{
    [LinuxTheory]
    [InlineData("")]
    [InlineData("--json")]
    [InlineData("--verbose")]
    public void Why_FromWhatItSaved_SaysTheSameWithItsDate(string options)
    {
        using var snapshots = new Snapshots();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var file = Path.Combine(snapshots.Folder, "saved.json");
        string[] how = options.Length == 0 ? [] : [options];
        var live = Bindwise.Run(["why", $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}", "--save-snapshot", file, .. how]);
        Assert.Equal((1, ""), (live.ExitCode, live.Errors));
        Assert.Contains(Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), live.Output, StringComparison.Ordinal);
        var again = Bindwise.RunWith([], new() { ["TZ"] = "Asia/Tokyo", ["LANG"] = "tr_TR.UTF-8" }, ["--snapshot", file, .. how]);
        Assert.Equal(again, Bindwise.Run(["--snapshot", file, .. how]));
        SameAnswer.Check(live, again);
        Assert.Contains("From a snapshot taken at 20", again.Output, StringComparison.Ordinal);
        Assert.DoesNotContain($"kill {Environment.ProcessId}", again.Output, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(file));
    }

    [Fact]
    public void Why_TargetTypedAnotherWay_IsFoundInTheFile()
    {
        using var snapshots = new Snapshots();
        Assert.Equal(1, Bindwise.Run("http://127.0.0.1:1002/", "--snapshot", snapshots.File).ExitCode);
    }

    [Fact]
    public void Why_OptionsOnTheCommandLine_GoBeforeThoseOfTheFile()
    {
        using var snapshots = new Snapshots();
        var run = Bindwise.Run("127.0.0.1:1002", "--snapshot", snapshots.File, "--reuse-port", "--json");
        Assert.Contains("\"options\":[\"SO_REUSEADDR\",\"SO_REUSEPORT\"]", run.Output, StringComparison.Ordinal);
    }

    [LinuxTheory]
    [InlineData("/dev/null", "/dev/null is not a snapshot: it is empty")]
    [InlineData("/bin/sh", "/bin/sh is not a snapshot: it is not JSON (at byte 0)")]
    [InlineData("/dev/zero", "/dev/zero is not a snapshot: it is larger than 64 MiB, which no snapshot is")]
    [InlineData("/nowhere/at/all", "cannot read the snapshot /nowhere/at/all: no such file or folder")]
    [InlineData("/", "cannot read the snapshot /: it is a folder")]
    public void Why_FileThatIsNoSnapshot_IsOneLineAndTwo(string path, string error)
    {
        var run = Bindwise.Run("--snapshot", path);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Equal("bindwise: " + error, run.OneError);
    }

    [Fact]
    public void Why_SnapshotCutOff_SaysWhere()
    {
        using var snapshots = new Snapshots();
        var bytes = File.ReadAllBytes(snapshots.File);
        File.WriteAllBytes(snapshots.File, bytes[..1000]);
        var run = Bindwise.Run("--snapshot", snapshots.File);
        Assert.Equal(2, run.ExitCode);
        Assert.Equal($"bindwise: {snapshots.File} is not a snapshot: it is cut off (at byte 1000)", run.OneError);
    }

    [LinuxTheory]
    [InlineData("/dev/full", "it is a device, not a file")]
    [InlineData("/proc/self/status/x", "no such file or folder")]
    [InlineData("", "that is not a file name")]
    [InlineData("/nowhere/at/all", "no such file or folder")]
    [InlineData("/", "it is a folder")]
    public void Why_SnapshotCannotBeSaved_AnswersThenSaysSo(string path, string reason)
    {
        using var snapshots = new Snapshots();
        var run = Bindwise.Run("127.0.0.1:1002", "--snapshot", snapshots.File, "--save-snapshot", path);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("127.0.0.1:1002/tcp is taken", run.Output, StringComparison.Ordinal);
        Assert.Equal($"bindwise: cannot save the snapshot to {path}: {reason}", run.OneError);
    }

    [LinuxTheory]
    [InlineData("ln -s victim s", "it is a symbolic link; name the file itself")]
    [InlineData("mkfifo s", "it is a pipe, not a file")]
    [InlineData("ulimit -f 1; trap '' XFSZ", "File too large")]
    [InlineData("ulimit -f 1", "File too large")]
    public void Why_SnapshotWhereSomethingIsInTheWay_TouchesNothing(string before, string reason)
    {
        using var snapshots = new Snapshots();
        File.WriteAllText(Path.Combine(snapshots.Folder, "victim"), "precious");
        var run = Bindwise.RunShell($"cd \"$F\"; {before}; exec timeout 170 \"$B\" 127.0.0.1:1002 --snapshot \"$S\" --save-snapshot s", new() { ["F"] = snapshots.Folder, ["S"] = snapshots.File, ["DOTNET_EnableWriteXorExecute"] = "0" });
        Assert.Equal((2, $"bindwise: cannot save the snapshot to s: {reason}"), (run.ExitCode, run.OneError));
        Assert.Equal("precious", File.ReadAllText(Path.Combine(snapshots.Folder, "victim")));
        Assert.DoesNotContain(Directory.GetFileSystemEntries(snapshots.Folder), static f => Path.GetFileName(f).StartsWith(".bindwise-", StringComparison.Ordinal));
    }

    [LinuxFact]
    public void Why_CtrlC_Is130WithoutAWord()
    {
        using var process = Bindwise.StartWaiting("-");
        Assert.Equal(0, Bindwise.RunShell($"kill -INT {process.Id}").ExitCode);
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(180)));
        Assert.Equal((130, "", ""), (process.ExitCode, process.StandardOutput.ReadToEnd(), process.StandardError.ReadToEnd()));
    }
}

/// <summary>A port that nobody has, and that nobody is given who asks the system for any: other tests do, in other processes too.</summary>
[Collection(AloneCollection.Name)]
public class FreePortTests
{
    [LinuxFact]
    public void Why_FreePort_IsZeroAndLeavesNothing()
    {
        // The system gives ports from 32768 on.
        var port = Enumerable.Range(20_000 + (Environment.ProcessId % 10_000), 1_000).First(IsFree);
        var run = Bindwise.Run($"127.0.0.1:{port}");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        using var again = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
        again.Start();
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
