using System.Runtime.Versioning;
using Bindwise.Linux.Native;
using Bindwise.Linux.Text;

namespace Bindwise.Supervising;

/// <summary>The address that a bind() names, copied once: the program may change its own at any time, and what is judged is what is bound.</summary>
[SupportedOSPlatform("linux")]
internal static class SupervisedAddress
{
    private const int LongestBytes = 128;
    private const int PathAt = sizeof(ushort);

    /// <summary>Of IP; null for what is no such address. Longer ones are allowed (bind(2)).</summary>
    internal static byte[]? Read(in SystemCallNotice call, int family)
    {
        var needed = family == SocketCall.FamilyIPv4 ? SocketAddressIPv4.SizeBytes : SocketAddressIPv6.SizeBytes;
        var length = unchecked((int)call.Argument2);
        if (length < needed || length > LongestBytes)
            return null;
        var address = new byte[needed];
        return ForeignMemory.Read(unchecked((int)call.Thread), call.Argument1, address) == Errno.None && BitConverter.ToUInt16(address) == family ? address : null;
    }

    /// <summary>The path of a UNIX socket; null for an abstract name, and for what is no such address.</summary>
    internal static string? ReadPath(in SystemCallNotice call)
    {
        var length = unchecked((int)call.Argument2);
        if (length is <= PathAt or > LongestBytes)
            return null;
        Span<byte> address = stackalloc byte[length];
        if (ForeignMemory.Read(unchecked((int)call.Thread), call.Argument1, address) != Errno.None || BitConverter.ToUInt16(address) != SocketCall.FamilyUnix || address[PathAt] == 0)
            return null;
        var path = address[PathAt..];
        var end = path.IndexOf((byte)0);
        return KernelText.Decode(end < 0 ? path : path[..end]);
    }
}
