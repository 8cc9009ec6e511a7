using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Bindwise.Linux.SockDiag;

/// <summary>Writes the requests of sock_diag(7) into the caller's bytes.</summary>
internal static class DiagRequests
{
    internal const int MaximumBytes = 128;

    /// <summary>INET_DIAG_REQ_BYTECODE (linux/inet_diag.h).</summary>
    private const ushort AttributeFilter = 1;

    /// <summary>INET_DIAG_REQ_PROTOCOL (Linux 5.9).</summary>
    internal const ushort AttributeProtocol = 3;

    /// <summary>Every state that this program knows, the query-only one for bound sockets included.</summary>
    internal static uint AllStates { get; } = MaskOfAllStates();

    internal static uint Mask(TcpSocketState state) => 1u << (byte)state;

    /// <summary>TCP of both families in one walk.</summary>
    /// <param name="localPort">Only this local port; 0 for any.</param>
    /// <param name="attribute">An attribute that is to come with each socket; 0 for none.</param>
    internal static Span<byte> Tcp(Span<byte> request, uint states, ushort localPort, byte attribute = 0)
    {
        const int SizeBytes = NetlinkHeader.SizeBytes + InetDiagLegacyRequest.SizeBytes;
        var bytes = request[..SizeBytes];
        bytes.Clear();
        HeaderOf(bytes).Type = InetDiagLegacyRequest.MessageType;
        ref var body = ref MemoryMarshal.AsRef<InetDiagLegacyRequest>(bytes[NetlinkHeader.SizeBytes..]);
        body.Extensions = (byte)(attribute == 0 ? 0 : 1 << (attribute - 1));
        body.States = states;
        body.Id.LocalPortNetwork = BinaryPrimitives.ReverseEndianness(localPort);
        return bytes;
    }

    /// <summary>TCP of both families with the local port in a range, all states.</summary>
    internal static Span<byte> TcpLocalPorts(Span<byte> request, ushort first, ushort last)
    {
        ReadOnlySpan<InetDiagFilterStep> steps =
        [
            new() { Code = InetDiagFilterStep.LocalPortAtLeast, YesBytes = 8, NoBytes = 20 },
            new() { NoBytes = first },
            new() { Code = InetDiagFilterStep.LocalPortAtMost, YesBytes = 8, NoBytes = 12 },
            new() { NoBytes = last },
        ];
        return TcpFiltered(request, AllStates, steps);
    }

    /// <param name="family">The family; each needs its own walk.</param>
    /// <param name="protocol">IPPROTO_UDP, or IPPROTO_TCP for a kernel without the legacy request.</param>
    /// <param name="localPort">Only this local port; 0 for any.</param>
    internal static Span<byte> Family(Span<byte> request, IpFamily family, byte protocol, uint states, ushort localPort)
    {
        const int SizeBytes = NetlinkHeader.SizeBytes + InetDiagRequest.SizeBytes;
        var bytes = request[..SizeBytes];
        bytes.Clear();
        HeaderOf(bytes).Type = InetDiagRequest.MessageType;
        ref var body = ref MemoryMarshal.AsRef<InetDiagRequest>(bytes[NetlinkHeader.SizeBytes..]);
        body.Family = (byte)family;
        body.Protocol = protocol;
        body.States = states;
        body.Id.LocalPortNetwork = BinaryPrimitives.ReverseEndianness(localPort);
        body.Id.CookieLow = InetDiagSocketId.NoCookie;
        body.Id.CookieHigh = InetDiagSocketId.NoCookie;
        return bytes;
    }

    /// <summary>All MPTCP sockets of one family. Their protocol's number (262) does not fit into the request's byte.</summary>
    internal static Span<byte> Multipath(Span<byte> request, IpFamily family, ushort localPort)
    {
        const byte Tcp = 6;
        const int FixedBytes = NetlinkHeader.SizeBytes + InetDiagRequest.SizeBytes;
        _ = Family(request, family, Tcp, uint.MaxValue, localPort);
        var bytes = request[..(FixedBytes + NetlinkAttributeHeader.SizeBytes + sizeof(uint))];
        MemoryMarshal.Write(bytes[FixedBytes..],
            new NetlinkAttributeHeader { LengthBytes = NetlinkAttributeHeader.SizeBytes + sizeof(uint), Type = AttributeProtocol });
        MemoryMarshal.Write(bytes[(FixedBytes + NetlinkAttributeHeader.SizeBytes)..], (uint)SocketOptionCall.MultipathProtocol);
        return bytes;
    }

