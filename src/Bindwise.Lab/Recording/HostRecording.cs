using Bindwise.Lab.Playing;
using Bindwise.Model.Simulation;

namespace Bindwise.Lab.Recording;

/// <summary>Plays a scenario on one host and keeps what happens, step by step.</summary>
internal sealed class HostRecording(Scenario scenario, IRecordingHost host, HostTime time)
{
    private readonly ImmutableArray<RecordedStep>.Builder _steps = ImmutableArray.CreateBuilder<RecordedStep>();
    private readonly List<HostEvent> _events = [];

    /// <summary>What each step of the scenario gave, as far as it was played; null for expectations.</summary>
    internal List<StepResult?> Results { get; } = new(scenario.Steps.Length);

    internal ImmutableArray<RecordedStep> Steps => _steps.ToImmutable();

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
        if (time.Ends(span))
            return true;
        var begin = host.Elapsed;
        Pass(span, TimeSpan.Zero, span, attempts: 0);
        var result = new StepResult(StepResult.Ok);
        Keep(wait, time.IsReal ? result : time.Last ?? result, begin);
        return Add(_steps[^1].Result);
    }

    private bool Retry(RetryStep retry)
    {
        var retrying = new Retrying(retry);
        var first = host.Elapsed;
        while (retrying.After(PlayOne(retry.Attempt), (decimal)Math.Round((host.Elapsed - first).TotalSeconds, 3)) is { } due)
        {
            var begin = host.Elapsed;
            var waited = begin - first;
            if (time.Ends(TimeSpan.FromSeconds((double)due)))
                return true;
            Pass(TimeSpan.FromSeconds((double)due) - waited, waited, TimeSpan.FromSeconds((double)retry.ForSeconds), retrying.Attempts);
            if (_events.Count > 0)
                Keep(new WaitStep(Math.Round((decimal)(host.Elapsed - begin).TotalSeconds, 3)), new StepResult(StepResult.Ok), begin);
        }
        return Add(retrying.Result);
    }

    private void Pass(TimeSpan span, TimeSpan before, TimeSpan whole, int attempts) => time.Pass(host, span, waited =>
    {
        _events.AddRange(host.TakeEvents());
        return new PlayProgress(scenario, Results.Count, before + waited, whole, [.. host.Sockets()]) { Attempts = attempts };
    });

    private void Keep(Step step, StepResult result, TimeSpan begin)
    {
        var end = host.Elapsed;
        _events.AddRange(host.TakeEvents());
        _steps.Add(new RecordedStep(Results.Count, step, result, begin, end, [.. _events], [.. host.Sockets()]));
        _events.Clear();
    }
}

/// <summary>Makes the whole of what the hosts gave.</summary>
internal static class ResultAssembler
{
    /// <param name="kernel">What the kernel gave; null where it was not asked for.</param>
    /// <param name="rest">What the model gave, to complete the kernel's record; null for none.</param>
    internal static RecordedPlay Compose(Scenario scenario, HostPlay? model, HostPlay? kernel, HostPlay? rest)
    {
        var outcomes = ImmutableArray.CreateBuilder<StepOutcome>(scenario.Steps.Length);
        var failed = kernel?.Error is not null ? kernel : model?.Error is not null ? model : null;
        var ofKernel = kernel is null ? 0 : kernel.Results.Count;
        var played = failed is not null ? Math.Min(model?.Results.Count ?? int.MaxValue, kernel?.Results.Count ?? int.MaxValue)
            : model?.Results.Count ?? rest?.Results.Count ?? ofKernel;
        for (var index = 0; index < played; index++)
        {
            var step = scenario.Steps[index];
            var isOnKernel = index < ofKernel;
            if (step is not ExpectStep expect)
            {
                // What the kernel left to the model counts as the model's, also where only the kernel was asked for.
                var ofModel = model?.Results[index] ?? (isOnKernel ? null : rest?.Results[index]);
                outcomes.Add(new StepOutcome(step, ofModel, isOnKernel ? kernel!.Results[index] : null));
                continue;
            }
            var hasModel = index > 0 && outcomes[^1].Model is not null;
            var hasKernel = isOnKernel && index > 0 && kernel is not null;
            outcomes.Add(Expectation.Judge(expect, outcomes, hasModel, hasKernel));
        }
        var result = new ScenarioResult(scenario, outcomes.ToImmutable()) { Error = failed?.Error, IsFault = failed?.IsFault ?? false };
        return new RecordedPlay(result, RecordOf(scenario, model, null), RecordOf(scenario, kernel, rest));
    }

