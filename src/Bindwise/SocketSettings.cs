using Bindwise.Model.Targets;

namespace Bindwise;

/// <summary>
/// The options of a listening socket. Each is set before bind() and read back after it; nothing else is set, and null keeps the system's
/// default. (.NET's own sockets set SO_REUSEADDR at every TCP bind, and SO_REUSEPORT as well if you set ReuseAddress.)
/// </summary>
public sealed record SocketSettings
{
    /// <summary>How servers should bind: SO_REUSEADDR for TCP on Unix, a backlog of 512.</summary>
    public static SocketSettings Default { get; } = new();

    /// <summary>
    /// SO_REUSEADDR (socket(7)): binds over TIME_WAIT. Null: on for TCP on Unix; off for UDP (where it would share the port) and on Windows
    /// (where it would take a port over).
    /// </summary>
    public bool? ReuseAddress { get; init; }

    /// <summary>SO_REUSEPORT (socket(7)): several sockets of one user share the port. Not on Windows.</summary>
    public bool ReusePort { get; init; }

    /// <summary>
    /// IPV6_V6ONLY (ipv6(7)) of IPv6 sockets: true leaves IPv4 alone, false covers both; null: the system's default (net.ipv6.bindv6only).
    /// </summary>
    public bool? V6Only { get; init; }

    /// <summary>How many connections may wait for accept() (listen(2)), 1 or more; the system limits it to net.core.somaxconn.</summary>
    public int Backlog { get; init; } = 512;

    /// <summary>The interface to bind the socket to (SO_BINDTODEVICE, Linux only); null for none.</summary>
    public string? Device
    {
        get;
        [SupportedOSPlatform("linux")]
        init;
    }

    /// <summary>IP_FREEBIND (ip(7), Linux only): binds an address that no interface has yet.</summary>
    public bool Freebind
    {
        get;
        [SupportedOSPlatform("linux")]
        init;
    }

    /// <summary>
    /// The permissions of a UNIX socket's file, set between bind() and listen(), so that nobody connects under others: who may write may
    /// connect (unix(7)). Null: what the process's umask leaves of 0777. Only for a path, and not on Windows.
    /// </summary>
    public UnixFileMode? UnixFileMode { get; init; }

    /// <summary>
    /// SO_EXCLUSIVEADDRUSE on Windows: no other program can take the port over. No effect elsewhere, where none can anyway.
    /// </summary>
    public bool ExclusiveAddressUse { get; init; } = true;

    /// <summary>What is set, in the words of a question: nothing is left open.</summary>
    internal ProgramOptions ToOptions(Transports transport) => new()
    {
        ReuseAddress = ReuseAddress ?? (transport == Transports.Tcp && !OperatingSystem.IsWindows()),
        ReusePort = ReusePort,
        V6Only = V6Only,
        Device = Device,
        Freebind = Freebind,
        Api = SocketApi.Bindwise,
    };
}
