namespace Bindwise.Diagnostics;

/// <summary>A rule by which the kernel decides, as it is shown: its page is docs/rules/ID.md.</summary>
public sealed record Rule
{
    /// <summary>The stable id.</summary>
    public required RuleId Id { get; init; }

    /// <summary>The rule in one sentence.</summary>
    public required string Sentence { get; init; }

    /// <summary>The kernel function it comes from, with its file.</summary>
    public required string Source { get; init; }
}
