using System.Diagnostics;
using Bindwise.Cli.Tests;

namespace Bindwise.Fuzz.Tests;

/// <summary>The tool as it is started.</summary>
public sealed class FuzzToolTests
{
    private const string Hint = " (see: Bindwise.Fuzz fuzz --help)";
    private const string Wiped = "\r\u001b[K";

    private static readonly string Tool = Path.Combine(AppContext.BaseDirectory, "Bindwise.Fuzz");

    [Theory]
    [InlineData("", "Bindwise.Fuzz needs a verb: fuzz or generate (see: Bindwise.Fuzz --help)")]
    [InlineData("walk", "Bindwise.Fuzz has no verb walk; known are fuzz, generate (see: Bindwise.Fuzz --help)")]
    [InlineData("fuzz --seconds 0", "--seconds takes a number from 1 to 604800" + Hint)]
    [InlineData("fuzz --seconds 1.5", "--seconds takes a number from 1 to 604800" + Hint)]
    [InlineData("fuzz --seed -1", "--seed takes a number from 0 to 18446744073709551615" + Hint)]
    [InlineData("fuzz --count many", "--count takes a number from 1" + Hint)]
    [InlineData("fuzz --profile slow", "--profile slow is not a profile: give quick, fin-wait2 or time-wait" + Hint)]
    [InlineData("fuzz --on kernel", "--on kernel is no host: give both or model" + Hint)]
    [InlineData("fuzz 7", "fuzz takes options only, not 7" + Hint)]
    [InlineData("generate --kernel 2.6", "--kernel 2.6: the rules of Linux before 5.10 are not known (see: Bindwise.Fuzz generate --help)")]
    public void WrongUsage_IsOneLineAndTwo(string line, string error) => Assert.Equal((2, "", $"bindwise: {error}\n"), Run(line));

    [Theory]
    [InlineData("--help", "fuzz  ", "generate  ")]
    [InlineData("fuzz -?", "--seconds N ", "--seed S ", "--count N ", "--profile WHAT ", "--on HOST ", "--out DIR ", "--json ")]
    [InlineData("generate --help", "--seed S ", "--count N ", "--profile WHAT ", "--kernel RELEASE ")]
    public void Help_AskedFor_IsOnStandardOutputWithExamplesFirst(string line, params string[] entries)
    {
        var (code, output, errors) = Run(line);
        Assert.Equal((0, ""), (code, errors));
        Assert.Equal("Examples:", output.Split("\n\n")[1].Split('\n')[0]);
        Assert.All(entries, entry => Assert.Contains("\n  " + entry, output, StringComparison.Ordinal));
    }

    [Fact]
    public void Fuzz_OnTheModel_ReportsWhatWasCovered()
    {
        var (code, output, errors) = Run("fuzz --seed 3 --count 50 --on model");
        Assert.Equal((0, ""), (code, errors));
        Assert.StartsWith("seed 3, Linux ", output, StringComparison.Ordinal);
        Assert.Contains("\n50 scenarios, ", output, StringComparison.Ordinal);
        Assert.EndsWith("\n0 mismatches\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Generate_PrintsWhatLabRunPlays()
    {
        var (code, output, errors) = Run("generate --seed 3 --count 5 --profile fin-wait2 --kernel 5.10");
        Assert.Equal((0, ""), (code, errors));
        var names = output.TrimEnd('\n').Split('\n').Select(static line => Model.Scenarios.ScenarioJson.Parse(line).Scenario!.Name);
        Assert.Equal(Enumerable.Range(0, 5).Select(static index => $"fuzz-fin-wait2-3-{index}"), names);
    }

    [TerminalFact]
    public void Fuzz_Interrupted_LeavesACleanLine()
    {
        var screen = Path.GetTempFileName();
        try
        {
            const string Line = "{ for i in $(seq 1800); do grep -qaF ' a second, ' \"$1\" && break; sleep 0.1; done; "
                + "printf '\\003'; sleep 1; } | script -qefc \"stty cols 60; $0 fuzz --on model --seconds 600\" \"$1\"";
            var (code, output, _) = Start("/bin/sh", ["-c", Line, Tool, screen], ("TERM", "xterm"));
            Assert.Equal(130, code);
            var text = output.Replace("\r\n", "\n", StringComparison.Ordinal);
            // The report stands where the bar was, which is gone.
            Assert.Contains(Wiped + "\n", text, StringComparison.Ordinal);
            Assert.EndsWith("\n" + Wiped, text, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(screen);
        }
    }

    private static (int Code, string Output, string Errors) Run(string line) =>
        Start(Tool, line.Split(' ', StringSplitOptions.RemoveEmptyEntries), ("COLUMNS", "80"));

    private static (int Code, string Output, string Errors) Start(string program, string[] arguments, (string Name, string Value) variable)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[variable.Name] = variable.Value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.GetAwaiter().GetResult());
    }
}
