using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Tests.Playing;

/// <summary>A host that says what a test wants said, to see how the player compares; it knows nothing of sockets.</summary>
internal sealed class ScriptedHost(Func<Step, StepResult> say) : IHost, ISimulationTrace
{
    public List<Step> Played { get; } = [];

    public int Disposals { get; private set; }

    public IReadOnlyCollection<TcpSocketState> StatesReached { get; init; } = [];

    /// <summary>A host that says ok to everything.</summary>
    public static ScriptedHost Willing() => new(_ => new StepResult(StepResult.Ok));

    /// <summary>A host that says ok to everything but bind().</summary>
    public static ScriptedHost RefusingBind(string result, string? rule = null, params string[] blockers) =>
        new(step => step is BindStep ? new StepResult(result) { Rule = rule, Blockers = [.. blockers] } : new StepResult(StepResult.Ok));

    public StepResult Play(Step step)
    {
        Played.Add(step);
        return say(step);
    }

    public void Dispose() => Disposals++;
}
