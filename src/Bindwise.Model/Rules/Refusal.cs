namespace Bindwise.Model.Rules;

/// <summary>A call that fails, and by which rule.</summary>
/// <param name="Errno">The errno's name; null where the facts leave it open.</param>
internal readonly record struct Refusal(string? Errno, Rule Rule);
