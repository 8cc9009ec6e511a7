using System.Runtime.InteropServices;
using Bindwise.Linux.Callers;

namespace Bindwise.Linux.Netlink;

/// <summary>
/// A netlink socket with one request under way at a time. Checks sender and sequence, never waits longer than
/// <see cref="TimeoutSeconds"/> for a datagram, and reads a bounded number of them.
/// </summary>
internal sealed class NetlinkSocket : IDisposable
{
    /// <summary>NETLINK_ROUTE: interfaces, addresses, routes (rtnetlink(7)).</summary>
    internal const int Route = 0;

    /// <summary>NETLINK_SOCK_DIAG: the socket table (sock_diag(7)).</summary>
    internal const int SockDiag = 4;

    /// <summary>NETLINK_GENERIC: WireGuard, FOU, L2TP, TIPC and others, each a family of its own.</summary>
    internal const int Generic = 16;

    internal const int TimeoutSeconds = 5;

    /// <summary>How often a dump is tried that the kernel says was interrupted.</summary>
    internal const int MaximumAttempts = 3;

    /// <summary>A dump's end; 32 KiB each makes 1 GiB, some ten million sockets.</summary>
    internal const int MaximumDatagrams = 1 << 15;

    /// <summary>The kernel never puts more into one datagram of a dump (netlink_dump(), net/netlink/af_netlink.c).</summary>
    private const int BufferBytes = 32 * 1024;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);
    private readonly int _protocol;
    private readonly NamespaceId? _network = OwnNetwork();
    private SafeFileDescriptor _socket;
    private uint _sequence;
    private bool _isAnswerLeft;

    private NetlinkSocket(int protocol, SafeFileDescriptor socket) => (_protocol, _socket) = (protocol, socket);

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    /// <returns>None, or why not: EPROTONOSUPPORT where the kernel has no such netlink protocol.</returns>
    internal static Errno TryOpen(int protocol, out NetlinkSocket? socket)
    {
        var errno = OpenDescriptor(protocol, out var descriptor);
        socket = errno == Errno.None ? new NetlinkSocket(protocol, descriptor) : null;
        return errno;
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Sends a request and gives each message of the answer to the visitor.</summary>
    /// <param name="request">The request from its header on; sequence and flags are filled in here.</param>
    /// <param name="isDump">A dump (many messages, then NLMSG_DONE) or one question with one answer.</param>
    internal DumpOutcome Exchange<TVisitor>(string operation, scoped Span<byte> request, bool isDump, ref TVisitor visitor)
        where TVisitor : struct, IMessageVisitor, allows ref struct
    {
        // An answer that was not read to its end would stand in the way of the next.
        if (_isAnswerLeft && TryReopen() is not Errno.None and var unopened)
            return new DumpOutcome(operation, DumpStatus.Failed, unopened, _sequence);
        var outcome = default(DumpOutcome);
        for (var attempt = 1; attempt <= MaximumAttempts; attempt++)
        {
            if (attempt > 1)
                visitor.Restart();
            _sequence = unchecked(_sequence + 1);
            WriteHeader(request, isDump);
            var errno = NetlinkCall.Send(_socket, request);
            outcome = errno == Errno.None
                ? ReadAnswer(operation, isDump, ref visitor)
                : new DumpOutcome(operation, DumpStatus.Failed, errno, _sequence);
            if (outcome.Status != DumpStatus.Partial)
                break;
        }
        return outcome;
    }

    /// <summary>
    /// Has dumps answered by what their headers ask for, as routes of one table (NETLINK_GET_STRICT_CHK, netlink(7)).
    /// </summary>
    /// <returns>Whether the kernel does so, from Linux 4.20 on.</returns>
    internal bool TryCheckStrictly(bool isStrict) =>
        SocketOptionCall.Set(_socket, SocketOptionCall.LevelNetlink, SocketOptionCall.StrictCheck, isStrict ? 1 : 0) == Errno.None;

    /// <summary>Wipes the last answer from memory: some tell secrets that nobody asked for (WireGuard's private key).</summary>
    internal void Forget() => Array.Clear(_buffer);

    private DumpOutcome ReadAnswer<TVisitor>(string operation, bool isDump, ref TVisitor visitor)
        where TVisitor : struct, IMessageVisitor, allows ref struct
    {
        var wasInterrupted = false;
        _isAnswerLeft = true;
        for (var datagram = 0; datagram < MaximumDatagrams; datagram++)
        {
            var errno = NetlinkCall.Receive(_socket, _buffer, out var length, out var sender);
            if (errno != Errno.None)
                return new DumpOutcome(operation, DumpStatus.Failed, errno == Errno.EAGAIN ? Errno.ETIMEDOUT : errno, _sequence);
            if (sender != 0)
                continue;
            if (length > _buffer.Length)
                return new DumpOutcome(operation, DumpStatus.Malformed, Sequence: _sequence);
            var end = ReadDatagram(_buffer.AsSpan(0, length), _sequence, isDump, ref visitor, ref wasInterrupted, out var failure);
            _isAnswerLeft = end is AnswerEnd.More or AnswerEnd.Malformed;
            if (end == AnswerEnd.Failed)
                return new DumpOutcome(operation, DumpStatus.Failed, failure, _sequence);
            if (end == AnswerEnd.Malformed)
                return new DumpOutcome(operation, DumpStatus.Malformed, Sequence: _sequence);
            if (end == AnswerEnd.Done)
                return new DumpOutcome(operation, wasInterrupted ? DumpStatus.Partial : DumpStatus.Complete, Sequence: _sequence);
        }
        return new DumpOutcome(operation, DumpStatus.Malformed, Sequence: _sequence);
    }

    internal enum AnswerEnd : byte
    {
        More,
        Done,
        Failed,
        Malformed,
    }

    /// <summary>Reads one datagram: pure, so that tests can feed it any bytes.</summary>
    internal static AnswerEnd ReadDatagram<TVisitor>(
        ReadOnlySpan<byte> datagram, uint sequence, bool isDump, ref TVisitor visitor, ref bool wasInterrupted, out Errno failure)
        where TVisitor : struct, IMessageVisitor, allows ref struct
    {
        failure = Errno.None;
        var reader = new NetlinkReader(datagram);
        while (reader.TryNext(out var message))
        {
            var header = message.Header;
            // A late answer to an earlier request.
            if (header.Sequence != sequence)
                continue;
            if ((header.Flags & NetlinkHeader.FlagDumpInterrupted) != 0)
                wasInterrupted = true;
            switch (header.Type)
            {
                case NetlinkHeader.TypeNoop:
                    break;
                case NetlinkHeader.TypeDone:
                    return TryReadErrno(message.Payload, out failure) ? Ended(failure) : AnswerEnd.Done;
                case NetlinkHeader.TypeError:
                    return TryReadErrno(message.Payload, out failure) ? Ended(failure) : AnswerEnd.Malformed;
                case NetlinkHeader.TypeOverrun:
                    failure = Errno.ENOBUFS;
                    return AnswerEnd.Failed;
                default:
                    visitor.Visit(message);
                    if (!isDump)
                        return AnswerEnd.Done;
                    break;
            }
        }
        return reader.IsMalformed ? AnswerEnd.Malformed : AnswerEnd.More;
    }

    private static AnswerEnd Ended(Errno failure) => failure == Errno.None ? AnswerEnd.Done : AnswerEnd.Failed;

    /// <summary>NLMSG_ERROR and NLMSG_DONE begin with a negative errno, or 0.</summary>
    private static bool TryReadErrno(ReadOnlySpan<byte> payload, out Errno errno)
    {
        errno = Errno.None;
        if (!MemoryMarshal.TryRead<int>(payload, out var code))
            return false;
        errno = code < 0 && code > -4096 ? (Errno)(-code) : code == 0 ? Errno.None : Errno.EIO;
        return true;
    }

    private void WriteHeader(Span<byte> request, bool isDump)
    {
        ref var header = ref MemoryMarshal.AsRef<NetlinkHeader>(request);
        header.LengthBytes = (uint)request.Length;
        // What has no other answer than whether it was done has asked for that itself.
        header.Flags = (ushort)(NetlinkHeader.FlagRequest | (header.Flags & NetlinkHeader.FlagAcknowledge) | (isDump
            ? NetlinkHeader.FlagDump : 0));
        header.Sequence = _sequence;
        header.PortId = 0;
    }

    /// <returns>EXDEV on a thread of another network namespace: a socket that it opens would tell of that one.</returns>
    private Errno TryReopen()
    {
        if (_network is null || OwnNetwork() != _network)
            return Errno.EXDEV;
        var errno = OpenDescriptor(_protocol, out var fresh);
        if (errno != Errno.None)
        {
            fresh.Dispose();
            return errno;
        }
        _socket.Dispose();
        _socket = fresh;
        _isAnswerLeft = false;
        return errno;
    }

    private static NamespaceId? OwnNetwork() => NamespaceId.Of("/proc/thread-self/ns/net\0"u8);

    private static Errno OpenDescriptor(int protocol, out SafeFileDescriptor descriptor)
    {
        var errno = SocketCall.Open(SocketCall.FamilyNetlink, SocketCall.TypeRaw, protocol, out descriptor);
        if (errno != Errno.None)
            return errno;
        errno = SocketOptionCall.SetTimeout(descriptor, SocketOptionCall.ReceiveTimeout, new TimeValue { Seconds = TimeoutSeconds });
        if (errno != Errno.None)
            descriptor.Dispose();
        return errno;
    }
}
