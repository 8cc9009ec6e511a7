namespace Bindwise.Diagnostics;

/// <summary>A fault of the system or of the question that leaves nothing to answer, as an unknown host. Its message is one line.</summary>
internal sealed class InspectionException(string message, Exception? innerException = null) : Exception(message, innerException);
