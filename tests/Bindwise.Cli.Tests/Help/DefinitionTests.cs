using System.Text.RegularExpressions;

namespace Bindwise.Cli.Tests.Help;

/// <summary>Completion and manual page have the verbs and options of the help, since all are made from what the parser has.</summary>
public partial class DefinitionTests
{
    [LinuxTheory]
    [InlineData("''", "why free wait pick run audit ls watch serve record history plan explain matrix lab mcp completion help")]
    [InlineData("lab ''", "list show prove draw run play")]
    [InlineData("lab run --o", "--on")]
    [InlineData("lab run --on ''", "model kernel both")]
    [InlineData("lab draw --as s", "sequence states")]
    [InlineData("--color = n", "never")]
    [InlineData("--color never lab sh", "show")]
    [InlineData("8080 --f", "--follow")]
    [InlineData("8080 lab", "")]
    [InlineData("help lab dr", "draw")]
    [InlineData("explain TIME_", "TIME_WAIT")]
    [InlineData("lab prove reuse-time", "reuse-time-wait")]
    [InlineData("why --device ''", "")]
    [InlineData("why --snapshot s", "saved.json")]
    [InlineData("lab list --from f", "folder")]
    public void Completion_InBash_OffersWhatMayFollow(string line, string words)
    {
        using var snapshots = new Snapshots();
        File.WriteAllText(Path.Combine(snapshots.Folder, "saved.json"), "");
        Directory.CreateDirectory(Path.Combine(snapshots.Folder, "folder"));

        var run = Bindwise.RunShell(
            """
            cd "$F" && bash -c '
                source <("$B" completion bash)
                COMP_WORDS=(bindwise '"$LINE"')
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _bindwise bindwise "${COMP_WORDS[COMP_CWORD]}"
                echo "${COMPREPLY[*]}"'
            """,
            new() { ["F"] = snapshots.Folder, ["LINE"] = line.Replace("''", "\"\"", StringComparison.Ordinal) });

        Assert.Equal((0, "", words + "\n"), (run.ExitCode, run.Errors, run.Output));
    }

    [Theory]
    [MemberData(nameof(HelpPages.All), MemberType = typeof(HelpPages))]
    public void OptionsOfAPage_AreInEveryScriptAndInTheManualPage(string page)
    {
        var options = LongOption().Matches(HelpPages.Show(page, "1000")).Select(static match => match.Groups[1].Value).Distinct().ToList();
        var scripts = new[] { "bash", "zsh", "pwsh" }.Select(static shell => Bindwise.Run("completion", shell).Output).ToList();
        var fish = Bindwise.Run("completion", "fish").Output;
        var manual = Bindwise.Run("man-page").Output;
        Assert.All(options, option =>
        {
            Assert.All(scripts, script => Assert.Contains(option, script, StringComparison.Ordinal));
            Assert.Contains($" -l {option[2..]}", fish, StringComparison.Ordinal);
            Assert.Contains(option.Replace("-", "\\-", StringComparison.Ordinal), manual, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void ManualPage_HasOnlyKnownRequestsAndShortLines()
    {
        var run = Bindwise.Run("man-page");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        var lines = run.Output.TrimEnd('\n').Split('\n');
        Assert.StartsWith(".TH BINDWISE 1 ", lines[0], StringComparison.Ordinal);
        Assert.Equal(["NAME", "SYNOPSIS", "DESCRIPTION", "BINDWISE WHY"], lines.Where(static line => line.StartsWith(".SH", StringComparison.Ordinal)).Take(4).Select(static line => line[5..^1]));
        Assert.All(lines.Where(static line => line.StartsWith('.')), static line => Assert.Contains(line.Split(' ')[0], new[] { ".TH", ".SH", ".PP", ".TP", ".B", ".RS", ".RE", ".nf", ".fi" }));
        Assert.DoesNotContain(lines, static line => line.StartsWith('\''));
    }

    [Theory]
    [InlineData("completion", "name one shell: bash, zsh, fish or pwsh")]
    [InlineData("completion tcsh", "no completion for tcsh: give bash, zsh, fish or pwsh")]
    [InlineData("completion bash zsh", "name one shell: bash, zsh, fish or pwsh")]
    public void Completion_WithoutAShellThatIsKnown_SaysWhichAre(string line, string error)
    {
        var run = Bindwise.Run(line.Split(' '));
        Assert.Equal((2, $"bindwise: {error} (see: bindwise completion --help)"), (run.ExitCode, run.OneError));
    }

    [GeneratedRegex(@"^  (?:-\S, )*(--[a-z0-9-]+)", RegexOptions.Multiline)]
    private static partial Regex LongOption();
}
