namespace Bindwise.Portable;

/// <summary>A fault of the system or of the question that leaves nothing to answer, as an unknown host. Its message is one line.</summary>
public sealed class PortableInspectionException : Exception
{
    /// <summary>Without a message.</summary>
    public PortableInspectionException()
    {
    }

    /// <summary>With a message of one line.</summary>
    public PortableInspectionException(string message)
        : base(message)
    {
    }

    /// <summary>With a message of one line and what caused it.</summary>
    public PortableInspectionException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
