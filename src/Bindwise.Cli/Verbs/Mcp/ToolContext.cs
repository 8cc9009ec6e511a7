namespace Bindwise.Cli.Verbs.Mcp;

/// <summary>What a call has beside its arguments.</summary>
/// <param name="Progress">Takes the seconds that have passed, those that it may take at most, and what is
/// waited for; null where nobody wants to know.</param>
/// <param name="Cancellation">The call was cancelled, or the program ends.</param>
internal sealed record ToolContext(Action<double, double, string>? Progress, CancellationToken Cancellation);
