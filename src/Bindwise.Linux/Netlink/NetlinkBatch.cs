using System.Runtime.InteropServices;

namespace Bindwise.Linux.Netlink;

/// <summary>Several requests that change something, in one datagram: built once, run in as many network namespaces as wanted.</summary>
internal sealed class NetlinkBatch
{
    private const int ErrorBytes = 2048;
    private const int MaximumAnswers = 64;

    private readonly List<byte> _bytes = [];
    private int _start;
    private uint _count;
    private byte[]? _built;

    /// <summary>Begins a request; the one before it ends here.</summary>
    internal NetlinkBatch Begin<T>(ushort type, int flags, T body)
        where T : unmanaged
    {
        EndMessage();
        _start = _bytes.Count;
        _count++;
        Write(new NetlinkHeader { Type = type, Flags = (ushort)(NetlinkHeader.FlagRequest | flags), Sequence = _count });
        Write(body);
        return this;
    }

    internal NetlinkBatch Attribute(ushort type, ReadOnlySpan<byte> value)
    {
        Write(new NetlinkAttributeHeader { Type = type, LengthBytes = (ushort)(NetlinkAttributeHeader.SizeBytes + value.Length) });
        _bytes.AddRange(value);
        Align();
        return this;
    }

    /// <summary>Adds an attribute that is a number in the host's order.</summary>
    internal NetlinkBatch Attribute(ushort type, uint value) => Attribute(type, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in value)));

    internal NetlinkBatch Nest(ushort type, Action<NetlinkBatch> content)
    {
        var start = _bytes.Count;
        Write(new NetlinkAttributeHeader { Type = type });
        content(this);
        var header = new NetlinkAttributeHeader { Type = type, LengthBytes = (ushort)(_bytes.Count - start) };
        MemoryMarshal.Write(CollectionsMarshal.AsSpan(_bytes)[start..], header);
        return this;
    }

    /// <summary>Adds a struct as it is, inside <see cref="Nest"/>.</summary>
    internal NetlinkBatch Raw<T>(T value)
        where T : unmanaged
    {
        Write(value);
        return this;
    }

    /// <summary>Ends the last request: from now on the batch can be run, also by several threads.</summary>
    internal NetlinkBatch Build()
    {
        MemoryMarshal.AsRef<NetlinkHeader>(CollectionsMarshal.AsSpan(_bytes)[_start..]).Flags |= NetlinkHeader.FlagAcknowledge;
        EndMessage();
        _built = [.. _bytes];
        return this;
    }

    /// <summary>Runs all requests in the calling thread's network namespace.</summary>
    /// <param name="failed">Which request failed first, from 1 on; 0 when none did, or when no answer came.</param>
    internal Errno Run(out uint failed)
    {
        failed = 0;
        var errno = SocketCall.Open(SocketCall.FamilyNetlink, SocketCall.TypeRaw, NetlinkSocket.Route, out var socket);
        using (socket)
        {
            if (errno == Errno.None)
                errno = NetlinkCall.Send(socket, _built);
            if (errno == Errno.None)
                errno = ReadAnswers(socket, ref failed);
            return errno;
        }
    }

    /// <summary>
    /// The kernel works while it takes the datagram: refusals, and the last request's acknowledgement, are there when it returns.
    /// </summary>
    private Errno ReadAnswers(SafeFileDescriptor socket, ref uint failed)
    {
        Span<byte> buffer = stackalloc byte[ErrorBytes];
        for (var answer = 0; answer < MaximumAnswers; answer++)
        {
            var errno = ReceiveCall.Receive(socket, buffer, waits: false, out var length);
            if (errno != Errno.None)
                return errno;
            if (!MemoryMarshal.TryRead<NetlinkHeader>(buffer[..length], out var header) || header.Type != NetlinkHeader.TypeError
                || !MemoryMarshal.TryRead<int>(buffer[NetlinkHeader.SizeBytes..length], out var code))
                return Errno.EIO;
            if (code != 0)
            {
                failed = header.Sequence;
                return code is < 0 and > -4096 ? (Errno)(-code) : Errno.EIO;
            }
            if (header.Sequence == _count)
                return Errno.None;
        }
        return Errno.EIO;
    }

    private void EndMessage()
    {
        if (_count > 0)
            MemoryMarshal.AsRef<NetlinkHeader>(CollectionsMarshal.AsSpan(_bytes)[_start..]).LengthBytes = (uint)(_bytes.Count - _start);
    }

    private void Write<T>(T value)
        where T : unmanaged
    {
        _bytes.AddRange(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
        Align();
    }

    private void Align()
    {
        while ((_bytes.Count & 3) != 0)
            _bytes.Add(0);
    }
}

/// <summary>Walks the messages of one datagram (NLMSG_NEXT). Hostile lengths end the walk, never leave the span.</summary>
internal ref struct NetlinkReader(ReadOnlySpan<byte> datagram)
{
    private ReadOnlySpan<byte> _rest = datagram;

    /// <summary>Bytes were left that are no whole message.</summary>
    internal bool IsMalformed { get; private set; }

    internal bool TryNext(out NetlinkMessage message)
    {
        message = default;
        if (_rest.IsEmpty)
            return false;
        if (!MemoryMarshal.TryRead<NetlinkHeader>(_rest, out var header)
            || header.LengthBytes < NetlinkHeader.SizeBytes
            || header.LengthBytes > (uint)_rest.Length)
        {
            IsMalformed = true;
            _rest = default;
            return false;
        }
        var length = (int)header.LengthBytes;
        message = new NetlinkMessage(header, _rest[NetlinkHeader.SizeBytes..length]);
        _rest = _rest[Math.Min(_rest.Length, (length + 3) & ~3)..];
        return true;
    }
}
