using System.Collections.Immutable;
using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Owners;

/// <summary>The other ends of connections as far as they stand in the table of this host.</summary>
public sealed class LocalPeers
{
    /// <summary>Of so many other ends the owners are looked for: each may be another process, of which a dozen files are read.</summary>
    public const int MaximumLookups = 64;

    private readonly Dictionary<(IpEndpoint Local, IpEndpoint Remote), HeldSocket> _connections = [];

    /// <summary>Knows these sockets.</summary>
    public LocalPeers(ImmutableArray<HeldSocket> sockets)
    {
        foreach (var socket in sockets)
        {
            if (IsConnection(socket))
                _connections.TryAdd((Plain(socket.Local), Plain(socket.Remote)), socket);
        }
    }

    /// <summary>The other end of a socket's connection; null when it is not on this host, or there is no connection, or both ends are one socket.</summary>
    public HeldSocket? Of(HeldSocket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return IsConnection(socket) && socket.Local != socket.Remote
            ? _connections.GetValueOrDefault((Plain(socket.Remote), Plain(socket.Local)))
            : null;
    }

    /// <summary>The inodes at the other ends of the sockets in question, those of the first <see cref="MaximumLookups"/>.</summary>
    /// <param name="asked">The sockets in question.</param>
    /// <param name="table">All sockets that were read.</param>
    public static ImmutableArray<ulong> InodesBehind(IReadOnlyList<HeldSocket> asked, ImmutableArray<HeldSocket> table)
    {
        ArgumentNullException.ThrowIfNull(asked);
        var peers = new LocalPeers(table);
        return [.. asked.Select(peers.Of).OfType<HeldSocket>().Select(static peer => peer.Inode).Where(static inode => inode != 0).Distinct().Take(MaximumLookups)];
    }

    private static bool IsConnection(HeldSocket socket) => socket.Protocol == Protocol.Tcp && socket.Remote.Port != 0;

    /// <summary>One end may be an IPv6 socket with a mapped address, the other an IPv4 socket.</summary>
    private static IpEndpoint Plain(IpEndpoint endpoint) => endpoint with { Address = endpoint.Address.AsIPv4 ?? endpoint.Address };
}
