using System.Diagnostics;
using System.Globalization;
using Bindwise.Fuzz.Generating;
using Bindwise.Lab.Playing;

namespace Bindwise.Model.Benchmarks;

/// <summary>Random scenarios on the model, with and without making them.</summary>
internal static class ScenarioSpeed
{
    private const int Scenarios = 100_000;
    private const int AtOnce = 10_000;

    /// <summary>Makes and plays them; gives rows of a table.</summary>
    public static string Measure()
    {
        var (making, playing) = (new Stopwatch(), new Stopwatch());
        var steps = 0L;
        using var player = new Player(ScenarioHosts.OfModel);
        for (var start = 0; start < Scenarios; start += AtOnce)
        {
            making.Start();
            var scenarios = Enumerable.Range(start, AtOnce).Select(static index => ScenarioGenerator.Generate(1, index)).ToList();
            making.Stop();
            playing.Start();
            foreach (var scenario in scenarios)
                steps += player.Play(scenario).Steps.Length;
            playing.Stop();
        }
        return string.Create(CultureInfo.InvariantCulture, $"""
            | {Scenarios:N0} scenarios, {steps:N0} steps | seconds | scenarios a second |
            | --- | ---: | ---: |
            | making them | {making.Elapsed.TotalSeconds:F1} | {Scenarios / making.Elapsed.TotalSeconds:N0} |
            | playing them on the model | {playing.Elapsed.TotalSeconds:F1} | {Scenarios / playing.Elapsed.TotalSeconds:N0} |
            """);
    }
}
