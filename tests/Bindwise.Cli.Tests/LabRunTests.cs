using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Bindwise.Cli.Tests;

/// <summary><c>lab run</c> on the model, as its users meet it; Bindwise.Kernel.Tests has it on the kernel.</summary>
public class LabRunTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    // Issue 3's own, whose last step expects what the step before it did not give.
    private const string EveryOp = """
        {"name":"every op","platform":"linux","steps":[{"op":"open","socket":"a","protocol":"tcp","family":"ipv6"},{"op":"set","socket":"a","option":"SO_REUSEADDR","value":1},{"op":"bind","socket":"a","address":"::","port":8000},{"op":"listen","socket":"a"},{"op":"open","socket":"c","protocol":"tcp","family":"ipv4"},{"op":"connect","socket":"c","address":"127.0.0.1","port":8000},{"op":"accept","socket":"a","as":"s"},{"op":"send","socket":"c","bytes":100},{"op":"receive","socket":"s","bytes":100},{"op":"shutdown","socket":"c","how":"both"},{"op":"close","socket":"s"},{"op":"abort","socket":"s"},{"op":"wait","seconds":66},{"op":"sysctl","name":"net.ipv4.tcp_tw_reuse","value":"0"},{"op":"expect","result":"EADDRINUSE"}]}
        """;

    [Fact]
    public void Run_EveryOpAsJson_IsOneLineWithAnEntryForEveryStep()
    {
        var run = Play(EveryOp, "--json");
        Assert.Equal((1, ""), (run.ExitCode, run.Errors));
        using var answer = JsonDocument.Parse(Assert.Single(Lines(run.Output)));
        Assert.Equal(["name", "steps", "mismatch"], answer.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.False(answer.RootElement.GetProperty("mismatch").GetBoolean());
        var steps = answer.RootElement.GetProperty("steps").EnumerateArray().ToList();
        Assert.Equal(Enumerable.Range(0, 15), steps.Select(step => step.GetProperty("index").GetInt32()));
        Assert.All(steps, step => Assert.Equal(["index", "result", "rule", "blockers", "because"], step.EnumerateObject().Select(member => member.Name)));
        Assert.Equal([.. Enumerable.Repeat("ok", 11), "ENOSOCK", "ok", "ok", "EXPECT"], steps.Select(step => step.GetProperty("result").GetString()));
    }

    [Fact]
    public void Run_TakenPort_NamesRuleBlockersAndWhy()
    {
        using var answer = JsonDocument.Parse(Play(Bind("x", "0.0.0.0"), "--json").Output);
        var bind = answer.RootElement.GetProperty("steps")[3];
        Assert.Equal(("EADDRINUSE", "BW005"), (bind.GetProperty("result").GetString(), bind.GetProperty("rule").GetString()));
        Assert.Equal("a", Assert.Single(bind.GetProperty("blockers").EnumerateArray()).GetString());
        Assert.NotEqual("", bind.GetProperty("because").GetString());
    }

    [Theory]
    [InlineData("a = tcp 127.0.0.1:8080 listen -> ok", 0, "3 steps: as expected")]
    [InlineData("a = tcp 127.0.0.1:8080 listen", 0, "3 steps: played")]
    [InlineData("a = tcp 127.0.0.1:8080 listen\nb = tcp 127.0.0.1:8080 -> ok", 1, "5 steps: 1 expectation not met")]
    public void Run_BindText_EndsWithASentenceAndItsCode(string text, int code, string sentence)
    {
        var run = Play(text);
        Assert.Equal((code, ""), (run.ExitCode, run.Errors));
        Assert.Equal("  " + sentence, Lines(run.Output)[^1]);
    }

    [Theory]
    [InlineData("a = tpc 127.0.0.1:8080", "standard input:1:5: ")]
    [InlineData("a = tcp 127.0.0.1:8080\nfrobnicate a", "standard input:2:1: ")]
    [InlineData("", "standard input:1: there is no scenario in it")]
    [InlineData("# a = tcp 127.0.0.1:8080\n", "standard input:1: there is no scenario in it")]
    [InlineData("{\"name\":\"n\",\"steps\":[{\"op\":\"open\"}]}", "standard input:1:")]
    [InlineData("{\"name\":\"n\"", "standard input:1:")]
    public void Run_BadScenario_IsOneLineThatNamesThePlaceAndTwo(string text, string start)
    {
        var run = Play(text);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("bindwise: " + start, run.OneError, StringComparison.Ordinal);
    }

    // docs/scenario-language.md: all faults of a .bind file at once, up to 20, and then that it reads no further.
    [Theory]
    [InlineData(3, 3)]
    [InlineData(20, 20)]
    [InlineData(25, 20)]
    public void Run_TextWithSeveralFaults_TellsEachOnItsLine(int faulty, int told)
    {
        var run = Play(string.Concat(Enumerable.Repeat("frobnicate a\n", faulty)));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Equal(Enumerable.Range(1, told).Select(static line => $"bindwise: standard input:{line}:1"), Lines(run.Errors).Take(told).Select(static line => string.Join(':', line.Split(':').Take(4))));
        Assert.Equal(faulty > told ? ["bindwise: standard input:21: from here on nothing is read, after 20 faults"] : [], Lines(run.Errors).Skip(told));
    }

    [Fact]
    public void Run_MoreAttemptsThanAScenarioMayMake_AreRefusedBeforeAnyIsMade()
    {
        var run = Play("a = tcp 127.0.0.1:8080 listen\n" + string.Concat(Enumerable.Repeat("retry 10ms for 90s bind a 127.0.0.1:8080\n", 9_900)));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("standard input:13:", Lines(run.Errors)[0], StringComparison.Ordinal);
        Assert.Contains("at most 100000 attempts together", Lines(run.Errors)[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Run_BadDocumentsInAStream_AreAnsweredInTheirPlace()
    {
        var run = Play(Bind("first", "127.0.0.2") + "{\"name\":\"bad\",\"steps\":[{\"op\":\"fly\",\"socket\":\"a\"}]}\n\nnonsense\n" + Bind("last", "127.0.0.2"), "--json");
        Assert.Equal(2, run.ExitCode);
        var answers = Lines(run.Output).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["steps", "error", "error", "steps"], answers.Select(answer => answer.EnumerateObject().ElementAt(1).Name));
        Assert.Equal(["first", "bad", "last"], new[] { answers[0], answers[1], answers[3] }.Select(answer => answer.GetProperty("name").GetString()));
        Assert.Contains("standard input:2:", answers[1].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Contains("step 0", answers[1].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, Lines(run.Errors).Length);
    }

    [Fact]
    public void Run_ThousandsInAStream_AreAnsweredEachInItsOrder()
    {
        var run = Play(string.Concat(Enumerable.Range(0, 5_000).Select(number => Bind(number.ToString(CultureInfo.InvariantCulture), "127.0.0.2"))), "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Equal(Enumerable.Range(0, 5_000).Select(number => $"{{\"name\":\"{number}\","), Lines(run.Output).Select(line => line[..(line.IndexOf(',', StringComparison.Ordinal) + 1)]));
    }

    [Fact]
    public async Task Run_WriterThatWaitsForEachAnswer_GetsIt()
    {
        using var process = Bindwise.StartWaiting("lab", "run", "--on", "model", "--json", "-");
        for (var number = 0; number < 3; number++)
        {
            await process.StandardInput.WriteAsync(Bind($"n{number}", "127.0.0.2"));
            await process.StandardInput.FlushAsync();
            var answer = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
            Assert.StartsWith($"{{\"name\":\"n{number}\",", answer, StringComparison.Ordinal);
        }
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(Patience);
        Assert.Equal(0, process.ExitCode);
    }

    [LinuxFact]
    public void Run_ReaderThatGoesAway_EndsQuietly()
    {
        var run = Bindwise.RunShell($"yes '{Bind("n", "127.0.0.2").TrimEnd()}' 2>/dev/null | {{ \"$B\" lab run --on model --json -; echo \"code $?\" >&2; }} | head -n 2");
        Assert.Equal("code 0\n", run.Errors);
        Assert.Equal(2, Lines(run.Output).Length);
    }

    [LinuxFact]
    public void Run_AFileWithoutAnEnd_IsOneLineAndTwo()
    {
        var run = Bindwise.RunShell("exec timeout 170 \"$B\" lab run --on model /dev/zero");
        Assert.Equal((2, "", "bindwise: /dev/zero:1: the file is larger than 8 MiB; split the scenario"), (run.ExitCode, run.Output, run.OneError));
    }

    [LinuxFact]
    public async Task Run_InterruptedWhileItReads_Ends130()
    {
        using var process = Bindwise.StartWaiting("lab", "run", "--on", "model", "--json", "-");
        await process.StandardInput.WriteAsync(Bind("n", "127.0.0.2"));
        await process.StandardInput.FlushAsync();
        Assert.NotNull(await process.StandardOutput.ReadLineAsync().WaitAsync(Patience));
        using var kill = Process.Start("/bin/kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync().WaitAsync(Patience);
        Assert.Equal((130, ""), (process.ExitCode, await process.StandardError.ReadToEndAsync()));
    }

    [Fact]
    public void Run_FileOfEitherForm_IsKnownByItsContent()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "\uFEFF \n" + Bind("n", "127.0.0.2"));
            Assert.StartsWith("{\"name\":\"n\",", Bindwise.Run("lab", "run", "--on", "model", "--json", file).Output, StringComparison.Ordinal);
            File.WriteAllText(file, "\uFEFF# a story\na = tcp 127.0.0.1:80 -> ok\n");
            Assert.Equal(0, Bindwise.Run("lab", "run", "--on", "model", file).ExitCode);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Run Play(string input, params string[] options) => Bindwise.RunWith(Encoding.UTF8.GetBytes(input), [], ["lab", "run", "--on", "model", .. options, "-"]);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    // Two sockets on one port, the second on an address that is told.
    private static string Bind(string name, string address) =>
        $$"""{"name":"{{name}}","steps":[{"op":"open","socket":"a","protocol":"tcp","family":"ipv4"},{"op":"bind","socket":"a","address":"127.0.0.1","port":8000},{"op":"open","socket":"b","protocol":"tcp","family":"ipv4"},{"op":"bind","socket":"b","address":"{{address}}","port":8000}]}""" + "\n";
}
