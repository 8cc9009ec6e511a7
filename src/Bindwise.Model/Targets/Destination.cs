using Bindwise.Model.Addresses;

namespace Bindwise.Model.Targets;

/// <summary>Where a connect() was to go that got no port of its own: the question is then about the ports of this side.</summary>
/// <param name="Host">The host as told, without brackets.</param>
/// <param name="Address"><paramref name="Host"/> as an address, when it is one; null for a name.</param>
/// <param name="Port">The port over there.</param>
public sealed record Destination(string Host, IpAddress? Address, ushort Port)
{
    /// <summary><c>10.0.0.5:443</c>, <c>[::1]:443</c>, <c>db.example:5432</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");
}
