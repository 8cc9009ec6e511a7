using System.Collections.Immutable;
using Bindwise.Lab.Playing;
using Bindwise.Lab.Recording;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Simulation;
using Record = Bindwise.Lab.Recording.Record;

namespace Bindwise.Lab.Tests.Drawing;

/// <summary>Plays scenarios on the model and keeps all that it tells.</summary>
internal static class ModelPlay
{
    public static Record Of(Scenario scenario)
    {
        using var host = new SimulatedHost(scenario, records: true);
        var steps = ImmutableArray.CreateBuilder<RecordedStep>();
        for (var index = 0; index < scenario.Steps.Length; index++)
        {
            switch (scenario.Steps[index])
            {
                case ExpectStep:
                    break;
                case RetryStep retry:
                    var retrying = new Retrying(retry);
                    var elapsed = 0m;
                    while (retrying.After(Play(index, retry.Attempt), elapsed) is { } due)
                    {
                        Play(index, new WaitStep(due - elapsed));
                        elapsed = due;
                    }
                    break;
                case var step:
                    Play(index, step);
                    break;
            }
        }
        return new Record(scenario, new RecordedHost(false, "Linux"), steps.ToImmutable());

        StepResult Play(int index, Step step)
        {
            var begin = host.Elapsed;
            var result = host.Play(step);
            steps.Add(new RecordedStep(index, step, result, begin, host.Elapsed, [.. host.TakeEvents()], [.. host.Sockets()]));
            return result;
        }
    }
}
