namespace Bindwise.Linux.Containers;

/// <summary>What a container engine answered.</summary>
/// <param name="Body">The body; null when there is none.</param>
/// <param name="Fault">Why there is none; null when nothing listens there: that is no fault.</param>
internal readonly record struct EngineAnswer(byte[]? Body, string? Fault);
