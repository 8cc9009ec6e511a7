namespace Bindwise;

/// <summary>Which transports a listener serves; both at once share one port number.</summary>
[Flags]
public enum Transports
{
    /// <summary>TCP (tcp(7)).</summary>
    Tcp = 1,

    /// <summary>UDP (udp(7)).</summary>
    Udp = 2,

    /// <summary>TCP and UDP on the same port number, like DNS.</summary>
    TcpAndUdp = Tcp | Udp,
}
