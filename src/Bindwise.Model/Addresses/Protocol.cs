namespace Bindwise.Diagnostics;

/// <summary>What kind of port or path is asked for. TCP and UDP never meet: each has its own ports.</summary>
public enum Protocol : byte
{
    /// <summary>TCP, over IPv4 or IPv6 (tcp(7)).</summary>
    Tcp,

    /// <summary>UDP, over IPv4 or IPv6 (udp(7)).</summary>
    Udp,

    /// <summary>A UNIX domain socket: a path in the file system or an abstract name (unix(7)).</summary>
    Unix,
}
