using System.Globalization;
using System.Text.Json;

namespace Bindwise.Cli.Tests;

/// <summary><c>bindwise matrix</c> as its users meet it; Bindwise.Kernel.Tests plays its cells.</summary>
public class MatrixTests
{
    private const string Hint = " (see: bindwise matrix --help)";

    private const string Plain = """
        Linux: TCP, no option, the first listening

        ┌───────────┬─────────┬───────────┬───────────┬────────┬────────┐
        │ first,    │         │           │           │        │        │
        │ then      │ 0.0.0.0 │ 127.0.0.1 │ 127.0.0.2 │ [::]   │ [::1]  │
        ├───────────┼─────────┼───────────┼───────────┼────────┼────────┤
        │ 0.0.0.0   │ in use  │ in use    │ in use    │ in use │ ok     │
        │ 127.0.0.1 │ in use  │ in use    │ ok        │ in use │ ok     │
        │ 127.0.0.2 │ in use  │ ok        │ in use    │ in use │ ok     │
        │ [::]      │ in use  │ in use    │ in use    │ in use │ in use │
        │ [::1]     │ ok      │ ok        │ ok        │ in use │ in use │
        └───────────┴─────────┴───────────┴───────────┴────────┴────────┘

        [::]: dual-stack, IPV6_V6ONLY is off
        in use: EADDRINUSE

        """;

    private const string Compared = """
        TCP, SO_REUSEADDR on both, the first bound

        +----------------------+-------+--------+---------+
        | first, second        | Linux | macOS  | Windows |
        +----------------------+-------+--------+---------+
        | 0.0.0.0, 0.0.0.0     | ok    | in use | ok      |
        | 127.0.0.1, 127.0.0.1 | ok    | in use | ok      |
        | [::], 0.0.0.0        | ok    | in use | ok      |
        | [::], [::]           | ok    | in use | ok      |
        | [::1], [::1]         | ok    | in use | ok      |
        +----------------------+-------+--------+---------+

        11 of 16 pairs are left out: there they all agree.
        [::]: dual-stack, IPV6_V6ONLY is off
        in use: EADDRINUSE (Windows: WSAEADDRINUSE)
        By the rules, not run; --verify plays those of Linux. --rules shows the rules
        and their sources.

        """;

    private const string Pair = """
        first     tcp reuseaddr 0.0.0.0 listen
        second    tcp reuseaddr 127.0.0.1

        Linux     bind() EADDRINUSE  BW004  rule played on 6.18
                  A listening socket keeps its address and port to itself; SO_REUSEADDR
                  does not change that.
                  inet_bind_conflict(), net/ipv4/inet_connection_sock.c
        FreeBSD   bind() ok  BSD-C  source read
                  With SO_REUSEADDR or SO_REUSEPORT of its own only a socket without a
                  peer at exactly its address counts, unless both have SO_REUSEPORT; the
                  other's SO_REUSEADDR is never read.
                  in_pcb.c, in6_pcb.c, FreeBSD main (5BSD/5BSD 392999ca)
        By the rules, not run; --verify plays those of Linux.

        """;

    [Fact]
    public void Matrix_OneSystem_IsAGrid() => AssertPrints(Plain, "matrix", "--options", "none");

    [Fact]
    public void Matrix_OnePair_IsToldInSentences() =>
        AssertPrints(Pair, "matrix", "--first", "tcp reuseaddr 0.0.0.0 listen", "--second", "tcp reuseaddr 127.0.0.1", "--on", "linux,freebsd");

