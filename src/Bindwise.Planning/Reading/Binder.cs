namespace Bindwise.Planning.Reading;

/// <summary>What a kind of program does to its sockets before bind(), each by its source.</summary>
/// <param name="UserId">The user that makes the socket. Who shares a port by SO_REUSEPORT has to be the same one.</param>
/// <param name="ReuseAddressOnUdp">It sets SO_REUSEADDR on UDP sockets as well. On TCP nearly all do, and
/// between two listeners it changes nothing.</param>
internal sealed record Binder(uint UserId, bool ReuseAddressOnUdp = false, bool ReusePort = false)
{
    private const uint Root = 0;
    private const uint Somebody = 1000;

    /// <summary>dockerd, as root, through Go's net package, which sets SO_REUSEADDR on TCP listeners alone.</summary>
    public static Binder Engine { get; } = new(Root);

    /// <summary>systemd (socket_address_listen(), src/shared/socket-util or socket-label.c) sets SO_REUSEADDR on every socket.</summary>
    public static Binder Systemd { get; } = new(Root, ReuseAddressOnUdp: true);

    /// <summary>nginx (ngx_open_listening_sockets()) sets SO_REUSEADDR on every socket.</summary>
    public static Binder Nginx { get; } = new(Root, ReuseAddressOnUdp: true);

    /// <summary>haproxy (tcp_bind_listener()) sets SO_REUSEADDR and, unless <c>noreuseport</c> is given, SO_REUSEPORT.</summary>
    public static Binder Haproxy { get; } = new(Root, ReuseAddressOnUdp: true, ReusePort: true);

    public static Binder Program { get; } = new(Somebody);

    public BindRequest Bind(Protocol protocol, IpAddress address, int port, bool? v6Only = null) => new()
    {
        Protocol = protocol,
        Address = address,
        Port = (ushort)Math.Clamp(port, 0, ushort.MaxValue),
        UserId = UserId,
        ReuseAddress = protocol == Protocol.Tcp || ReuseAddressOnUdp,
        ReusePort = ReusePort,
        V6Only = address.Family == IpFamily.IPv6 ? v6Only : null,
    };

    public ImmutableArray<BindRequest> EachWildcard(Protocol protocol, int port) =>
        [Bind(protocol, IpAddress.AnyIPv4, port), Bind(protocol, IpAddress.AnyIPv6, port, v6Only: true)];

    /// <summary>One socket for every address of both families.</summary>
    public ImmutableArray<BindRequest> DualStack(Protocol protocol, int port) => [Bind(protocol, IpAddress.AnyIPv6, port, v6Only: false)];

    public ImmutableArray<BindRequest> EachLoopback(Protocol protocol, int port) =>
        [Bind(protocol, IpAddress.LoopbackIPv4, port), Bind(protocol, IpAddress.LoopbackIPv6, port, v6Only: true)];

    /// <summary>
    /// The binds of a host as a program's option names it: an address, localhost, or a name; null for a name that only a lookup would tell.
    /// </summary>
    public ImmutableArray<BindRequest>? OfHost(Protocol protocol, string host, int port)
    {
        var name = host.Trim('[', ']');
        if (name is "" or "*" or "+" or "::")
            return DualStack(protocol, port);
        if (name.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            return EachLoopback(protocol, port);
        return IpAddress.TryParse(name, out var address) ? [Bind(protocol, address, port)] : null;
    }

    public BindRequest Unix(string path) => new() { Protocol = Protocol.Unix, Path = path, UserId = UserId };
}
