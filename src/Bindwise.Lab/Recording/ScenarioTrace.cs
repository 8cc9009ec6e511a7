using Bindwise.Model.Simulation;

namespace Bindwise.Lab.Recording;

/// <summary>One step of a scenario as it was played, for who goes along step by step; a retry is one, with all its attempts.</summary>
/// <param name="End">When it ended, since the scenario's start.</param>
/// <param name="Events">What happened meanwhile, in order of time.</param>
internal sealed record TracedStep(Step Step, StepResult Result, TimeSpan End, ImmutableArray<HostEvent> Events,
    ImmutableArray<SocketRow> Sockets);

/// <summary>A scenario step by step on the rules of a system, on virtual time; without expectations, which no host plays.</summary>
/// <param name="Steps">The steps; fewer where it could not be played to its end.</param>
/// <param name="Played">How many steps of the scenario were played, its expectations among them.</param>
/// <param name="Error">Why it ended early, one line; null when it did not.</param>
internal sealed record ScenarioTrace(ImmutableArray<TracedStep> Steps, int Played, string? Error)
{
    /// <summary>The most lines of sockets and events that a trace has.</summary>
    public const int MostLines = 40_000;

    /// <param name="platform">The system. Of one whose documents are followed only the results and the sockets that stand for certain are
    /// told.</param>
    /// <param name="cancellation">Ends it before the next call.</param>
    public static ScenarioTrace Of(Scenario scenario, PlatformProfile platform, CancellationToken cancellation = default)
    {
        var hasEvents = platform is LinuxProfile;
        using var host = new BoundedHost(PlatformHost.For(platform, scenario, records: true), MostLines, cancellation);
        var recording = new HostRecording(scenario, host, new ModelTime());
        var play = HostPlay.Of(recording, new RecordedHost(IsKernel: false, platform.Name), static () => "");
        var steps = ImmutableArray.CreateBuilder<TracedStep>();
        var next = 0;
        for (var index = 0; index < play.Results.Count; index++)
        {
            var first = next;
            while (next < play.Steps.Length && play.Steps[next].Index == index)
                next++;
            if (play.Results[index] is not { } result || next == first)
                continue;
            var last = play.Steps[next - 1];
            steps.Add(new TracedStep(scenario.Steps[index], result, last.End,
                hasEvents ? [.. play.Steps[first..next].SelectMany(static step => step.Events)] : [], last.Sockets));
        }
        return new ScenarioTrace(steps.ToImmutable(), play.Results.Count, play.Error);
    }
}

/// <summary>A host that tells so much and no more: what a scenario costs who records it is bounded.</summary>
/// <param name="mostLines">The most lines of sockets and events, all together.</param>
internal sealed class BoundedHost(IRecordingHost host, int mostLines, CancellationToken cancellation) : IRecordingHost
{
    private int _lines;

    public TimeSpan Elapsed => host.Elapsed;

    public StepResult Play(Step step)
    {
        cancellation.ThrowIfCancellationRequested();
        return host.Play(step);
    }

    public IReadOnlyList<HostEvent> TakeEvents() => Counted(host.TakeEvents());

    public IReadOnlyList<SocketRow> Sockets() => Counted(host.Sockets());

    public void Dispose() => host.Dispose();

    private IReadOnlyList<T> Counted<T>(IReadOnlyList<T> lines)
    {
        _lines += lines.Count;
        return _lines <= mostLines ? lines
            : throw new UnplayableException(FormattableString.Invariant(
                $"the trace has more than {mostLines} lines of sockets and segments; shorten the scenario"));
    }
}
