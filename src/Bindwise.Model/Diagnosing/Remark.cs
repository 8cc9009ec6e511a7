namespace Bindwise.Diagnostics;

/// <summary>A warning, or a limit of the answer, in one sentence.</summary>
public sealed record Remark
{
    /// <summary>A stable kebab-case id.</summary>
    public required string Id { get; init; }

    /// <summary>One sentence.</summary>
    public required string Text { get; init; }

    /// <summary>One of the remedies says what to do about it, so the short answer leaves it out.</summary>
    public bool IsInRemedies { get; init; }

    internal static Remark Of(string id, string text) => new() { Id = id, Text = text };
}
