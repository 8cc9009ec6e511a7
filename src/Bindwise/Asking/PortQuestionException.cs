namespace Bindwise;

/// <summary>A question that the system cannot answer: an unknown host or service, or tables that cannot be read. A port in use is an answer, not an exception.</summary>
/// <param name="message">One line: what failed, why, and what would help.</param>
/// <param name="inner">What the system said; null for nothing.</param>
public sealed class PortQuestionException(string message, Exception? inner = null) : Exception(message, inner);
