using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Bindwise.Linux.Netlink;

namespace Bindwise.Linux.Routing;

/// <summary>
/// Asks the kernel for its interfaces and what its routes say of an address (rtnetlink(7)), in the network namespace of the thread that
/// opened it. Not thread-safe. Nothing here throws for what the kernel answers.
/// </summary>
internal sealed class RouteClient(NetlinkSocket socket) : IDisposable
{
    /// <summary>Opens a client in the calling thread's network namespace.</summary>
    internal static Errno TryOpen(out RouteClient? client)
    {
        var errno = NetlinkSocket.TryOpen(NetlinkSocket.Route, out var socket);
        client = socket is null ? null : new RouteClient(socket);
        return errno;
    }

    public void Dispose() => socket.Dispose();

    /// <summary>The interfaces of the calling thread's network namespace, as far as they can be read.</summary>
    internal static ImmutableArray<InterfaceRecord> Interfaces()
    {
        if (TryOpen(out var client) != Errno.None || client is null)
            return [];
        using (client)
        {
            _ = client.ReadInterfaces(out var interfaces);
            return interfaces;
        }
    }

    /// <summary>The interfaces with their addresses of both families.</summary>
    internal DumpOutcome ReadInterfaces(out ImmutableArray<InterfaceRecord> interfaces)
    {
        Span<byte> room = stackalloc byte[RouteRequests.MaximumBytes];
        var table = new InterfaceTable();
        var links = new InterfaceDump(table, LinkMessage.MessageNew);
        var outcome = socket.Exchange("RTM_GETLINK", RouteRequests.Links(room), isDump: true, ref links);
        var addresses = new InterfaceDump(table, AddressMessage.MessageNew);
        outcome = outcome.And(socket.Exchange("RTM_GETADDR", RouteRequests.Addresses(room), isDump: true, ref addresses));
        interfaces = table.Build();
        return outcome;
    }

    internal DumpOutcome ReadLinks<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IMessageVisitor
    {
        Span<byte> room = stackalloc byte[RouteRequests.MaximumBytes];
        return socket.Exchange("RTM_GETLINK", RouteRequests.Links(room), isDump: true, ref visitor);
    }

    /// <summary>
    /// What an address is to this host; a v4-mapped one as IPv4. Native IPv6 addresses are Unknown here: their interfaces tell.
    /// </summary>
    internal AddressFact ReadAddress(IpAddress address)
    {
        if (address.AsIPv4 is not { } plain)
            return new AddressFact(address, AddressKind.Unknown);
        // inet_addr_type_table() says so without a look at the routes.
        if (plain.IsMulticast)
            return new AddressFact(plain, AddressKind.Multicast);
        if (plain.IsAny || plain.Bits == uint.MaxValue)
            return new AddressFact(plain, AddressKind.Broadcast);
        Span<byte> room = stackalloc byte[RouteRequests.MaximumBytes];
        var answer = new RouteAnswer();
        var outcome = socket.Exchange("RTM_GETROUTE", RouteRequests.Route(room, plain), isDump: false, ref answer);
        if (outcome.IsComplete && answer is { Kind: not AddressKind.Elsewhere, IsOfOwnAddresses: true })
            return new AddressFact(plain, answer.Kind);
        if (!outcome.IsComplete && outcome.Errno is not (Errno.ENETUNREACH or Errno.EHOSTUNREACH or Errno.EINVAL or Errno.EACCES))
            return new AddressFact(plain, AddressKind.Unknown);
        return new AddressFact(plain, ReadOwnAddress(plain) ?? (outcome.IsComplete ? answer.Kind : AddressKind.Elsewhere));
    }

    /// <summary>
    /// The same by the table of own addresses alone, as bind() asks (inet_addr_type_table(), net/ipv4/fib_frontend.c): rules may lead a
    /// packet to other tables before it, or past it. Null where it cannot be read.
    /// </summary>
    private AddressKind? ReadOwnAddress(IpAddress address)
    {
        if (!socket.TryCheckStrictly(true))
            return null;
        Span<byte> room = stackalloc byte[RouteRequests.MaximumBytes];
        var routes = new OwnAddresses(address);
        var outcome = socket.Exchange("RTM_GETROUTE local", RouteRequests.Table(room, RouteMessage.TableLocal), isDump: true, ref routes);
        _ = socket.TryCheckStrictly(false);
        // A network namespace that never had an IPv4 address, not even loopback's, has no such table, and every address is taken for one
        // of broadcast: bind() takes any.
        return outcome.Errno == Errno.ENOENT ? AddressKind.Broadcast : outcome.IsComplete ? routes.Kind : null;
    }

