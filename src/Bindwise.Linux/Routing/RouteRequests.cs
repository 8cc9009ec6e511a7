using System.Runtime.InteropServices;
using Bindwise.Linux.Native;
using Bindwise.Model.Addresses;

namespace Bindwise.Linux.Routing;

/// <summary>Writes the requests of rtnetlink(7) into the caller's bytes.</summary>
internal static class RouteRequests
{
    /// <summary>Room for any of the requests here.</summary>
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

    /// <summary>All addresses of all interfaces.</summary>
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
        MemoryMarshal.Write(bytes, new NetlinkAttributeHeader { LengthBytes = (ushort)(NetlinkAttributeHeader.SizeBytes + valueBytes), Type = type });
}
