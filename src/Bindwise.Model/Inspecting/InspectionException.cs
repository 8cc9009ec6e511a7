namespace Bindwise.Diagnostics;

/// <summary>A fault of the system or of the question that leaves nothing to answer, as an unknown host. Its message is one line.</summary>
internal sealed class InspectionException : Exception
{
    /// <summary>Makes one with .NET's default message.</summary>
    public InspectionException()
    {
    }

    public InspectionException(string message)
        : base(message)
    {
    }

    /// <summary>With a message of one line and what caused it.</summary>
    public InspectionException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
