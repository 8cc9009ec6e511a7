using Bindwise.Lab.Playing;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Simulation;

namespace Bindwise.Conventions.Tests;

/// <summary>The scenarios of the pages say what the model says, and those of a rule's page reach the rule.</summary>
public sealed class ExampleTests
{
    private static readonly ScenarioHosts Model = new(static scenario => new SimulatedHost(scenario), Kernel: null);

    [Fact]
    public void Examples_OfEveryPage_PlayAsWritten()
    {
        var examples = Page.All.SelectMany(static page => page.Code("bind").Select(text => (page.Path, Parse: BindText.Parse(text)))).ToList();
        Assert.NotEmpty(examples);
        Assert.All(examples, static example =>
        {
            Assert.True(example.Parse.IsSuccess, $"{example.Path}: {example.Parse.Fault}");
            var result = Model.Play(example.Parse.Scenario!);
            Assert.Null(result.Error);
            Assert.All(result.Steps, (outcome, index) => Assert.False(outcome.IsFailedExpectation, $"{example.Path}, step {index}: {outcome.Because}"));
        });
    }

    [Fact]
    public void Examples_OfARuleThatScenariosReach_ReachIt()
    {
        var pages = Page.In("docs/rules");
        Assert.All(RuleBook.InScenarios, rule => Assert.Contains(
            pages[rule.Id.Value].Code("bind").SelectMany(static text => BindText.Parse(text).Scenario!.Steps.OfType<ExpectStep>()),
            expect => expect.Rule == rule.Id.Value));
    }
}
