using System.Collections.Immutable;

namespace Bindwise.Diagnostics;

/// <summary>
/// A look into the network namespaces beside the one in question, for sockets on the same port. They do not block, and they explain how an
/// address can be in use for one program and free for another.
/// </summary>
internal sealed record ElsewhereSurvey
{
    /// <summary>How many other namespaces were looked into.</summary>
    public int Namespaces { get; init; }

    /// <summary>How many could not be looked into, or only after the time for it was over.</summary>
    public int Unread { get; init; }

    /// <summary>The search ended before every process was seen, or /proc hides some: there may be further namespaces.</summary>
    public bool IsPartial { get; init; }

    /// <summary>TCP listeners, or all UDP sockets, on the port; at most 64.</summary>
    public ImmutableArray<ElsewhereRecord> Sockets { get; init; } = [];

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(ElsewhereSurvey? other) => other is not null
        && (Namespaces, Unread, IsPartial) == (other.Namespaces, other.Unread, other.IsPartial)
        && Sequence.AreEqual(Sockets, other.Sockets);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Namespaces, Unread, IsPartial, Sequence.Hash(Sockets));
}

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

    /// <summary>A process that holds the socket, or, where none is seen to, one that lives in the namespace; null when neither is known.</summary>
    public ProcessRecord? Process { get; init; }

    /// <summary>True if <see cref="Process"/> holds the socket; false if it only lives in the namespace.</summary>
    public bool IsHolder { get; init; }
}
