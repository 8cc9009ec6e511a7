namespace Bindwise.Diagnostics;

/// <summary>Where a connect() was to go that got no port of its own: the question is then about the ports of this side.</summary>
public sealed record Destination
{
    /// <summary>The host as told, without brackets.</summary>
    public required string Host { get; init; }

    /// <summary><see cref="Host"/> as an address, when it is one; null for a name.</summary>
    internal IpAddress? Address { get; init; }

    /// <summary>The port over there.</summary>
    public required ushort Port { get; init; }

    /// <summary>
    /// The address and port of this side that the program had bound before, port 0 for any; null where it left both to the system.
    /// </summary>
    internal IpEndpoint? Source { get; init; }

    /// <summary><c>10.0.0.5:443</c>, <c>[::1]:443</c>, <c>db.example:5432</c>.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");
}
