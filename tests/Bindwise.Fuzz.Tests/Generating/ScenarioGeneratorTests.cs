using Bindwise.Fuzz.Generating;
using Bindwise.Fuzz.Generating.Emitting;
using Bindwise.Fuzz.Generating.Filtering;
using Bindwise.Model.Scenarios;

namespace Bindwise.Fuzz.Tests.Generating;

public sealed class ScenarioGeneratorTests
{
    private const int Many = 20_000;

    private static readonly Lazy<Scenario[]> Quick = new(static () => [.. Enumerable.Range(0, Many).Select(static index => ScenarioGenerator.Generate(1, index))]);

    [Theory]
    [InlineData(ScenarioProfile.Quick)]
    [InlineData(ScenarioProfile.TimeWait)]
    [InlineData(ScenarioProfile.FinWait2)]
    internal void Generate_TheSameSeedAndIndex_GivesTheSameScenario(ScenarioProfile profile)
    {
        for (var index = 0L; index < 200; index++)
            Assert.Equal(ScenarioGenerator.Generate(9, index, profile), ScenarioGenerator.Generate(9, index, profile));
    }

    [Fact]
    public void Generate_OtherSeeds_GiveOtherScenarios() =>
        Assert.NotEqual(ScenarioGenerator.Generate(1, 0).Steps, ScenarioGenerator.Generate(2, 0).Steps);

    [Fact]
    public void Generate_Names_TellSeedAndIndex() => Assert.Equal("fuzz-17-4", ScenarioGenerator.Generate(17, 4).Name);

    [Fact]
    public void Generate_Many_HaveFewSteps() => Assert.All(Quick.Value, static scenario => Assert.InRange(scenario.Steps.Length, 0, StepEmitter.MaximumStepsInCrowd));

    [Fact]
    public void Generate_Many_HaveStepsOfEveryKind() => Covers(
        Quick.Value.SelectMany(static scenario => scenario.Steps).Select(StepOps.Of),
        [.. StepOps.Drawn]);

    [Fact]
    public void Generate_Many_SetEveryOptionBothWays()
    {
        var set = Quick.Value.SelectMany(static scenario => scenario.Steps).OfType<SetStep>().ToList();
        Covers(set.Where(static step => step.Value.Number != 0 || step.Value.Text is { Length: > 0 }).Select(static step => step.Option), Enum.GetValues<SocketOption>());
        Covers(set.Where(static step => step.Value is { Number: 0, Text: null or "" }).Select(static step => step.Option), Enum.GetValues<SocketOption>());
    }

    [Fact]
    public void Generate_Many_WriteEverySysctl() => Covers(
        Quick.Value.SelectMany(static scenario => scenario.Steps).OfType<SysctlStep>().Select(static step => step.Name),
        [.. ScenarioSysctls.All.Select(static sysctl => sysctl.Name)]);

    [Fact]
    public void Generate_Many_BindEveryAddress() => Covers(
        Quick.Value.SelectMany(static scenario => scenario.Steps).OfType<BindStep>().Select(static step => $"{step.Address}{(step.Scope is null ? "" : $"%{step.Scope}")}"),
        [
            "0.0.0.0", "127.0.0.1", "127.0.0.2", "127.0.0.6", "127.255.255.255", "10.9.9.9", "224.0.0.5", "239.1.1.1", "255.255.255.255",
            "::", "::1", "::ffff:127.0.0.1", "::ffff:127.0.0.2", "::ffff:0.0.0.0", "::ffff:10.9.9.9", "2001:db8::9", "ff02::1", "ff02::1%lo", "fe80::1", "fe80::1%lo",
        ]);

    [Fact]
    public void Generate_Many_AreAllDecided() => Assert.All(Quick.Value, static scenario => Assert.Null(UndecidableStepFilter.ReasonOf(scenario)));

    [Theory]
    [InlineData(ScenarioProfile.TimeWait, 66)]
    [InlineData(ScenarioProfile.FinWait2, 6)]
    internal void Generate_AProfileThatWaits_WaitsOnceAndAlike(ScenarioProfile profile, int seconds)
    {
        for (var index = 0L; index < 2_000; index++)
        {
            var scenario = ScenarioGenerator.Generate(5, index, profile);
            Assert.Null(UndecidableStepFilter.ReasonOf(scenario));
            var waits = scenario.Steps.OfType<WaitStep>().ToList();
            Assert.Equal(seconds, Assert.Single(waits).Seconds);
            Assert.Contains(scenario.Steps.SkipWhile(static step => step is not WaitStep), static step => step is OpenStep);
        }
    }

    [Fact]
    public void Generate_Neighbours_NameOtherPorts()
    {
        var first = PortsOf(Quick.Value[0]).Union(PortsOf(Quick.Value[1])).Count();
        Assert.Equal(PortsOf(Quick.Value[0]).Count() + PortsOf(Quick.Value[1]).Count(), first);
    }

    private static IEnumerable<int> PortsOf(Scenario scenario) =>
        scenario.Steps.OfType<BindStep>().Select(static step => (int)step.Port).Where(static port => port > 1024).Distinct();

    private static void Covers<T>(IEnumerable<T> had, IReadOnlyCollection<T> wanted) => Assert.Empty(wanted.Except(had));
}
