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
        return new AddressFact(plain, outcome switch
        {
            { IsComplete: true } => answer.Kind,
            { Errno: Errno.ENETUNREACH or Errno.EHOSTUNREACH or Errno.EINVAL or Errno.EACCES } => AddressKind.Elsewhere,
            _ => AddressKind.Unknown,
        });
    }

    private struct RouteAnswer : IMessageVisitor
    {
        internal AddressKind Kind { get; private set; }

        public void Visit(in NetlinkMessage message)
        {
            if (message.Header.Type != RouteMessage.MessageNew || !MemoryMarshal.TryRead<RouteMessage>(message.Payload, out var route))
                return;
            Kind = route.Type switch
            {
                RouteMessage.TypeLocal => AddressKind.Local,
                RouteMessage.TypeBroadcast => AddressKind.Broadcast,
                RouteMessage.TypeMulticast => AddressKind.Multicast,
                _ => AddressKind.Elsewhere,
            };
        }

        public void Restart() => Kind = AddressKind.Unknown;
    }
}

/// <summary>Writes the requests of rtnetlink(7) into the caller's bytes.</summary>
internal static class RouteRequests
{
    internal const int MaximumBytes = 64;

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

    /// <summary>The route that a packet to an IPv4 address would take.</summary>
    internal static Span<byte> Route(Span<byte> request, IpAddress address)
    {
        const int Fixed = NetlinkHeader.SizeBytes + RouteMessage.SizeBytes;
        var bytes = Start(request, Fixed + NetlinkAttributeHeader.SizeBytes + sizeof(uint), RouteMessage.MessageGet);
        MemoryMarshal.Write(bytes[NetlinkHeader.SizeBytes..], new RouteMessage { Family = (byte)IpFamily.IPv4, DestinationLength = 32 });
        WriteAttribute(bytes[Fixed..], RouteMessage.AttributeDestination, sizeof(uint));
        address.WriteTo(bytes[(Fixed + NetlinkAttributeHeader.SizeBytes)..]);
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
