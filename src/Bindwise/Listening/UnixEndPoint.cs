using System.Net.Sockets;

namespace Bindwise;

/// <summary>The endpoint of a UNIX path as people write it: .NET writes an abstract name with a NUL in front, and prints it with @.</summary>
internal static class UnixEndPoint
{
    /// <summary>The endpoint of a path, or of <c>@name</c>.</summary>
    public static UnixDomainSocketEndPoint Of(string path) => new(path[0] == '@' ? "\0" + path[1..] : path);
}
