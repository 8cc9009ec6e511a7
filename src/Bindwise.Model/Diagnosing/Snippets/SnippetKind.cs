
namespace Bindwise.Model.Diagnosing.Snippets;

/// <summary>What a remedy asks of a program's code, whatever its language.</summary>
internal enum SnippetKind : byte
{
    /// <summary>SO_REUSEADDR before bind(), TCP.</summary>
    ReuseAddress,

    /// <summary>SO_REUSEPORT before bind(), TCP.</summary>
    ReusePort,

    /// <summary>SO_REUSEADDR before bind(), UDP.</summary>
    ReuseAddressOfDatagrams,

    /// <summary>SO_REUSEPORT before bind(), UDP.</summary>
    ReusePortOfDatagrams,

    /// <summary>IPV6_V6ONLY on, so that [::] leaves IPv4 alone.</summary>
    SetV6Only,

    /// <summary>IPV6_V6ONLY off, so that the socket takes IPv4 too.</summary>
    ClearV6Only,

    /// <summary>IP_BIND_ADDRESS_NO_PORT before a client's bind(address, 0).</summary>
    BindAddressNoPort,

    /// <summary>Keep a listening socket from the programs that the server starts.</summary>
    CloseOnExec,

    /// <summary>Wait for the peer's end, with a time limit, and close after it.</summary>
    CloseLast,

    /// <summary>Close when read() tells the end of the stream.</summary>
    CloseAfterEnd,

    /// <summary>Remove a left-over socket file before bind().</summary>
    UnlinkBeforeBind,

    /// <summary>On SIGTERM close the listener, finish, and exit.</summary>
    EndOnSigterm,

    /// <summary>Use connections again instead of opening new ones.</summary>
    KeepAlive,
}