    /// <summary>
    /// The address that a connection to another one comes from where the program names none; null where the routes do not tell. A rule for
    /// marks may lead it elsewhere, and of several next hops the kernel may take another one.
    /// </summary>
    /// <param name="user">Whose connection it is.</param>
    internal IpAddress? ReadSource(IpEndpoint destination, Protocol protocol, uint user)
    {
        var to = destination.Address.Unmapped;
        // connect() to the wildcard is one to loopback (ip_route_output_key_hash_rcu(), __ip6_datagram_connect()).
        if (to.IsAny)
            return to.Family == IpFamily.IPv4 ? IpAddress.LoopbackIPv4 : IpAddress.LoopbackIPv6;
        Span<byte> room = stackalloc byte[RouteRequests.MaximumBytes];
        var answer = new RouteAnswer();
        var request = RouteRequests.Connection(room, to, destination.Port, protocol, user);
        return socket.Exchange("RTM_GETROUTE", request, isDump: false, ref answer).IsComplete ? answer.Source : null;
    }

    private struct RouteAnswer : IMessageVisitor
    {
        internal AddressKind Kind { get; private set; }

        /// <summary>
        /// Found in the table of own addresses, which is one with the main one as long as there are no rules but the first ones.
        /// </summary>
        internal bool IsOfOwnAddresses { get; private set; }

        internal IpAddress? Source { get; private set; }

        public void Visit(in NetlinkMessage message)
        {
            if (message.Header.Type != RouteMessage.MessageNew || !MemoryMarshal.TryRead<RouteMessage>(message.Payload, out var route))
                return;
            Kind = KindOf(route);
            IsOfOwnAddresses = route.Table is RouteMessage.TableLocal or RouteMessage.TableMain;
            var attributes = new NetlinkAttributeReader(message.Payload[RouteMessage.SizeBytes..]);
            while (attributes.TryNext(out var type, out var value))
            {
                if (type == RouteMessage.AttributePreferredSource && value.Length is 4 or 16)
                    Source = IpAddress.FromBytes(value);
            }
        }

        public void Restart() => (Kind, Source) = (AddressKind.Unknown, null);

        internal static AddressKind KindOf(RouteMessage route) => route.Type switch
        {
            RouteMessage.TypeLocal => AddressKind.Local,
            RouteMessage.TypeBroadcast => AddressKind.Broadcast,
            RouteMessage.TypeMulticast => AddressKind.Multicast,
            _ => AddressKind.Elsewhere,
        };
    }

    /// <summary>The longest prefix of a table that an address has.</summary>
    private struct OwnAddresses(IpAddress address) : IMessageVisitor
    {
        private const int Bits = 32;

        private int _longest = -1;

        internal AddressKind Kind { get; private set; } = AddressKind.Elsewhere;

        public void Visit(in NetlinkMessage message)
        {
            if (message.Header.Type != RouteMessage.MessageNew || !MemoryMarshal.TryRead<RouteMessage>(message.Payload, out var route)
                || route.Table != RouteMessage.TableLocal || route.DestinationLength > Bits || route.DestinationLength <= _longest)
                return;
            var prefix = 0u;
            var attributes = new NetlinkAttributeReader(message.Payload[RouteMessage.SizeBytes..]);
            while (attributes.TryNext(out var type, out var value))
            {
                if (type == RouteMessage.AttributeDestination && value.Length == sizeof(uint))
                    prefix = BinaryPrimitives.ReadUInt32BigEndian(value);
            }
            if ((((ulong)((uint)address.Bits ^ prefix)) >> (Bits - route.DestinationLength)) == 0)
                (_longest, Kind) = (route.DestinationLength, RouteAnswer.KindOf(route));
        }

        public void Restart() => (_longest, Kind) = (-1, AddressKind.Elsewhere);
    }
}

