using System.Net;
using System.Net.Sockets;

namespace Bindwise.Cli.Tests;

/// <summary>The path that every system but Linux takes, by its switch: it runs everywhere.</summary>
public class PortableTests
{
    [Fact]
    public void Why_Portable_FirstLineIsTheAnswerAndTheLimitSaysWhatItIs()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var run = Bindwise.Run("why", "--portable", $"127.0.0.1:{port}");
        Assert.Equal((1, ""), (run.ExitCode, run.Errors));
        Assert.StartsWith($"127.0.0.1:{port}/tcp is taken (EADDRINUSE", run.Output, StringComparison.Ordinal);
        Assert.Contains("\n  limit This is the portable answer, ", run.Output, StringComparison.Ordinal);
        Assert.Contains($"\n  seen  1 LISTEN 127.0.0.1:{port}\n", Bindwise.Run("why", "--portable", "--verbose", $"127.0.0.1:{port}").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--json")]
    [InlineData("--verbose")]
    public void Why_FromWhatPortableSaved_SaysTheSameWithItsDate(string options)
    {
        using var snapshots = new Snapshots();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var file = Path.Combine(snapshots.Folder, "portable.json");
        string[] how = options.Length == 0 ? [] : [options];
        var live = Bindwise.Run(["why", "--portable", $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}", "--save-snapshot", file, .. how]);
        Assert.Equal((1, ""), (live.ExitCode, live.Errors));
        SameAnswer.Check(live, Bindwise.Run(["--snapshot", file, .. how]));
    }

    [Fact]
    public void Why_PortableWithAnUnknownService_IsOneLineAndTwo()
    {
        var run = Bindwise.Run("why", "--portable", "no-such-service");
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("bindwise: unknown service 'no-such-service'", run.OneError, StringComparison.Ordinal);
    }

    [Fact]
    public void Why_PortableWithoutProbe_IsThree() => Assert.Equal(3, Bindwise.Run("why", "--portable", "--no-probe", "127.0.0.1:1").ExitCode);
}
