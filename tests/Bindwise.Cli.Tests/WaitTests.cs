using Bindwise.Cli.CommandLine;

namespace Bindwise.Cli.Tests;

public class WaitTests
{
    private const string Hint = " (see: bindwise wait --help)";

    [LinuxTheory]
    [InlineData("", "no target given: name one, as in: bindwise wait 8080" + Hint)]
    [InlineData("-- true", "no target given: name one, as in: bindwise wait 8080" + Hint)]
    [InlineData("8080 --", "no command given after --: leave it out, or name one, as in: bindwise wait 8080 -- npm start" + Hint)]
    [InlineData("8080 --until gone", "--until gone is not a condition: give free, listening or closed" + Hint)]
    [InlineData("8080 --timeout 0", "--timeout 0 is not a time: give 500ms, 10s, 2m or 1h" + Hint)]
    [InlineData("8080 --timeout=-Infinity", "--timeout -Infinity is not a time: give 500ms, 10s, 2m or 1h" + Hint)]
    [InlineData("8080 --timeout soon", "--timeout soon is not a time: give 500ms, 10s, 2m or 1h" + Hint)]
    [InlineData("8080 -t", "--timeout needs a value: --timeout TIME" + Hint)]
    [InlineData("8080 --connect", "--connect tries a listener: it needs --until listening" + Hint)]
    [InlineData("8080/udp --until listening --connect", "UDP has no connections to try: leave out --connect, or ask for a TCP port")]
    [InlineData("8080 --plain --reuse-port", "--plain asks for a socket without options: leave it out, or --reuse-port" + Hint)]
    [InlineData("8080 --timout 1s", "unknown option --timout; did you mean --timeout?" + Hint)]
    [InlineData("- -", "- was given twice, but standard input can be read only once" + Hint)]
    [InlineData("0 --until listening", "0: port 0 is any free port, and nobody listens on it: name the port to wait for")]
    [InlineData("192.0.2.1:80 --until listening", "192.0.2.1:80 is not an address of this host, whose sockets cannot be seen from here: only a connection tells (--connect)")]
    [InlineData("192.0.2.1:80 --until closed", "192.0.2.1:80 is not an address of this host, whose sockets cannot be seen from here")]
    public void Wait_WrongUsage_IsOneLineAndTwo(string line, string error)
    {
        var run = Bindwise.Run(["wait", .. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Equal("bindwise: " + error, run.OneError);
    }

    [LinuxFact]
    public void Wait_TooManyTargets_IsOneLineAndTwo()
    {
        var run = Bindwise.Run(["wait", .. Enumerable.Range(1000, 65).Select(static port => port.ToString(System.Globalization.CultureInfo.InvariantCulture))]);
        Assert.Equal((2, "bindwise: 65 targets are too many: 64 at most, run it again for the others"), (run.ExitCode, run.OneError));
    }

    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("10s", 10)]
    [InlineData("1.5m", 90)]
    [InlineData("2H", 7200)]
    [InlineData("3", 3)]
    public void Time_WithAUnit_IsRead(string text, double seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), TimeOption.Read(text));

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1e3")]
    [InlineData("240001h")]
    [InlineData("1 s")]
    [InlineData("NaN")]
    public void Time_ThatIsNone_IsNotRead(string text) => Assert.Null(TimeOption.Read(text));
}
