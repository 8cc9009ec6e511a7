using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using Bindwise.Fuzz.Generating;
using Bindwise.Lab.Kernel;
using Bindwise.Lab.Playing;
using Bindwise.Lab.Tests.Playing;
using Bindwise.Linux.Live;
using Bindwise.Model.Scenarios;

namespace Bindwise.Fuzz.Tests;

public class FuzzRunTests
{
    private static readonly StreamLimits Limits = new() { Workers = 2 };
    private static readonly Scenario Innocent = Scenarios.Named("innocent", Scenarios.Open, new CloseStep("a"));
    private static readonly Scenario Guilty = Scenarios.Named("guilty", Scenarios.Open, new ListenStep("a"), Scenarios.Bind, new CloseStep("a"));

    [Fact]
    public void Play_HostsThatAgree_FindNothingAndCount()
    {
        var report = Play(Plan(Innocent, Innocent, Innocent), Agreeing);
        Assert.Equal((3, 0, 6), (report.Coverage.Scenarios, report.Mismatches, report.Coverage.Steps));
        Assert.Empty(report.Findings);
        Assert.True(report.IsGood);
        Assert.Equal(["BW004"], report.Unmet.Select(rule => rule.Id.Value));
    }

    [Fact]
    public void Play_HostsThatDiffer_FindIsShrunkToWhatStillDiffers()
    {
        var report = Play(Plan(Innocent, Guilty, Innocent, Guilty), Differing);
        var finding = Assert.Single(report.Findings);
        Assert.Equal((1, 2, 2), (finding.Number.Index, finding.Count, report.Mismatches));
        Assert.Equal([Scenarios.Bind], finding.Smallest!.Scenario.Steps.AsEnumerable());
        Assert.Equal("step 0: the model says EADDRINUSE (BW004), the kernel ok", finding.Summary);
        Assert.False(report.IsGood);
    }

    [Fact]
    public void Play_ModelThatThrows_IsAFindingToo()
    {
        var hosts = ScriptedHosts.Of(_ => new ScriptedHost(step => step is BindStep ? throw new InvalidOperationException("broken") : new StepResult("ok")), _ => ScriptedHost.Willing());
        var finding = Assert.Single(Play(Plan(Guilty), hosts).Findings);
        Assert.Equal("step 0: InvalidOperationException: broken", finding.Summary);
        Assert.Single(finding.Smallest!.Scenario.Steps);
    }

    [Fact]
    public void Play_MismatchThatDoesNotComeAgain_IsStillReported()
    {
        var plays = 0;
        var hosts = ScriptedHosts.Of(_ => ScriptedHost.Willing(), _ => plays++ == 0 ? ScriptedHost.RefusingBind("EADDRINUSE") : ScriptedHost.Willing());
        FuzzReport report;
        var (began, again) = (Stopwatch.StartNew(), new Stopwatch());
        do
        {
            plays = 0;
            again.Restart();
            report = Play(Plan(Guilty), hosts);
        }
        // What the machine held up is played again at once, and agrees by then: that proves nothing.
        while (report.Findings.IsEmpty && again.Elapsed > HeldUpPlay.Slack && began.Elapsed < TimeSpan.FromMinutes(4));
        Assert.Null(Assert.Single(report.Findings).Smallest);
        Assert.Contains("did not happen again", FuzzReportText.Render(report, "6.18.0", "1.2.3"), StringComparison.Ordinal);
        Assert.False(report.IsGood);
    }

    [Fact]
    public void Play_ManyKindsOfMismatch_EndsAtTheMost()
    {
        var report = Play(Endless(_ => Guilty) with { MostMismatches = 1 }, Differing);
        Assert.InRange(report.Coverage.Scenarios, 1, 20);
    }

    [Fact]
    public void Play_WaitsLongerThanTheRunHasLeft_AreLeftOutAndKeepTheirNumber()
    {
        var report = Play(Plan(Scenarios.Named("waits", new WaitStep(3600)), Guilty), Differing);
        Assert.Equal((1, 1), (report.LeftOut, report.Coverage.Scenarios));
        Assert.Equal(1, Assert.Single(report.Findings).Number.Index);
    }

    [Fact]
    public void Play_TimeIsOver_Ends()
    {
        var report = Play(Endless(_ => Innocent) with { Duration = TimeSpan.FromMilliseconds(200) }, Agreeing);
        Assert.InRange(report.Elapsed.TotalSeconds, 0.2, 300);
    }

    [Fact]
    public void Play_SomeCannotBePlayedHere_AreCountedAndTheOthersPlayed()
    {
        var hosts = ScriptedHosts.Of(_ => ScriptedHost.Willing(), scenario => scenario == Guilty ? throw new LiveUnavailableException("no such user") : ScriptedHost.Willing());
        var report = Play(Plan(Guilty, Innocent, Guilty), hosts);
        Assert.Equal((2, "no such user", 1), (report.Unplayed, report.WhyUnplayed, report.Coverage.Scenarios));
        Assert.Null(report.Error);
        Assert.Empty(report.Findings);
        Assert.Contains("2 scenarios cannot be played here: no such user", FuzzReportText.Render(report, "6.18.0", "1.2.3"), StringComparison.Ordinal);
    }

    [Fact]
    public void Play_NoneCanBePlayedHere_EndsWithWhy()
    {
        var report = Play(Endless(_ => Guilty), ScriptedHosts.Of(null, _ => throw new LiveUnavailableException("no such user")));
        Assert.Equal("no such user", report.Error);
        Assert.InRange(report.Unplayed, 1, 10_000);
    }

