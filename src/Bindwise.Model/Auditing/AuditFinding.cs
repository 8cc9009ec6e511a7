namespace Bindwise.Model.Auditing;

/// <summary>What a rule found in an <see cref="AuditRecord"/>.</summary>
/// <param name="Rule">The rule: one of <see cref="AuditRuleBook"/>.</param>
/// <param name="Message">What was found, one sentence without a stop.</param>
internal sealed record AuditFinding(Rule Rule, AuditSeverity Severity, string Message, string Advice)
{
    /// <summary>
    /// The line of code that does it, in the program's language; lines are parted by line feeds. Null where there is none.
    /// </summary>
    public string? Code { get; init; }

    public Runtime Language { get; init; }

    /// <summary>What it was seen by, a clause each.</summary>
    public ImmutableArray<string> Evidence { get; init; } = [];

    /// <summary>The event that it is about; null for one that is about the end.</summary>
    public AuditEvent? Event { get; init; }

    /// <summary>How often the same was found, as of several workers.</summary>
    public int Count { get; init; } = 1;
}
