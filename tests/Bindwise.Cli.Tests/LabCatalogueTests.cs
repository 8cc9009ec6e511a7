using System.Text.Json;

namespace Bindwise.Cli.Tests;

/// <summary>lab list, show and prove as their users meet them; on the model, so that the tests need no rights.</summary>
public sealed class LabCatalogueTests : IDisposable
{
    private const string Own = """
        claim own
        says "The second one is free"
        verdict on linux: false
        case one "somebody listens"
        a = tcp 127.0.0.1:8080 listen -> ok
        b = tcp 127.0.0.1:8080        -> EADDRINUSE BW004 by a claimed ok
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("bindwise-claims-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void List_OfTheCatalogue_HasClaimsWithTheirVerdicts()
    {
        var run = Bindwise.Run("lab", "list");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Contains("\n  reuse-time-wait             conditional\n      SO_REUSEADDR before bind lets a server bind over TIME_WAIT\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("\n  tw-fin-timeout              false\n", run.Output, StringComparison.Ordinal);
        Assert.All(run.Output.Split('\n'), static line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public void ListJson_OfTheCatalogue_IsALineEach()
    {
        var run = Bindwise.Run("lab", "list", "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length >= 44, run.Output);
        using var claim = JsonDocument.Parse(Assert.Single(lines, static line => line.StartsWith("{\"id\":\"reuse-time-wait\",\"kind\":\"claim\",", StringComparison.Ordinal)));
        Assert.Equal("both sockets had set it", claim.RootElement.GetProperty("condition").GetString());
    }

    [Fact]
    public void Show_Claim_HasItsScenariosAsTheyStand()
    {
        var run = Bindwise.Run("lab", "show", "bind-matrix");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.StartsWith("bind-matrix\n  says  0.0.0.0:21 excludes 192.168.0.1:21", run.Output, StringComparison.Ordinal);
        Assert.Contains("\ncase wildcard-first: the wildcard comes first\n  any = tcp 0.0.0.0:21          -> ok\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("bindwise explain BW002", run.Output, StringComparison.Ordinal);
    }

    [LinuxFact]
    public void Prove_AFileWithoutAnEnd_IsOneLineAndTwo()
    {
        var run = Bindwise.RunShell("exec timeout 170 \"$B\" lab prove --on model /dev/zero");
        Assert.Equal((2, "", "bindwise: /dev/zero: the file is larger than 1 MiB; split the claim"), (run.ExitCode, run.Output, run.OneError));
    }

    [Fact]
    public void Prove_OnTheModel_SaysVerdictAndEvidence()
    {
        var run = Bindwise.Run("lab", "prove", "--on", "model", "reuse-three-services");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Equal(
            """
            reuse-three-services: false
              says  Three services on port 80 of three addresses need SO_REUSEADDR
              fails each has an address of its own, and no option: listen a gave ok, listen
                    b gave ok, not EADDRINUSE, listen c gave ok, not EADDRINUSE [BW002]
              fails two are IPv4 and one is IPv6, and no option: listen a gave ok, listen b
                    gave ok, not EADDRINUSE, listen c gave ok, not EADDRINUSE [BW002]
              on    the rules of Linux 6.18; as recorded

