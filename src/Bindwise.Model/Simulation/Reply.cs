using Bindwise.Model.Scenarios;

namespace Bindwise.Model.Simulation;

/// <summary>What a simulated call gives: an errno's name or success, the rule, and the sockets that decided.</summary>
/// <param name="Errno">The errno's name; null for success.</param>
/// <param name="Rule">The rule that decided; null where none was asked.</param>
/// <param name="Blockers">The names of the sockets that decided; null for none.</param>
internal readonly record struct Reply(string? Errno, Rule? Rule, IReadOnlyList<string>? Blockers = null)
{
    public bool IsOk => Errno is null;

    public static Reply Ok(Rule? rule = null) => new(null, rule);

    public static Reply Fail(string errno, Rule? rule, IReadOnlyList<string>? blockers = null) => new(errno, rule, blockers);

    public StepResult ToResult() => new(Errno ?? StepResult.Ok)
    {
        Rule = Rule?.Id.Value,
        Blockers = Blockers is null ? [] : [.. Blockers],
        Because = Rule?.Sentence ?? "",
    };
}
