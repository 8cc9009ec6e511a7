namespace Bindwise.Model.Rules;

/// <summary>A rule's stable name, as <c>BW004</c>: shown, documented (docs/rules/) and never used twice.</summary>
/// <param name="Value">The letters and digits.</param>
public readonly record struct RuleId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}