            """,
            run.Output);
    }

    [Fact]
    public void ProveJson_SeveralOnTheModel_IsALineEachInTheirOrder()
    {
        var run = Bindwise.Run("lab", "prove", "--on", "model", "--json", "tw-length", "reuse-time-wait");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("{\"id\":\"tw-length\",\"verdict\":\"true\",\"condition\":null,\"evidence\":\"", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("{\"id\":\"reuse-time-wait\",\"verdict\":\"conditional\",\"condition\":\"both sockets had set it\",", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Prove_OwnFileAndFolder_ArePlayedAlike()
    {
        var file = Write("own.bind", Own);
        foreach (var arguments in new[] { new[] { file }, ["own", "--from", _folder], ["--all", "--from", _folder] })
        {
            var run = Bindwise.Run(["lab", "prove", "--on", "model", .. arguments]);
            Assert.Equal((0, ""), (run.ExitCode, run.Errors));
            Assert.StartsWith("own: false\n", run.Output, StringComparison.Ordinal);
        }
        Assert.Equal(0, Bindwise.Run("lab", "list", "--from", _folder).ExitCode);
        Assert.Contains("case one: somebody listens\n", Bindwise.Run("lab", "show", file).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void ShowAndProve_ClaimInAFileOfAnotherName_IsFoundByItsId()
    {
        var file = Write("it's.bind", Own);
        Write("own.bind", Own.Replace("claim own", "claim other", StringComparison.Ordinal));
        Write("faulty.bind", "claim OWN");
        foreach (var (arguments, shown) in new[]
        {
            (new[] { "own", "--from", _folder }, $"--from {_folder} own"),
            ([file], $"'{_folder}/it'\\''s.bind'"),
        })
        {
            var run = Bindwise.Run(["lab", "prove", "--on", "model", .. arguments]);
            Assert.Equal((0, ""), (run.ExitCode, run.Errors));
            Assert.StartsWith("own: false\n", run.Output, StringComparison.Ordinal);
            Assert.Contains($"prove bindwise lab prove {shown}\n", Bindwise.Run(["lab", "show", .. arguments]).Output, StringComparison.Ordinal);
        }
        Assert.Equal($"bindwise: there is no claim owm in {_folder}; did you mean own?", Bindwise.Run("lab", "show", "--from", _folder, "owm").OneError);
    }

    [Fact]
    public void Prove_ClaimWhoseRecordedVerdictIsWrong_FailsTheRun()
    {
        var run = Bindwise.Run("lab", "prove", "--on", "model", Write("own.bind", Own.Replace("linux: false", "linux: true", StringComparison.Ordinal)));
        Assert.Equal((1, ""), (run.ExitCode, run.Errors));
        Assert.Contains("; recorded is true\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Prove_ClaimWhoseResultsAreOthers_FailsTheRun()
    {
        var run = Bindwise.Run("lab", "prove", "--on", "model", Write("own.bind", Own.Replace("listen -> ok", "listen -> EACCES", StringComparison.Ordinal)));
        Assert.Equal((1, ""), (run.ExitCode, run.Errors));
        Assert.Contains("; one: expected EACCES, was ok\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Prove_FileWithMistakes_TellsEachAndPlaysNothing()
    {
        var run = Bindwise.Run("lab", "prove", "--on", "model", "reuse-exact", Write("own.bind", Own.Replace("says", "say", StringComparison.Ordinal) + "\nlisen a\n"));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        var errors = run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, errors.Length);
        Assert.StartsWith($"bindwise: {_folder}/own.bind:2:1: found \"say\", expected a line of a claim's head", errors[0], StringComparison.Ordinal);
        Assert.StartsWith($"bindwise: {_folder}/own.bind:7:1: step 7: found \"lisen\"", errors[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Prove_Scenario_IsSentToLabRun()
    {
        var file = Write("scenario.bind", "a = tcp 127.0.0.1:1 -> ok\n");
        var run = Bindwise.Run("lab", "prove", file);
        Assert.Equal(2, run.ExitCode);
        Assert.Equal($"bindwise: {file} is not a claim, which starts with a line \"claim ID\"; to play a scenario: bindwise lab run {file}", run.OneError);
    }

    [Theory]
    [InlineData("lab show", "no ID given: bindwise lab list has them all (see: bindwise lab show --help)")]
    [InlineData("lab show a b", "give one ID at a time (see: bindwise lab show --help)")]
    [InlineData("lab show reuse-timewait", "there is no claim reuse-timewait; did you mean reuse-time-wait?")]
    [InlineData("lab show xyz", "there is no claim xyz; bindwise lab list has them all")]
    [InlineData("lab show ./nowhere.bind", "cannot read ./nowhere.bind: no such file or folder")]
    [InlineData("lab run reuse-time-wait", "reuse-time-wait is a claim, not a scenario: play it with bindwise lab prove reuse-time-wait")]
    [InlineData("lab show /", "cannot read /: it is a folder; to prove all claims in it: --all --from FOLDER")]
    [InlineData("lab list --from /nowhere", "cannot read /nowhere: no such file or folder")]
    [InlineData("lab list --from /proc/self/net", "there is no .bind file in /proc/self/net")]
    [InlineData("lab list --from /etc/passwd", "cannot read /etc/passwd: it is not a folder")]
    [InlineData("lab prove", "no ID given: name claims from bindwise lab list, or give --all (see: bindwise lab prove --help)")]
    [InlineData("lab prove --all tw-length", "give IDs or --all, not both (see: bindwise lab prove --help)")]
    [InlineData("lab prove tw-lenth", "there is no claim tw-lenth; did you mean tw-length?")]
    [InlineData("lab prove tw-length --fst", "unknown option --fst; did you mean --fast? (see: bindwise lab prove --help)")]
    [InlineData("lab prove --on moon tw-length", "--on moon is no host: give model, kernel or both (see: bindwise lab prove --help)")]
    [InlineData("lab prove --on kernel --fast tw-length", "--fast plays long waits on the model: leave --on kernel out (see: bindwise lab prove --help)")]
    [InlineData("lab prove --platform windwos tw-length", "--platform windwos is not a known system; did you mean windows? (see: bindwise lab prove --help)")]
    [InlineData("lab prove --platform macos --on kernel tw-length", "--platform macos follows documents and runs nothing: leave --on out (see: bindwise lab prove --help)")]
    public void Lab_WrongUse_IsOneLineAndTwo(string line, string error)
    {
        var run = Bindwise.Run(line.Split(' '));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Equal("bindwise: " + error, run.OneError);
    }

    [Theory]
    [InlineData("lab list --help", "--from DIR ", "--json ")]
    [InlineData("lab show --help", "ID ", "--from DIR ")]
    [InlineData("lab prove --help", "ID ", "--all ", "--on HOST ", "--fast ", "--platform NAME ", "--from DIR ", "--verbose", "--json ")]
    public void Help_OfTheCatalogue_HasExamplesFirstAndEveryOption(string line, params string[] entries)
    {
        var run = Bindwise.Run(line.Split(' '));
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Equal("Examples:", run.Output.Split("\n\n")[1].Split('\n')[0]);
        Assert.Contains("130  interrupted", run.Output, StringComparison.Ordinal);
        Assert.All(entries, entry => Assert.Contains(entry, run.Output, StringComparison.Ordinal));
        Assert.All(run.Output.Split('\n'), static text => Assert.True(text.Length <= 80, text));
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
