using Bindwise.Rendering;

namespace Bindwise.Cli.Tests.Help;

public class HelpTests
{
    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("help")]
    [InlineData("why --help")]
    [InlineData("why -?")]
    [InlineData("8080 --help")]
    [InlineData("--color never help why")]
    public void Help_AskedFor_IsOnStandardOutputWithExamplesFirst(string line)
    {
        var run = Bindwise.Run(line.Split(' '));
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Equal("Examples:", run.Output.Split("\n\n")[1].Split('\n')[0]);
        Assert.Contains("130  interrupted", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("help", "--help")]
    [InlineData("help help", "--help")]
    [InlineData("help why", "why --help")]
    [InlineData("help lab run", "lab run --help")]
    [InlineData("lab help run", "lab run --help")]
    [InlineData("lab help", "lab --help")]
    [InlineData("-V", "--version")]
    [InlineData("--color=never -V", "--version")]
    public void Help_InOtherWords_IsTheSame(string line, string same) => Assert.Equal(Bindwise.Run(same.Split(' ')), Bindwise.Run(line.Split(' ')));

    [Fact]
    public void Run_WithoutArguments_IsOneScreenWithExamplesAndEveryVerb()
    {
        var run = Bindwise.Run();
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        var lines = run.Output.TrimEnd('\n').Split('\n');
        Assert.True(lines.Length <= 24, run.Output);
        Assert.All(lines, static line => Assert.True(line.Length <= 80, line));
        Assert.InRange(lines.SkipWhile(static line => line != "Examples:").Skip(1).TakeWhile(static line => line.Length > 0).Count(), 4, 6);
        Assert.All(new[] { "why", "free", "wait", "pick", "run", "audit", "ls", "watch", "serve", "record", "history", "plan", "explain" }, verb => Assert.Contains(lines, line => line.StartsWith($"  {verb} ", StringComparison.Ordinal)));
        Assert.Contains("Seldom needed: matrix, lab, mcp, completion.", run.Output, StringComparison.Ordinal);
        Assert.Contains("bindwise help", lines[^1], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(HelpPages.All), MemberType = typeof(HelpPages))]
    public void Help_AtAnyWidth_FitsAndSaysTheSame(string page)
    {
        var wide = HelpPages.Show(page, "1000");
        Assert.All(wide.Split('\n'), static line => Assert.True(line.Length <= 100, line));
        foreach (var width in new[] { 40, 60, 80 })
        {
            var text = HelpPages.Show(page, width.ToString(System.Globalization.CultureInfo.InvariantCulture));
            // One word, or one quoted argument with its option, of a line to paste may be too long for 40 columns, and then stands alone.
            Assert.All(text.Split('\n'), line => Assert.True(line.Length <= width || IsOneWord(line), $"{page} at {width}: {line}"));
            Assert.Equal(Words(wide), Words(text));
        }
        Assert.Equal(HelpPages.Show(page, "40"), HelpPages.Show(page, "7"));
    }

    [TerminalFact]
    public void Help_OnATerminal_TakesItsWidth()
    {
        var run = Bindwise.RunShell("script -qec 'stty cols 60; \"$B\" why --help' /dev/null", new() { ["TERM"] = "xterm" });
        Assert.Equal(HelpPages.Show("why", "60"), run.Output.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Help_OfWhy_NamesEveryOptionAndTheProbesRisk()
    {
        var help = Bindwise.Run("why", "--help").Output;
        string[] options =
        [
            "--plain", "--reuse-address", "--reuse-port", "--v6-only", "--dual-stack", "--device NAME", "--no-probe", "-f, --follow", "--json", "-q, --quiet", "-v, --verbose", "--show-secrets",
            "--save-snapshot FILE", "--snapshot FILE", "--color WHEN", "-?, -h, --help",
        ];
        Assert.All(options, option => Assert.Contains("\n  " + option + " ", help, StringComparison.Ordinal));
        Assert.Contains("a server that starts in that same instant", help.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public void Help_ExitCodes_AreTheWordsOfTheEnum()
    {
        var source = File.ReadAllLines(Repository.File("src/Bindwise.Rendering/ExitCode.cs"));
        foreach (var code in Enum.GetValues<ExitCode>())
        {
            var verb = code switch { ExitCode.NotExecutable or ExitCode.NotFound => "run", ExitCode.Terminated => "mcp", _ => "why" };
            var help = string.Join(' ', Words(Bindwise.Run(verb, "--help").Output));
            var member = Array.FindIndex(source, line => line.Trim() == $"{code} = {(int)code},");
            // The first sentence; other verbs have more to say about 0.
            var told = source[member - 1].Trim()["/// <summary>".Length..].Split('.')[0].ToLowerInvariant();
            Assert.Contains($"{(int)code} {told}", help.ToLowerInvariant(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Version_AskedFor_IsNameNumberAndBuild()
    {
        var run = Bindwise.Run("--version");
        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"^bindwise \d+\.\d+\.\d+ \((native|managed, \.NET [\d.]+), [a-z]+-[a-z0-9]+(, commit [0-9a-f]{12})?\)\n$", run.Output);
    }

    // Without the marks of lines that go on.
    private static IEnumerable<string> Words(string text) => text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Where(static word => word != "\\");

    private static bool IsOneWord(string line)
    {
        var word = line.Trim().TrimEnd('\\').Trim();
        if (word.StartsWith("--", StringComparison.Ordinal))
            word = word[(word.IndexOf(' ', StringComparison.Ordinal) + 1)..];
        return !word.Contains(' ', StringComparison.Ordinal) || word[0] is '"' or '\'' && word.IndexOf(word[0], 1) == word.Length - 1;
    }
}
