using System.Collections.Immutable;
using Bindwise.Model.Addresses;

namespace Bindwise.Model.Snapshots;

/// <summary>What kind of name was looked up.</summary>
public enum NameKind : byte
{
    /// <summary>A host name (getaddrinfo).</summary>
    Host,

    /// <summary>A service name (/etc/services).</summary>
    Service,
}

/// <summary>A name that the target used, and what the host made of it.</summary>
/// <param name="Kind">Host or service.</param>
/// <param name="Name">The name as typed.</param>
/// <param name="Addresses">A host's addresses, in the resolver's order; empty when unknown.</param>
/// <param name="Port">A service's port; null when unknown.</param>
public sealed record NameLookup(NameKind Kind, string Name, ImmutableArray<IpAddress> Addresses, ushort? Port = null);
