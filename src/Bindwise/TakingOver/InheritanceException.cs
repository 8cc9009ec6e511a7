namespace Bindwise;

/// <summary>Sockets were (or seem to have been) passed to this process, but cannot be taken.</summary>
/// <param name="message">One sentence: what, why, and what to do.</param>
public sealed class InheritanceException(string message) : Exception(message);
