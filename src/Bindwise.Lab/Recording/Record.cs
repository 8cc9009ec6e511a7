namespace Bindwise.Lab.Recording;

/// <summary>A scenario as one host played it: what every verdict stands on, and every drawing shows.</summary>
/// <param name="Steps">What was played, in order; without expectations, which no host plays.</param>
/// <param name="Means">How the events were seen, one line for the reader (as: states by the tracepoint sock:inet_sock_set_state, segments
/// by a packet socket).</param>
/// <param name="VirtualFrom">From which entry of <see cref="Steps"/> on it is the model's, on virtual time: a wait was cut short. Null
/// where all of it was played on the host.</param>
internal sealed record Record(Scenario Scenario, RecordedHost Host, ImmutableArray<RecordedStep> Steps, string Means = "",
    int? VirtualFrom = null)
{
    /// <summary>
    /// How much longer than the scenario asks the host's pauses were, all together: the machine was busy, or stood still.
    /// </summary>
    internal TimeSpan HeldUp
    {
        get
        {
            var heldUp = TimeSpan.Zero;
            var last = TimeSpan.Zero;
            foreach (var step in Steps)
            {
                var asked = Asked(step);
                var passed = step.Begin - last + (step.Step is WaitStep ? step.End - step.Begin : TimeSpan.Zero);
                if (passed > asked)
                    heldUp += passed - asked;
                last = step.End;
            }
            return heldUp;
        }
    }

    /// <summary>How much longer than the scenario asks all of it took, its calls included, of which some wait for the other end.</summary>
    internal TimeSpan Overtime =>
        Steps.IsEmpty ? TimeSpan.Zero : Steps[^1].End - Steps.Aggregate(TimeSpan.Zero, (sum, step) => sum + Asked(step));

    // Between two attempts of a retry there is a step only where something happened meanwhile.
    private TimeSpan Asked(RecordedStep step) => TimeSpan.FromSeconds((double)((Scenario.Steps[step.Index], step.Step) switch
    {
        (RetryStep retry, _) => retry.EverySeconds,
        (_, WaitStep wait) => wait.Seconds,
        _ => 0,
    }));
}

/// <param name="IsKernel">On the running kernel; else on the model.</param>
/// <param name="System">Which: <c>Linux 6.18.44</c>, or the system whose rules the model followed.</param>
internal sealed record RecordedHost(bool IsKernel, string System);

/// <summary>One step, and what happened while it was played.</summary>
/// <param name="Index">The step's index in the scenario, from 0.</param>
/// <param name="Step">The step; an attempt of a retry stands for itself.</param>
/// <param name="Begin">When it began, since the scenario's start.</param>
/// <param name="Events">What happened meanwhile, in order of time.</param>
internal sealed record RecordedStep(
    int Index, Step Step, StepResult Result, TimeSpan Begin, TimeSpan End, ImmutableArray<HostEvent> Events,
    ImmutableArray<SocketRow> Sockets);

/// <param name="Model">What happened on the model; null where it did not play.</param>
/// <param name="Kernel">What happened on the running kernel; null where it did not play.</param>
internal sealed record RecordedPlay(ScenarioResult Result, Record? Model, Record? Kernel);

/// <param name="Results">What each step gave, as far as it was played; null for expectations.</param>
/// <param name="Error">Why it ended early, one line; null when it did not.</param>
internal sealed record HostPlay(
    RecordedHost Host, IReadOnlyList<StepResult?> Results, ImmutableArray<RecordedStep> Steps, string Means, string? Error, bool IsFault)
{
    internal static HostPlay Failed(RecordedHost host, string error) => new(host, [], [], "", error, IsFault: false);

    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    internal static HostPlay Of(HostRecording recording, RecordedHost host, Func<string> means)
    {
        var (error, isFault) = (default(string), false);
        try
        {
            recording.Play();
        }
        catch (UnplayableException exception)
        {
            error = $"step {recording.Results.Count}: {exception.Message}";
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Whatever a host throws ends this play and no other; what it did not foresee is a fault of ours.
            (error, isFault) = ($"step {recording.Results.Count}: {exception.GetType().Name}: {exception.Message}", true);
        }
        return new HostPlay(host, recording.Results, recording.Steps, means(), error, isFault);
    }
}
