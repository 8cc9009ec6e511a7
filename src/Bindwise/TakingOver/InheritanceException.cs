namespace Bindwise;

/// <summary>Sockets were passed to this process, or seem so, and cannot be taken.</summary>
/// <param name="message">One sentence: what, why, and what to do.</param>
public sealed class InheritanceException(string message) : Exception(message);
