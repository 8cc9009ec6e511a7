using System.Collections.Immutable;

namespace Bindwise.Diagnostics;

/// <summary>
/// A look into the network namespaces beside the one in question, for sockets on the same port. They do not block, and they explain how an
/// address can be in use for one program and free for another.
/// </summary>
internal sealed record ElsewhereSurvey
{
    private readonly EquatableArray<ElsewhereRecord> _sockets;

    /// <summary>How many other namespaces were looked into.</summary>
    public int Namespaces { get; init; }

    /// <summary>How many could not be looked into, or only after the time for it was over.</summary>
    public int Unread { get; init; }

    /// <summary>The search ended before every process was seen, or /proc hides some: there may be further namespaces.</summary>
    public bool IsPartial { get; init; }

    /// <summary>TCP listeners, or all UDP sockets, on the port; at most 64.</summary>
    public ImmutableArray<ElsewhereRecord> Sockets { get => _sockets; init => _sockets = value; }
}
