using Bindwise.Fuzz.Generating;
using Bindwise.Fuzz.Generating.Filtering;
using Bindwise.Model.Scenarios;
using FsCheck.Fluent;

namespace Bindwise.Fuzz.Tests.Generating;

[Trait("Seed", "any")]
public sealed class ScenarioShrinkerTests
{
    [Fact]
    public void Shrink_ToAPairOfSteps_LeavesThemAndWhatTheyAreAbout()
    {
        static bool HasTwoListeners(Scenario scenario) => scenario.Steps.OfType<ListenStep>().Count() >= 2;
        foreach (var scenario in Failing(HasTwoListeners))
        {
            var shrunk = ScenarioShrinker.Shrink(scenario, HasTwoListeners);
            Assert.Equal(2, shrunk.Steps.Length);
            Assert.All(shrunk.Steps, static step => Assert.IsType<ListenStep>(step));
            Assert.Equal(scenario.Name, shrunk.Name);
        }
    }

    [Fact]
    public void Shrink_Values_BecomePlain()
    {
        static bool BindsTwice(Scenario scenario) => scenario.Steps.OfType<BindStep>().Count(static bind => bind.Port > 1024) >= 2;
        var scenario = Failing(BindsTwice).First();
        var shrunk = ScenarioShrinker.Shrink(scenario, BindsTwice).Steps.OfType<BindStep>().ToList();
        Assert.All(shrunk, static bind => Assert.Equal(IpAddress.LoopbackIPv4, bind.Address));
        Assert.All(shrunk, static bind => Assert.InRange((int)bind.Port, 8000, 8001));
        Assert.Equal("a", shrunk[0].Socket);
    }

    [Fact]
    public void Candidates_OfAnyScenario_AreDecidedAndSmaller() =>
        Prop.ForAll(AnyScenario.Of(), static scenario => ScenarioShrinker.Candidates(scenario).All(candidate =>
            UndecidableStepFilter.ReasonOf(candidate) is null && candidate.Steps.Length <= scenario.Steps.Length && candidate != scenario)).Holds();

    [Fact]
    public void Shrink_WhenAllFail_EndsEmpty() => Assert.Empty(ScenarioShrinker.Shrink(ScenarioGenerator.Generate(3, 1), static _ => true).Steps);

    [Fact]
    public void Shrink_WhenNoneFails_GivesItBack()
    {
        var scenario = ScenarioGenerator.Generate(3, 2);
        Assert.Same(scenario, ScenarioShrinker.Shrink(scenario, static _ => false));
    }

    [Fact]
    public void Shrink_Trials_AreBounded()
    {
        var trials = 0;
        ScenarioShrinker.Shrink(ScenarioGenerator.Generate(3, 3), _ => ++trials < 0, maximumTrials: 7);
        Assert.Equal(7, trials);
    }

    [Fact]
    public void Shrink_Twice_GivesTheSame()
    {
        static bool Connects(Scenario scenario) => scenario.Steps.Any(static step => step is ConnectStep) && scenario.Steps.Any(static step => step is AcceptStep);
        foreach (var scenario in Failing(Connects))
            Assert.Equal(ScenarioShrinker.Shrink(scenario, Connects), ScenarioShrinker.Shrink(scenario, Connects));
    }

    private static IEnumerable<Scenario> Failing(Func<Scenario, bool> fails) =>
        Enumerable.Range(0, 400).Select(static index => ScenarioGenerator.Generate(3, index)).Where(fails).Take(40);
}
