using System.Text;
using System.Xml.Linq;

namespace Bindwise.Cli.Tests;

public sealed class LabDrawTests : IDisposable
{
    private const string Hint = " (see: bindwise lab draw --help)";

    private const string Restart = """
        old  = tcp 127.0.0.1:8080 listen
        peer = connect old
        conn = accept old
        close conn; close peer; close old
        new  = tcp reuseaddr 127.0.0.1:8080
        wait 66s
        new  = tcp reuseaddr 127.0.0.1:8080 listen
        """;

    private static readonly Dictionary<string, string> Utf8 = new() { ["LC_ALL"] = "C.UTF-8" };

    private readonly string _folder = Directory.CreateTempSubdirectory("bindwise-draw-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("lab draw", "no ID or FILE given: bindwise lab list has the IDs" + Hint)]
    [InlineData("lab draw a b", "give one ID or FILE at a time" + Hint)]
    [InlineData("lab draw --sgv a", "unknown option --sgv; did you mean --svg?" + Hint)]
    [InlineData("lab draw --on moon a", "--on moon is no host: give kernel or model" + Hint)]
    [InlineData("lab draw --as pie a", "--as pie is not a kind of picture: give sequence, states or grid" + Hint)]
    [InlineData("lab draw --socket x a", "--socket works only with --as states" + Hint)]
    [InlineData("lab draw --theme dark a", "--theme works only with --svg; a terminal has its own colors" + Hint)]
    [InlineData("lab draw --svg --ascii a", "--svg and --ascii exclude each other: give one of them" + Hint)]
    [InlineData("lab draw --svg --theme pink a", "--theme pink is not a theme: give light or dark" + Hint)]
    [InlineData("lab draw --width 19 a", "--width takes a number from 20 to 400" + Hint)]
    [InlineData("lab draw --width 401 a", "--width takes a number from 20 to 400" + Hint)]
    [InlineData("lab draw --on model close-fin", "there is no claim close-fin; did you mean close-fins?")]
    [InlineData("lab draw --on model /nowhere/a.bind", "cannot read /nowhere/a.bind: no such file or folder")]
    [InlineData("lab draw --on model /", "cannot read /: it is a folder")]
    [InlineData("lab draw --on model close-simultaneous --case none", "close-simultaneous has no case none; it has crossed, with-itself")]
    [InlineData("lab draw --on model close-simultaneous --as grid --case with-itself", "close-simultaneous: no socket tries to bind while another is bound, so there is no grid; use --as sequence")]
    [InlineData("lab draw --on model close-simultaneous --as states --socket x", "close-simultaneous: no socket x had a state of TCP; there are client, conn, server, self")]
    [InlineData("lab draw --on model close-fins -o /nowhere/a.txt", "cannot write /nowhere/a.txt: no such file or folder")]
    public void LabDraw_WrongUsage_IsOneLineAndTwo(string line, string error)
    {
        var run = Bindwise.Run(line.Split(' '));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Equal("bindwise: " + error, run.OneError);
    }

    [Fact]
    public void LabDraw_ColumnsWithoutEnd_AreBounded()
    {
        var run = Bindwise.RunWith([], new() { ["COLUMNS"] = "2000000000" }, "lab", "draw", "close-fins", "--on", "model");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.All(run.Output.Split('\n'), static line => Assert.InRange(line.Length, 0, 10_000));
    }

    [Fact]
    public void LabDraw_AMistakeInTheFile_IsToldWithItsPlace()
    {
        var file = Write("a = tcp 127.0.0.1:8080 lisen\n");
        var run = Bindwise.Run("lab", "draw", "--on", "model", file);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith($"bindwise: {file}:1:24: ", run.OneError, StringComparison.Ordinal);
    }

    [Fact]
    public void LabDraw_OnTheModel_ShowsSegmentsStatesAndTheRefusal()
    {
        var run = Bindwise.RunWith([], Utf8, "lab", "draw", "--on", "model", Write(Restart));
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        var lines = run.Output.Split('\n');
        Assert.Equal("restart", lines[0]);
        Assert.Equal("drawn from the rule model, on virtual time (Linux)", lines[1]);
        Assert.Contains(lines, line => line.Contains("conn FIN_WAIT1 │──", StringComparison.Ordinal) && line.Contains("▶│ CLOSE_WAIT", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("-> EADDRINUSE", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains(" pass ", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.True(line.Length <= 80, line));
        Assert.DoesNotContain('\u001b', run.Output);
    }

    [Theory]
    [InlineData("C", false, true)]
    [InlineData("C.UTF-8", false, false)]
    [InlineData("C.UTF-8", true, true)]
    public void LabDraw_WithoutUtf8_IsAscii(string locale, bool asked, bool isAscii)
    {
        string[] line = ["lab", "draw", "--on", "model", Write(Restart), .. asked ? ["--ascii"] : Array.Empty<string>()];
        var run = Bindwise.RunWith([], new() { ["LC_ALL"] = locale }, line);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(isAscii, Ascii.IsValid(run.Output));
    }

    [Theory]
    [InlineData("sequence")]
    [InlineData("states")]
    [InlineData("grid")]
    public void LabDraw_Svg_IsWellFormedAndWrittenWhereAsked(string picture)
    {
        var file = Path.Combine(_folder, "picture.svg");
        File.WriteAllText(file, "what stood there");
        var run = Bindwise.Run("lab", "draw", "bind-matrix", "--on", "model", "--as", picture, "--svg", "-o", file);
        Assert.Equal((0, "", ""), (run.ExitCode, run.Output, run.Errors));
        var svg = XDocument.Load(file);
        Assert.Equal("svg", svg.Root!.Name.LocalName);
        Assert.Contains("prefers-color-scheme", svg.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void LabDraw_Themed_HasNoOther() =>
        Assert.DoesNotContain("prefers-color-scheme", Bindwise.Run("lab", "draw", "bind-default", "--on", "model", "--svg", "--theme", "dark").Output, StringComparison.Ordinal);

    [Fact]
    public void LabDraw_StandardInput_IsDrawn()
    {
        var run = Bindwise.RunWith(Encoding.UTF8.GetBytes(Restart), Utf8, "lab", "draw", "--on", "model", "-", "--as", "states", "--socket", "peer");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Contains("The way of peer", run.Output, StringComparison.Ordinal);
        Assert.Contains("ESTABLISHED → CLOSE_WAIT", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void LabDraw_ToAReaderThatGoesAway_EndsQuietly()
    {
        var run = Bindwise.RunShell($"$B lab draw close-fins --on model --svg | head -c 10");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.StartsWith("<svg", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void LabDrawHelp_AskedFor_NamesEveryOption()
    {
        var run = Bindwise.Run("lab", "draw", "--help");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.All(
            (string[])["--case NAME ", "--on HOST ", "--as PICTURE ", "--socket NAME ", "--svg ", "--theme THEME ", "--ascii ", "--width N ", "-o"],
            entry => Assert.Contains("\n  " + entry, run.Output, StringComparison.Ordinal));
        Assert.All(run.Output.Split('\n'), text => Assert.True(text.Length <= 120, text));
    }

    private string Write(string text)
    {
        var file = Path.Combine(_folder, "restart.bind");
        File.WriteAllText(file, text);
        return file;
    }
}