    /// <summary>Exactly one socket, by both ends, device and cookie, with its tcp_info.</summary>
    internal static Span<byte> TcpInfoOf(Span<byte> request, HeldSocket socket)
    {
        const byte InfoExtension = 1 << (TcpInfoReply.AttributeInfo - 1);
        var bytes = TcpOne(request, socket.Family, socket.Local, socket.Remote, socket.DeviceIndex);
        ref var body = ref MemoryMarshal.AsRef<InetDiagRequest>(bytes[NetlinkHeader.SizeBytes..]);
        body.Extensions = InfoExtension;
        if (socket.Cookie != 0)
        {
            body.Id.CookieLow = unchecked((uint)socket.Cookie);
            body.Id.CookieHigh = (uint)(socket.Cookie >> 32);
        }
        return bytes;
    }

    /// <summary>Ends exactly one socket, by both ends, device and cookie (SOCK_DESTROY).</summary>
    /// <param name="socket">The socket; its cookie is not 0, so that no other one with the same ends is meant.</param>
    internal static Span<byte> Destroy(Span<byte> request, HeldSocket socket)
    {
        ArgumentOutOfRangeException.ThrowIfZero(socket.Cookie);
        var bytes = TcpOne(request, socket.Family, socket.Local, socket.Remote, socket.DeviceIndex);
        ref var header = ref HeaderOf(bytes);
        header.Type = InetDiagRequest.MessageTypeDestroy;
        header.Flags = NetlinkHeader.FlagAcknowledge;
        ref var body = ref MemoryMarshal.AsRef<InetDiagRequest>(bytes[NetlinkHeader.SizeBytes..]);
        body.Id.CookieLow = unchecked((uint)socket.Cookie);
        body.Id.CookieHigh = (uint)(socket.Cookie >> 32);
        return bytes;
    }

    /// <summary>
    /// The socket of a connection by its two ends, TIME_WAIT included; where there is none, a listener that would take it.
    /// </summary>
    /// <param name="family">IPv4 finds IPv6 sockets with mapped addresses too.</param>
    /// <param name="device">Where its packets come in: sockets bound to another device are passed over.</param>
    internal static Span<byte> TcpOne(Span<byte> request, IpFamily family, IpEndpoint local, IpEndpoint remote, uint device)
    {
        var bytes = Family(request, family, protocol: 6, states: 0, local.Port);
        ref var body = ref MemoryMarshal.AsRef<InetDiagRequest>(bytes[NetlinkHeader.SizeBytes..]);
        body.Id.RemotePortNetwork = BinaryPrimitives.ReverseEndianness(remote.Port);
        local.Address.WriteTo(body.Id.LocalAddress);
        remote.Address.WriteTo(body.Id.RemoteAddress);
        body.Id.Interface = device;
        return bytes;
    }

    /// <summary>All UNIX sockets of the network namespace; the kernel has no filter by name.</summary>
    internal static Span<byte> Unix(Span<byte> request)
    {
        const int SizeBytes = NetlinkHeader.SizeBytes + UnixDiagRequest.SizeBytes;
        var bytes = request[..SizeBytes];
        bytes.Clear();
        HeaderOf(bytes).Type = InetDiagRequest.MessageType;
        ref var body = ref MemoryMarshal.AsRef<UnixDiagRequest>(bytes[NetlinkHeader.SizeBytes..]);
        body.Family = SocketCall.FamilyUnix;
        body.States = uint.MaxValue;
        body.Show = UnixDiagRequest.ShowName | UnixDiagRequest.ShowFile | UnixDiagRequest.ShowQueues | UnixDiagRequest.ShowUser;
        return bytes;
    }

    private static Span<byte> TcpFiltered(Span<byte> request, uint states, scoped ReadOnlySpan<InetDiagFilterStep> steps)
    {
        _ = Tcp(request, states, localPort: 0);
        return WithFilter(request, NetlinkHeader.SizeBytes + InetDiagLegacyRequest.SizeBytes, steps);
    }

    private static Span<byte> WithFilter(Span<byte> request, int fixedBytes, scoped ReadOnlySpan<InetDiagFilterStep> steps)
    {
        var program = MemoryMarshal.AsBytes(steps);
        var bytes = request[..(fixedBytes + NetlinkAttributeHeader.SizeBytes + program.Length)];
        MemoryMarshal.Write(bytes[fixedBytes..], new NetlinkAttributeHeader
        {
            LengthBytes = (ushort)(NetlinkAttributeHeader.SizeBytes + program.Length),
            Type = AttributeFilter,
        });
        program.CopyTo(bytes[(fixedBytes + NetlinkAttributeHeader.SizeBytes)..]);
        return bytes;
    }

    private static ref NetlinkHeader HeaderOf(Span<byte> bytes) => ref MemoryMarshal.AsRef<NetlinkHeader>(bytes);

    private static uint MaskOfAllStates()
    {
        uint mask = 0;
        for (var state = TcpSocketState.Established; state <= TcpSocketState.Bound; state++)
            mask |= Mask(state);
        return mask;
    }
}
