namespace Bindwise.Linux.Native;

/// <summary>Walks the control messages that came with a message (cmsg(3)). Hostile lengths end the walk, never leave the span.</summary>
/// <param name="bytes">What recvmsg(2) wrote.</param>
internal ref struct ControlMessageReader(ReadOnlySpan<byte> bytes)
{
    /// <summary>struct cmsghdr: a length of eight bytes, the level and the type.</summary>
    internal const int HeaderBytes = 16;

    private ReadOnlySpan<byte> _rest = bytes;

    /// <param name="level">SOL_SOCKET, or a protocol's.</param>
    internal bool TryNext(out int level, out int type, out ReadOnlySpan<byte> data)
    {
        (level, type) = (0, 0);
        data = default;
        if (_rest.Length < HeaderBytes)
            return false;
        var length = (int)Math.Min((ulong)_rest.Length, MemoryMarshal.Read<ulong>(_rest));
        if (length < HeaderBytes)
            return false;
        (level, type) = (MemoryMarshal.Read<int>(_rest[8..]), MemoryMarshal.Read<int>(_rest[12..]));
        data = _rest[HeaderBytes..length];
        _rest = _rest[Math.Min(_rest.Length, (length + 7) & ~7)..];
        return true;
    }
}
