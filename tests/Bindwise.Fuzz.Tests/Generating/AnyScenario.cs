using Bindwise.Fuzz.Generating;
using Bindwise.Model.Scenarios;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Fuzz.Tests.Generating;

/// <summary>Random scenarios for properties, with our shrinker.</summary>
internal static class AnyScenario
{
    public static Arbitrary<Scenario> Of(ScenarioProfile profile = ScenarioProfile.Quick) => Arb.From(
        Gen.Choose(0, int.MaxValue).Two().Select(draw => ScenarioGenerator.Generate((ulong)draw.Item1, draw.Item2, profile)),
        ScenarioShrinker.Candidates);
}