/// <summary>Writes the requests of rtnetlink(7) into the caller's bytes.</summary>
internal static class RouteRequests
{
    internal const int MaximumBytes = 128;

    /// <summary>All interfaces, without their counters.</summary>
    internal static Span<byte> Links(Span<byte> request)
    {
        const int Fixed = NetlinkHeader.SizeBytes + LinkMessage.SizeBytes;
        var bytes = Start(request, Fixed + NetlinkAttributeHeader.SizeBytes + sizeof(uint), LinkMessage.MessageGet);
        WriteAttribute(bytes[Fixed..], LinkMessage.AttributeFilter, sizeof(uint));
        MemoryMarshal.Write(bytes[(Fixed + NetlinkAttributeHeader.SizeBytes)..], LinkMessage.FilterSkipStatistics);
        return bytes;
    }

    internal static Span<byte> Addresses(Span<byte> request) =>
        Start(request, NetlinkHeader.SizeBytes + AddressMessage.SizeBytes, AddressMessage.MessageGet);

    /// <summary>The route that a packet to an address would take.</summary>
    internal static Span<byte> Route(Span<byte> request, IpAddress address)
    {
        const int Fixed = NetlinkHeader.SizeBytes + RouteMessage.SizeBytes;
        var length = address.Family == IpFamily.IPv4 ? 4 : 16;
        var bytes = Start(request, Fixed + NetlinkAttributeHeader.SizeBytes + length, RouteMessage.MessageGet);
        MemoryMarshal.Write(bytes[NetlinkHeader.SizeBytes..],
            new RouteMessage
            {
                Family = (byte)address.Family,
                DestinationLength = (byte)(8 * length),
                Flags = RouteMessage.FlagLookupTable,
            });
        WriteAttribute(bytes[Fixed..], RouteMessage.AttributeDestination, length);
        address.WriteTo(bytes[(Fixed + NetlinkAttributeHeader.SizeBytes)..]);
        return bytes;
    }

    /// <summary>The IPv4 routes of one table.</summary>
    internal static Span<byte> Table(Span<byte> request, byte table)
    {
        var bytes = Start(request, NetlinkHeader.SizeBytes + RouteMessage.SizeBytes, RouteMessage.MessageGet);
        MemoryMarshal.Write(bytes[NetlinkHeader.SizeBytes..],
            new RouteMessage { Family = SocketCall.FamilyIPv4, Table = table });
        return bytes;
    }

    /// <summary>The same for a connection: rules may tell users, protocols and ports apart.</summary>
    internal static Span<byte> Connection(Span<byte> request, IpAddress address, ushort port, Protocol protocol, uint user)
    {
        // Each attribute takes whole words.
        const int Small = NetlinkAttributeHeader.SizeBytes + sizeof(uint);
        var route = Route(request, address).Length;
        var bytes = request[..(route + (3 * Small))];
        bytes[route..].Clear();
        var rest = bytes[route..];
        WriteAttribute(rest, RouteMessage.AttributeUser, sizeof(uint));
        MemoryMarshal.Write(rest[NetlinkAttributeHeader.SizeBytes..], user);
        rest = rest[Small..];
        WriteAttribute(rest, RouteMessage.AttributeProtocol, sizeof(byte));
        rest[NetlinkAttributeHeader.SizeBytes] = (byte)(protocol == Protocol.Udp ? SocketCall.ProtocolUdp : SocketCall.ProtocolTcp);
        rest = rest[Small..];
        WriteAttribute(rest, RouteMessage.AttributeDestinationPort, sizeof(ushort));
        BinaryPrimitives.WriteUInt16BigEndian(rest[NetlinkAttributeHeader.SizeBytes..], port);
        return bytes;
    }

    private static Span<byte> Start(Span<byte> request, int lengthBytes, ushort type)
    {
        var bytes = request[..lengthBytes];
        bytes.Clear();
        MemoryMarshal.AsRef<NetlinkHeader>(bytes).Type = type;
        return bytes;
    }

    private static void WriteAttribute(Span<byte> bytes, ushort type, int valueBytes) =>
        MemoryMarshal.Write(bytes,
            new NetlinkAttributeHeader { LengthBytes = (ushort)(NetlinkAttributeHeader.SizeBytes + valueBytes), Type = type });
}