    private static Record? RecordOf(Scenario scenario, HostPlay? play, HostPlay? rest)
    {
        if (play is null)
            return null;
        var record = new Record(scenario, play.Host, play.Steps) { Means = play.Means };
        if (rest is null || play.Error is not null || play.Results.Count >= scenario.Steps.Length)
            return record;
        // The step in which the kernel's part ended may have been begun there: a retry. The model plays it anew.
        var own = play.Steps.RemoveAll(step => step.Index >= play.Results.Count);
        var later = rest.Steps.RemoveAll(step => step.Index < play.Results.Count);
        var shift = own.IsEmpty || later.IsEmpty ? TimeSpan.Zero : own[^1].End - later[0].Begin;
        return record with
        {
            Steps = [.. own, .. later.Select(step => Shifted(step, shift))],
            VirtualFrom = own.Length,
            Means = $"{record.Means}; from the long wait on {rest.Means}",
        };
    }

    private static RecordedStep Shifted(RecordedStep step, TimeSpan shift) => step with
    {
        Begin = step.Begin + shift,
        End = step.End + shift,
        Events = [.. step.Events.Select(happened => happened with { At = happened.At + shift })],
    };
}

/// <summary>How time passes on a host: at once on the model; really on the kernel, where others may play meanwhile.</summary>
internal abstract class HostTime
{
    internal abstract bool IsReal { get; }

    /// <summary>What the last wait gave where the host is asked to let time pass; null for nothing to say.</summary>
    internal StepResult? Last { get; private protected set; }

    /// <summary>The play ends here rather than wait so long.</summary>
    internal abstract bool Ends(TimeSpan span);

    /// <param name="check">Looks at the host now and then; gets how much has passed.</param>
    internal abstract void Pass(IRecordingHost host, TimeSpan span, Func<TimeSpan, PlayProgress> check);
}

internal sealed class ModelTime : HostTime
{
    internal override bool IsReal => false;

    internal override bool Ends(TimeSpan span) => false;

    internal override void Pass(IRecordingHost host, TimeSpan span, Func<TimeSpan, PlayProgress> check) =>
        Last = host.Play(new WaitStep((decimal)span.Ticks / TimeSpan.TicksPerSecond));
}

/// <summary>Plays scenarios on the rule model, on virtual time, and keeps what happens below their system calls.</summary>
internal static class ModelRecorder
{
    /// <param name="kernel">The release of Linux whose rules the model has.</param>
    public static RecordedPlay Play(Scenario scenario, KernelRelease kernel) =>
        ResultAssembler.Compose(scenario, Record(scenario, kernel), kernel: null, rest: null);

    internal static HostPlay Record(Scenario scenario, KernelRelease kernel)
    {
        using var host = new SimulatedHost(scenario, kernel, records: true);
        var recording = new HostRecording(scenario, host, new ModelTime());
        return HostPlay.Of(recording, new RecordedHost(IsKernel: false, "Linux"), static () => "the rule model, on virtual time");
    }
}

/// <summary>A moment of a wait on the kernel, told some times a second.</summary>
/// <param name="Step">The index of the step: a wait, or a retry.</param>
/// <param name="Wait">How long it is in all; of a retry, at most.</param>
/// <param name="Sockets">The sockets of this moment: of a TIME_WAIT the kernel's countdown is in
/// <see cref="SocketRow.SecondsLeft"/>.</param>
/// <param name="Attempts">Of a retry, the attempts that were made so far; 0 for a wait.</param>
internal sealed record PlayProgress(Scenario Scenario, int Step, TimeSpan Waited, TimeSpan Wait, ImmutableArray<SocketRow> Sockets,
    int Attempts = 0);
