using Bindwise.Model.Scenarios;

namespace Bindwise.Fuzz.Generating.Templates;

/// <summary>A few steps that belong together, drawn without a look at the sockets that there are: whom it concerns is an ordinal.</summary>
internal abstract record StepTemplate;

/// <summary>A new socket.</summary>
/// <param name="Protocol">TCP or UDP.</param>
/// <param name="IsIPv6">AF_INET6.</param>
/// <param name="Options">The options, in the order they are set.</param>
/// <param name="User">Its user; null for root.</param>
/// <param name="Device">The interface that it is opened on; null for none.</param>
/// <param name="Name">Which name it gets.</param>
/// <param name="TakesAnyName">The name may be one that is open: then that socket is closed first.</param>
internal sealed record NewSocket(Protocol Protocol, bool IsIPv6, OptionSetting[] Options, uint? User, string? Device, int Name,
    bool TakesAnyName);

/// <summary>An option and its value.</summary>
internal sealed record OptionSetting(SocketOption Name, OptionValue Value);

/// <summary>Where a socket is bound.</summary>
/// <param name="Slot">Which of the scenario's places.</param>
/// <param name="Odd">Another place; null for one of the scenario's.</param>
/// <param name="Port">Which port.</param>
/// <param name="PortSlot">Which of the scenario's ports.</param>
internal sealed record BindPoint(int Slot, BindAddress? Odd, PortKind Port, int PortSlot);

/// <summary>Which port a socket is bound to.</summary>
internal enum PortKind
{
    /// <summary>One of the scenario's.</summary>
    Own,

    /// <summary>0: the kernel chooses.</summary>
    Zero,

    /// <summary>80, which needs a privilege.</summary>
    Privileged,
}

/// <summary>How far a new server gets.</summary>
internal enum ServerProgress
{
    /// <summary>It is bound.</summary>
    Bind,

    /// <summary>It listens.</summary>
    Listen,

    /// <summary>It listens without bind.</summary>
    ListenUnbound,

    /// <summary>It is made, no more.</summary>
    Open,
}

/// <summary>A new server; or a bound UDP socket.</summary>
internal sealed record ServerTemplate(NewSocket Socket, BindPoint Point, ServerProgress Depth, OptionSetting? Between) : StepTemplate;

/// <summary>So many UDP sockets on the scenario's first port, each at an address of its own, with SO_REUSEADDR.</summary>
internal sealed record ManyUdpSocketsTemplate(int Count) : StepTemplate;

/// <summary>Where a client's own address and port come from.</summary>
internal enum ClientBinding
{
    /// <summary>The kernel chooses.</summary>
    Automatic,

    /// <summary>Bound to an address and one of the scenario's ports.</summary>
    Fixed,

    /// <summary>Bound to an address with IP_BIND_ADDRESS_NO_PORT.</summary>
    AddressOnly,

    /// <summary>Bound to an address and port 0.</summary>
    Zero,

    /// <summary>A socket that there is already.</summary>
    Present,
}

/// <summary>A client that connects to a server, which accepts.</summary>
internal sealed record ClientTemplate(NewSocket Socket, ClientBinding Source, BindPoint Point, int Target, int Way, BindAddress? Odd,
    bool IsAccepted) : StepTemplate;

/// <summary>Bytes from one end of a connection to the other.</summary>
internal sealed record TransferTemplate(int Pair, bool IsFromPeer, int Bytes, bool IsRead, DatagramTarget? To) : StepTemplate;

/// <summary>Where a datagram goes.</summary>
internal sealed record DatagramTarget(int Way, int PortSlot, BindAddress? Odd);

/// <summary>How an end of a connection is given up.</summary>
internal enum CloseWay
{
    /// <summary>close(2).</summary>
    Close,

    /// <summary>SO_LINGER 0 and close(2).</summary>
    Abort,

    /// <summary>shutdown(SHUT_WR).</summary>
    ShutWrite,

    /// <summary>shutdown(SHUT_RD).</summary>
    ShutRead,

    /// <summary>shutdown(SHUT_RDWR).</summary>
    ShutBoth,

    /// <summary>connect(AF_UNSPEC).</summary>
    Disconnect,
}

/// <summary>The end of a connection, from either side, in any order.</summary>
internal sealed record ConnectionEndTemplate(int Pair, (bool IsPeer, CloseWay Ending)[] Endings) : StepTemplate;

/// <summary>The end of any socket.</summary>
internal sealed record SocketEndTemplate(int Who, bool IsListener, CloseWay Ending) : StepTemplate;

/// <summary>An option of a socket that there is.</summary>
internal sealed record OptionChangeTemplate(int Who, OptionSetting Option) : StepTemplate;

/// <summary>A call that is often wrong where it comes.</summary>
internal enum ArbitraryCall
{
    /// <summary>bind.</summary>
    Bind,

    /// <summary>listen.</summary>
    Listen,

    /// <summary>connect.</summary>
    Connect,

    /// <summary>accept.</summary>
    Accept,

    /// <summary>send.</summary>
    Send,

    /// <summary>receive.</summary>
    Receive,

    /// <summary>Any <see cref="CloseWay"/>.</summary>
    End,
}

/// <summary>One call on any name, whether it makes sense or not.</summary>
internal sealed record ArbitraryCallTemplate(ArbitraryCall Call, int Who, bool IsAnyName, BindPoint Point, int Way, BindAddress? Odd,
    CloseWay Ending) : StepTemplate;

/// <summary>A sysctl in between.</summary>
internal sealed record SysctlTemplate(SysctlStep Step) : StepTemplate;

/// <summary>A wait.</summary>
internal sealed record WaitTemplate(decimal Seconds) : StepTemplate;
