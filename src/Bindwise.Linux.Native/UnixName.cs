namespace Bindwise.Linux.Native;

/// <summary>The address of a UNIX socket as people write it: a path, or <c>@name</c> for an abstract one.</summary>
internal static class UnixName
{
    /// <summary>The longest path, and the longest abstract name, in bytes of UTF-8: sun_path less a NUL (unix(7)).</summary>
    internal const int MaximumBytes = SocketAddress.UnixNameBytes - 1;

    /// <summary>Writes it for bind(2) and connect(2); empty when it is too long, has no name, or a NUL in it.</summary>
    /// <param name="room">At least <see cref="SocketAddress.MaximumUnixBytes"/>.</param>
    internal static ReadOnlySpan<byte> Write(Span<byte> room, string path)
    {
        Span<byte> name = stackalloc byte[MaximumBytes + 1];
        if (!Encoding.UTF8.TryGetBytes(path, name, out var length) || length == 0)
            return [];
        return name[0] == '@' ? SocketAddress.WriteAbstract(room, name[1..length]) : SocketAddress.WritePath(room, name[..length]);
    }
}
