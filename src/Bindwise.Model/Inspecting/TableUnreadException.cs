namespace Bindwise.Diagnostics;

/// <summary>The kernel's socket table cannot be read (no sock_diag, or a sandbox that forbids it): a probe may still answer.</summary>
internal sealed class TableUnreadException : Exception
{
    /// <summary>Makes one with .NET's default message.</summary>
    public TableUnreadException()
    {
    }

    public TableUnreadException(string message)
        : base(message)
    {
    }

    /// <summary>With a message of one line and what caused it.</summary>
    public TableUnreadException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
