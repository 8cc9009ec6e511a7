namespace Bindwise;

/// <summary>Which transports a listener serves; both at once share one port number.</summary>
[Flags]
public enum Transports
{
    /// <summary>TCP, which listens and accepts connections (tcp(7)).</summary>
    Tcp = 1,

    /// <summary>UDP, which receives datagrams without listening (udp(7)).</summary>
    Udp = 2,

    /// <summary>TCP and UDP on the same port number, like DNS.</summary>
    TcpAndUdp = Tcp | Udp,
}
