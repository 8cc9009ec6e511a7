using System.Collections.Immutable;
using Bindwise.Lab.Playing;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Lab.Recording;

/// <summary>Plays a scenario on one host and keeps what happens, step by step.</summary>
/// <param name="scenario">The scenario.</param>
/// <param name="host">The host.</param>
/// <param name="pace">How time passes on it.</param>
internal sealed class HostRecording(Scenario scenario, IRecordingHost host, HostTime pace)
{
    private readonly ImmutableArray<RecordedStep>.Builder steps = ImmutableArray.CreateBuilder<RecordedStep>();
    private readonly List<HostEvent> events = [];

    /// <summary>What each step of the scenario gave, as far as it was played; null for expectations.</summary>
    internal List<StepResult?> Results { get; } = new(scenario.Steps.Length);

    /// <summary>What happened so far.</summary>
    internal ImmutableArray<RecordedStep> Steps => steps.ToImmutable();

    /// <summary>Plays to the end, or to where the pace ends it.</summary>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    internal void Play()
    {
        foreach (var step in scenario.Steps)
        {
            var isOver = step switch
            {
                ExpectStep => Add(null),
                RetryStep retry => Retry(retry),
                WaitStep wait => Wait(wait),
                _ => Add(PlayOne(step)),
            };
            if (isOver)
                return;
        }
    }

    private bool Add(StepResult? result)
    {
        Results.Add(result);
        return false;
    }

    private StepResult PlayOne(Step step)
    {
        var begin = host.Elapsed;
        var result = host.Play(step);
        Keep(step, result, begin);
        return result;
    }

    private bool Wait(WaitStep wait)
    {
        var span = TimeSpan.FromMilliseconds((double)(wait.Seconds * 1000));
        if (pace.Ends(span))
            return true;
        var begin = host.Elapsed;
        Pass(span, TimeSpan.Zero, span, attempts: 0);
        var result = new StepResult(StepResult.Ok);
        Keep(wait, pace.IsReal ? result : pace.Last ?? result, begin);
        return Add(steps[^1].Result);
    }

    private bool Retry(RetryStep retry)
    {
        var retrying = new Retrying(retry);
        var first = host.Elapsed;
        while (retrying.After(PlayOne(retry.Attempt), (decimal)Math.Round((host.Elapsed - first).TotalSeconds, 3)) is { } due)
        {
            var begin = host.Elapsed;
            var waited = begin - first;
            if (pace.Ends(TimeSpan.FromSeconds((double)due)))
                return true;
            Pass(TimeSpan.FromSeconds((double)due) - waited, waited, TimeSpan.FromSeconds((double)retry.ForSeconds), retrying.Attempts);
            if (events.Count > 0)
                Keep(new WaitStep(Math.Round((decimal)(host.Elapsed - begin).TotalSeconds, 3)), new StepResult(StepResult.Ok), begin);
        }
        return Add(retrying.Result);
    }

    private void Pass(TimeSpan span, TimeSpan before, TimeSpan whole, int attempts) => pace.Pass(host, span, waited =>
    {
        events.AddRange(host.TakeEvents());
        return new PlayProgress(scenario, Results.Count, before + waited, whole, [.. host.Sockets()]) { Attempts = attempts };
    });

    private void Keep(Step step, StepResult result, TimeSpan begin)
    {
        var end = host.Elapsed;
        events.AddRange(host.TakeEvents());
        steps.Add(new RecordedStep(Results.Count, step, result, begin, end, [.. events], [.. host.Sockets()]));
        events.Clear();
    }
}
