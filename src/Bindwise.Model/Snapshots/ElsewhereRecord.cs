namespace Bindwise.Diagnostics;

/// <summary>A socket in another network namespace.</summary>
public sealed record ElsewhereRecord
{
    /// <summary>The socket on the port, as sock_diag(7) shows it in its own namespace.</summary>
    public required HeldSocket Socket { get; init; }

    /// <summary>The namespace: the inode of its file (/proc/PID/ns/net); 0 when this user may not look at it.</summary>
    public ulong NetworkNamespace { get; init; }

    /// <summary>Its name under /run/netns (ip-netns(8)); null when it has none.</summary>
    public string? NetworkName { get; init; }

    /// <summary>It is the namespace in which bindwise itself runs, when another was asked about.</summary>
    public bool IsCallers { get; init; }

    /// <summary>A process that holds the socket, or, where none is seen to, one that lives in the namespace; null when neither is
    /// known.</summary>
    public ProcessRecord? Process { get; init; }

    /// <summary>True if <see cref="Process"/> holds the socket; false if it only lives in the namespace.</summary>
    public bool IsHolder { get; init; }
}