    [Fact]
    public void Play_MismatchAfterAWait_IsShrunkBySharedWaits()
    {
        Step[] idle = [.. Enumerable.Repeat(new CloseStep("b"), 10)];
        var started = TimeProvider.System.GetTimestamp();
        var report = Play(Plan(Scenarios.Named("late", [.. idle, new WaitStep(0.6m), Scenarios.Bind])), DifferingAfterAWait);
        Assert.Equal([typeof(WaitStep), typeof(BindStep)], Assert.Single(report.Findings).Smallest!.Scenario.Steps.Select(step => step.GetType()));
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 1.8, 120);
    }

    [Fact]
    public void Play_TooShortToWait_DoesNotBlameWhatNeedsAWait()
    {
        var report = Play(Plan(Guilty) with { ReachedByWaiting = [RuleBook.HeldByListener] }, Agreeing);
        Assert.Empty(report.Unmet);
        Assert.Contains("too short a run for: BW004", FuzzReportText.Render(report, "6.18.0", "1.2.3"), StringComparison.Ordinal);
    }

    [Fact]
    public void Play_Count_IsTheMostThatArePlayed() =>
        Assert.Equal(2, Play(Plan(Innocent, Innocent, Innocent) with { Count = 2 }, Agreeing).Coverage.Scenarios);

    [Theory]
    [InlineData(20_000, true, true)]
    [InlineData(20_000, false, false)]
    [InlineData(19_999, false, true)]
    public void Play_RuleNeverMet_IsAFaultOnceEnoughWasPlayed(int scenarios, bool isMet, bool isGood)
    {
        var plan = Endless(_ => Scenarios.Named("", Scenarios.Bind)) with { Count = scenarios, Reachable = [isMet ? RuleBook.HeldByListener : RuleBook.HeldExclusively] };
        var report = Play(plan, ScriptedHosts.Of(_ => ScriptedHost.RefusingBind("EADDRINUSE", "BW004"), null));
        Assert.Equal(isGood, report.IsGood);
        var text = FuzzReportText.Render(report, "6.18.0", "1.2.3");
        Assert.Contains(isMet ? "every rule was met" : isGood ? "too few to judge" : "never met, which is a fault: BW005", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Play_RuleMetOnlyWhereTheHostsDiffer_IsUnmet() => Assert.Equal(["BW004"], Play(Plan(Guilty), Differing).Unmet.Select(rule => rule.Id.Value));

    [Fact]
    public void Render_Report_NamesSeedKernelVersionAndCounts()
    {
        var text = FuzzReportText.Render(Play(Plan(Guilty, Innocent), Differing), "6.18.0", "1.2.3");
        Assert.StartsWith("bindwise 1.2.3, Linux 6.18.0, seed 7, model and kernel\n2 scenarios, 6 steps in ", text, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^  bind +1 +1$", text);
        Assert.Matches(@"(?m)^  BW004 +1 +0$", text);
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= 110, line));
    }

    [Fact]
    public void Write_Report_IsOneLineOfJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        FuzzReportJson.Write(buffer, Play(Plan(Guilty), Differing), "6.18.0", "1.2.3", finding => finding.Summary);
        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        Assert.DoesNotContain((byte)'\n', buffer.WrittenSpan.ToArray());
        Assert.Equal(7u, document.RootElement.GetProperty("seed").GetUInt64());
        Assert.Equal(1, document.RootElement.GetProperty("ops").GetProperty("bind").GetProperty("kernel").GetInt32());
        Assert.Equal("BW004", document.RootElement.GetProperty("unmetRules")[0].GetString());
        Assert.True(document.RootElement.GetProperty("findings")[0].GetProperty("reproduced").GetBoolean());
    }

    [Theory]
    [InlineData(CoverageKind.Op)]
    [InlineData(CoverageKind.Option)]
    [InlineData(CoverageKind.Rule)]
    internal void Play_Nothing_StillNamesWhatCouldBeMet(CoverageKind kind) => Assert.NotEmpty(Play(Plan(), Agreeing).Coverage.Of(kind));

    private static ScenarioHosts Agreeing => ScriptedHosts.Willing;

    private static ScenarioHosts Differing => ScriptedHosts.Of(_ => ScriptedHost.RefusingBind("EADDRINUSE", "BW004"), _ => ScriptedHost.Willing());

    // As when a timer of the kernel ends otherwise than the model says.
    private static ScenarioHosts DifferingAfterAWait => ScriptedHosts.Of(
        _ => ScriptedHost.Willing(), scenario => scenario.Steps.Any(step => step is WaitStep { Seconds: > 0.5m }) ? ScriptedHost.RefusingBind("EADDRINUSE") : ScriptedHost.Willing());

    private static FuzzReport Play(FuzzPlan plan, ScenarioHosts hosts) => new FuzzRun(hosts, Limits, plan).Play(CancellationToken.None);

    private static FuzzPlan Plan(params Scenario[] scenarios) => Endless(number => scenarios[number.Index]) with { Count = scenarios.Length };

    private static FuzzPlan Endless(Func<ScenarioNumber, Scenario> scenarioOf) =>
        new(7) { ScenarioOf = scenarioOf, Profile = ScenarioProfile.Quick, Reachable = [RuleBook.HeldByListener], ReachedByWaiting = [] };
}
