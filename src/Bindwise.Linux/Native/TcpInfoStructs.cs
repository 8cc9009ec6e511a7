using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>struct tcp_info (linux/tcp.h) as far as it is read here; older kernels answer with less, newer ones with more.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TcpInfoReply
{
    internal byte State;
    internal byte CongestionState;
    internal byte Retransmits;
    internal byte Probes;
    internal byte Backoff;
    internal byte Options;
    internal byte WindowScales;
    internal byte Flags;
    internal uint Rto;
    internal uint Ato;
    internal uint SendMss;
    internal uint ReceiveMss;
    internal uint Unacked;
    internal uint Sacked;
    internal uint Lost;
    internal uint Retransmitted;
    internal uint Fackets;
    internal uint LastDataSent;
    internal uint LastAckSent;
    internal uint LastDataReceived;
    internal uint LastAckReceived;
    internal uint PathMtu;
    internal uint ReceiveThreshold;
    internal uint RoundTrip;
    internal uint RoundTripVariance;
    internal uint SendThreshold;
    internal uint SendWindow;
    internal uint AdvertisedMss;
    internal uint Reordering;
    internal uint ReceiveRoundTrip;
    internal uint ReceiveSpace;
    internal uint TotalRetransmits;
    internal ulong PacingRate;
    internal ulong MaximumPacingRate;
    internal ulong BytesAcked;
    internal ulong BytesReceived;
    internal uint SegmentsOut;
    internal uint SegmentsIn;
    internal uint NotSentBytes;
    internal uint MinimumRoundTrip;
    internal uint DataSegmentsIn;
    internal uint DataSegmentsOut;
    internal ulong DeliveryRate;
    internal ulong BusyTime;
    internal ulong ReceiverLimited;
    internal ulong SendBufferLimited;
    internal uint Delivered;
    internal uint DeliveredCongested;
    internal ulong BytesSent;
    internal ulong BytesRetransmitted;

    internal const int SizeBytes = 216;

    /// <summary>INET_DIAG_INFO.</summary>
    internal const ushort AttributeInfo = 2;

    /// <summary>TCPI_OPT_SYN_DATA: Fast Open carried data in the SYN.</summary>
    internal const byte OptionSynData = 32;
}
