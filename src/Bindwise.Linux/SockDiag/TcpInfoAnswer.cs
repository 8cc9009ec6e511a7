using System.Runtime.InteropServices;
using Bindwise.Linux.Native;
using Bindwise.Linux.Netlink;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.SockDiag;

/// <summary>Takes the answer to the question for one socket's tcp_info.</summary>
internal struct TcpInfoAnswer : IMessageVisitor
{
    // Below INET_DIAG_ULP_INFO (linux/inet_diag.h) stands the name of what uses the connection.
    private const ushort AttributeUpperLayer = 19;
    private const ushort AttributeUpperLayerName = 1;

    private TcpInfoReply _info;

    /// <summary>The answer held all the fields that are read (Linux 4.19).</summary>
    internal bool HasInfo { get; private set; }

    /// <summary>The socket is a subflow of an MPTCP socket (tcp_ulp_name "mptcp").</summary>
    internal bool IsMultipath { get; private set; }

    internal TcpState State { get; private set; }

    internal uint WriteQueue { get; private set; }

    internal readonly TcpInfoReply Info => _info;

    /// <summary>Nothing was sent, written or acknowledged between the two readings.</summary>
    internal readonly bool HasSameCounters(in TcpInfoAnswer other) =>
        State == other.State && WriteQueue == other.WriteQueue
        && (_info.BytesAcked, _info.BytesSent, _info.BytesRetransmitted, _info.NotSentBytes)
        == (other._info.BytesAcked, other._info.BytesSent, other._info.BytesRetransmitted, other._info.NotSentBytes);

    public void Visit(in NetlinkMessage message)
    {
        if (!DiagEntry.TryReadFixedPart(message.Payload, out var reply))
            return;
        State = (TcpState)reply.State;
        WriteQueue = reply.SendQueue;
        var attributes = new NetlinkAttributeReader(message.Payload[InetDiagReply.SizeBytes..]);
        while (attributes.TryNext(out var type, out var value))
        {
            if (type == TcpInfoReply.AttributeInfo)
                HasInfo = MemoryMarshal.TryRead(value, out _info);
            else if (type == AttributeUpperLayer)
                IsMultipath = IsNamedMultipath(value);
        }
    }

    private static bool IsNamedMultipath(ReadOnlySpan<byte> upperLayer)
    {
        var attributes = new NetlinkAttributeReader(upperLayer);
        while (attributes.TryNext(out var type, out var value))
        {
            if (type == AttributeUpperLayerName)
                return value.TrimEnd((byte)0).SequenceEqual("mptcp"u8);
        }

        return false;
    }

    public void Restart() => this = default;
}
