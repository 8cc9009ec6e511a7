namespace Bindwise.Model.Rules;

/// <summary>A rule by which the kernel decides, as it is shown: its page is docs/rules/ID.md.</summary>
/// <param name="Id">The stable id.</param>
/// <param name="Sentence">The rule in one sentence.</param>
/// <param name="Source">The kernel function it comes from, with its file.</param>
public sealed record Rule(RuleId Id, string Sentence, string Source);