    [Theory]
    [InlineData("5.10", "Linux 5.10  bind() EADDRINUSE  BW004  rule played on 5.10\n            A listening")]
    [InlineData("6.13", "Linux 6.13  bind() EADDRINUSE  BW004  rule read\n")]
    [InlineData("9.9", "Linux 9.9  bind() EADDRINUSE  BW004  rule unproven\n")]
    public void Matrix_OnePairOfARelease_SaysHowSureItsRulesAre(string kernel, string line)
    {
        var run = Bindwise.Run("matrix", "--first", "tcp 0.0.0.0 listen", "--second", "tcp 127.0.0.1", "--kernel", kernel);
        Assert.Contains("\n" + line, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Matrix_OnePairWithRules_AddsTheSystemsFacts()
    {
        var run = Bindwise.Run("matrix", "--first", "tcp 0.0.0.0 listen", "--second", "tcp 127.0.0.1", "--on", "macos", "--rules");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("\nTIME_WAIT\n", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("\nDocumented, not run.\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Matrix_SeveralSystems_ShowsWhereTheyDiffer()
    {
        AssertPrints(Compared, "matrix", "--on", "linux,macos,windows", "--options", "reuseaddr", "--ascii");
        Assert.Contains("\n| 0.0.0.0, [::]", Bindwise.Run("matrix", "--on", "linux,macos,windows", "--options", "reuseaddr", "--ascii", "--whole").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("matrix --on all", "80")]
    [InlineData("matrix --on all --addresses all --rules", "80")]
    [InlineData("matrix --on all --udp --state connected --user other", "80")]
    [InlineData("matrix --on windows --options none,reuseaddr/none,none/exclusive", "80")]
    [InlineData("matrix --on freebsd --addresses all --options reuseport_lb", "120")]
    [InlineData("matrix --on illumos,gvisor,netbsd --state time-wait --listen", "120")]
    [InlineData("matrix --rules", "40")]
    public void Matrix_AnyAxes_StaysWithinTheWidth(string line, string columns)
    {
        var run = Bindwise.RunWith([], new() { ["COLUMNS"] = columns }, line.Split(' '));
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        // A word that is too long for a line stands on it whole.
        Assert.All(run.Output.Split('\n'), text => Assert.True(text.Length <= int.Parse(columns, null) || !text.Trim().Contains(' ', StringComparison.Ordinal), text));
        Assert.DoesNotContain('\u001b', run.Output);
    }

    // Grids of different widths stand below each other, and none is cut.
    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public void Matrix_GridsOfDifferentWidth_AreWholeEach(int width)
    {
        var run = Bindwise.RunWith([], new() { ["COLUMNS"] = width.ToString(CultureInfo.InvariantCulture) }, "matrix");
        var lines = run.Output.Split('\n');
        Assert.Equal(3, lines.Count(static line => line.StartsWith('\u250c')));
        Assert.All(lines.Where(static line => line.StartsWith('\u250c')), static line => Assert.EndsWith("\u2510", line, StringComparison.Ordinal));
        Assert.All(lines.Where(static line => line.StartsWith('\u2502')), static line => Assert.EndsWith("\u2502", line, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.True(line.Length <= width, line));
    }

    [Theory]
    [InlineData("C", true)]
    [InlineData("POSIX", true)]
    [InlineData("en_US.ISO-8859-1", true)]
    [InlineData("C.UTF-8", false)]
    public void Matrix_Locale_DecidesWhetherTheLinesAreAscii(string locale, bool isAscii) =>
        Assert.Equal(isAscii, Bindwise.RunWith([], new() { ["LC_ALL"] = locale }, "matrix").Output.All(char.IsAscii));

    [Fact]
    public void Matrix_Json_IsOneDocumentWithACellForEveryPair()
    {
        var run = Bindwise.Run("matrix", "--json", "--on", "all");
        Assert.Equal((0, "", 1), (run.ExitCode, run.Errors, run.Output.Count(letter => letter == '\n')));
        using var matrix = JsonDocument.Parse(run.Output);
        Assert.Equal("bindwise.matrix/1", matrix.RootElement.GetProperty("schema").GetString());
        Assert.Equal(6 * 3 * 16, matrix.RootElement.GetProperty("cells").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, matrix.RootElement.GetProperty("verified").ValueKind);
    }

    [Fact]
    public void Matrix_Svg_IsOnePictureOfAllGrids()
    {
        var run = Bindwise.Run("matrix", "--svg");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.StartsWith("<svg ", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("</svg>\n", run.Output, StringComparison.Ordinal);
        foreach (var title in (string[])["no option", "SO_REUSEADDR on both", "SO_REUSEPORT on both"])
            Assert.Contains($"Linux: TCP, {title}", run.Output, StringComparison.Ordinal);
    }

    // A picture is as wide as 110 columns, and holds what the text of that width holds.
    [Theory]
    [InlineData("matrix")]
    [InlineData("matrix --on macos --options none,reuseport")]
    [InlineData("matrix --on linux,windows")]
    [InlineData("matrix --on linux,freebsd --options none --addresses 0.0.0.0")]
    [InlineData("matrix --on all --whole")]
    public void Matrix_Svg_HoldsAsManyCellsAsTheText(string line)
    {
        var text = Bindwise.RunWith([], new() { ["COLUMNS"] = "110" }, line.Split(' ')).Output;
        var words = text.Split('\n').Where(static row => row.StartsWith('\u2502')).SelectMany(static row => row.Split('\u2502')).Select(static cell => cell.Trim());
        var expected = words.Count(static word => word is "ok" or "in use" or "denied" or "no listen" or "unknown" or "n/a" or "either");

        Assert.Equal(expected, CellsOf(Bindwise.Run([.. line.Split(' '), "--svg"]).Output));
        Assert.True(expected > 0 || (text.Contains("They all agree", StringComparison.Ordinal) && !text.Contains('\u2502', StringComparison.Ordinal)), text);
    }

    // A system that lacks the option agrees with nobody.
    [Theory]
    [InlineData("linux,macos,windows", "Windows has no such option, and the others agree; --whole shows them.")]
    [InlineData("linux,windows", "Windows has no such option, which leaves nothing to compare; --whole shows them.")]
    [InlineData("linux,macos", "They all agree in every cell; --whole shows them.")]
    public void Matrix_OfSystemsThatLackTheOption_SaysSo(string systems, string note)
    {
        var run = Bindwise.RunWith([], new() { ["COLUMNS"] = "110" }, "matrix", "--on", systems, "--options", "reuseport", "--addresses", "0.0.0.0");
        Assert.Contains(note, run.Output, StringComparison.Ordinal);
    }

    // Where the systems agree there is an answer all the same: that of each.
    [Theory]
    [InlineData("linux,freebsd", 2)]
    [InlineData("all", 6)]
    [InlineData("macos", 1)]
    public void Matrix_SvgOfOnePair_HoldsTheAnswerOfEachSystem(string systems, int cells)
    {
        var run = Bindwise.Run("matrix", "--first", "tcp 0.0.0.0 listen", "--second", "tcp 127.0.0.1", "--on", systems, "--svg");

        Assert.Equal((0, "", cells), (run.ExitCode, run.Errors, CellsOf(run.Output)));
    }

    private static int CellsOf(string svg) => svg.Split("<rect class=\"g-").Length - 1;

    [Theory]
    [InlineData("--on beos", "--on beos: \"beos\" is not a known system: give linux, freebsd, macos, openbsd, netbsd, windows, illumos, gvisor, or all")]
    [InlineData("--state open", "--state open is not a state: give bound, listening, connected, time-wait")]
    [InlineData("--user me", "--user takes same or other, not me")]
    [InlineData("--udp --listen", "UDP has no listen and no TIME_WAIT")]
    [InlineData("--options fast", "--options: \"fast\" is not a set of options; give none or reuseaddr, reuseport, reuseport_lb, exclusive, joined by +, of both or as first/second")]
    [InlineData("--addresses moon", "--addresses: found \"moon\", expected an address, an option or a state, as in: tcp reuseaddr 0.0.0.0:8080 listen")]
    [InlineData("--first tcp", "--first: there is no address, as in: tcp reuseaddr 0.0.0.0:8080 listen")]
    [InlineData("--first 0.0.0.0 --options none", "--options is for the whole grid: with --first or --second, put the options into the words of the socket")]
    [InlineData("--first 0.0.0.0:1 --second 0.0.0.0:2", "the sockets have different ports: they never conflict")]
    [InlineData("--on macos --verify", "--verify plays the cells of linux: add linux to --on")]
    [InlineData("--svg --ascii", "--json, --svg and --ascii exclude each other: give one of them")]
    [InlineData("--json --svg", "--json, --svg and --ascii exclude each other: give one of them")]
    [InlineData("--jso", "unknown option --jso; did you mean --json?")]
    [InlineData("8080", "unexpected \"8080\": name a socket after --first or --second, in quotes")]
    public void Matrix_WrongUsage_IsOneLineAndTwo(string line, string error)
    {
        var run = Bindwise.Run(["matrix", .. line.Split(' ')]);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Equal("bindwise: " + error + Hint, run.OneError);
    }

    [Fact]
    public void Matrix_Help_ShowsExamplesFirst()
    {
        var run = Bindwise.Run("matrix", "--help");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Equal("Examples:", run.Output.Split("\n\n")[1].Split('\n')[0]);
        Assert.All(run.Output.Split('\n'), text => Assert.True(text.Length <= 80, text));
    }

    [LinuxFact]
    public void Matrix_HelpsExamples_Run()
    {
        var examples = Bindwise.RunWith([], new() { ["COLUMNS"] = "100" }, "matrix", "--help").Output.Split('\n').SkipWhile(line => line != "Examples:").Skip(1).TakeWhile(line => line.Length > 0).ToList();
        Assert.Equal(6, examples.Count);
        Assert.All(examples, example =>
        {
            var run = Bindwise.RunShell(example.Trim().Replace("bindwise matrix", "\"$B\" matrix", StringComparison.Ordinal).Replace(" > matrix.svg", "", StringComparison.Ordinal).Replace(" --verify", "", StringComparison.Ordinal));
            Assert.Equal((0, ""), (run.ExitCode, run.Errors));
            Assert.NotEmpty(run.Output);
        });
    }

    private static void AssertPrints(string text, params string[] arguments)
    {
        var run = Bindwise.Run(arguments);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Equal(text.ReplaceLineEndings("\n"), run.Output);
    }
}
