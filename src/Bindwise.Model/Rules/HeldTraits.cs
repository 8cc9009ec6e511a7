namespace Bindwise.Model.Rules;

/// <summary>What of a held socket's state the conflict rules tell apart.</summary>
internal enum HeldKind : byte
{
    /// <summary>Bound, connecting, connected, closing: any full socket that does not listen; every UDP socket.</summary>
    Plain,

    /// <summary>LISTEN.</summary>
    Listening,

    /// <summary>TIME_WAIT, or FIN_WAIT2 without an owner: no full socket any more (inet_timewait_sock).</summary>
    TimeWait,
}

/// <summary>
/// All that the conflict rules read of a held socket, and nothing else: two sockets with equal traits are in the way alike, so a
/// port's bucket keeps them as one.
/// </summary>
/// <param name="Family">The socket's family.</param>
/// <param name="Address">The local address, in the socket's family.</param>
/// <param name="Kind">The state, as far as it matters.</param>
/// <param name="DeviceIndex">The bound interface; 0 for none.</param>
/// <param name="V6Only">The effective IPV6_V6ONLY.</param>
/// <param name="ReuseAddress">SO_REUSEADDR.</param>
/// <param name="ReusePort">SO_REUSEPORT.</param>
/// <param name="UserId">The user that made the socket; null when not known.</param>
internal readonly record struct HeldTraits(
    IpFamily Family,
    IpAddress Address,
    HeldKind Kind,
    uint DeviceIndex,
    Fact V6Only,
    Fact ReuseAddress,
    Fact ReusePort,
    uint? UserId)
{
    /// <summary>The traits of a socket of a snapshot.</summary>
    public static HeldTraits Of(HeldSocket socket) => new(
        socket.Family,
        socket.Local.Address,
        (socket.SubflowState ?? socket.State) switch
        {
            TcpSocketState.Listen => HeldKind.Listening,
            TcpSocketState.TimeWait => HeldKind.TimeWait,
            _ => HeldKind.Plain,
        },
        socket.DeviceIndex,
        socket.Family == IpFamily.IPv4 ? Fact.No : socket.V6Only,
        socket.ReuseAddress,
        socket.ReusePort,
        socket.UserId);

    /// <summary>The local address with a given IPV6_V6ONLY.</summary>
    public BoundAddress Bound(bool v6Only) => new(Family, Address, v6Only);

    /// <summary>0.0.0.0, <c>::</c> or <c>::ffff:0.0.0.0</c>.</summary>
    public bool IsWildcard => Address.AsIPv4?.IsAny ?? Address.IsAny;

    /// <summary>The same for every specific address of a kind: all that a wildcard can tell apart.</summary>
    public HeldTraits AsSeenByWildcards => IsWildcard
        ? this
        : this with { Address = Family == IpFamily.IPv4 ? IpAddress.LoopbackIPv4 : Address.IsMapped ? IpAddress.LoopbackIPv4.AsIPv6 : IpAddress.LoopbackIPv6 };
}

/// <summary>A held socket's options, taken as known.</summary>
/// <param name="ReuseAddress">SO_REUSEADDR.</param>
/// <param name="ReusePort">SO_REUSEPORT.</param>
/// <param name="V6Only">The effective IPV6_V6ONLY.</param>
/// <param name="SameUser">The same user made both sockets.</param>
internal readonly record struct HeldFacts(bool ReuseAddress, bool ReusePort, bool V6Only, bool SameUser);

/// <summary>
/// What is known of a held socket. What is not is tried both ways: a ruling that all completions share is definite, and
/// learning a fact can never overturn it.
/// </summary>
internal readonly struct KnownFacts
{
    /// <summary>The ways in which four facts may stand.</summary>
    public const int Completions = 16;

    private readonly int _on;
    private readonly int _off;

    public KnownFacts(in HeldTraits held, uint askingUser)
    {
        Add(held.ReuseAddress, 1, ref _on, ref _off);
        Add(held.ReusePort, 2, ref _on, ref _off);
        Add(held.V6Only, 4, ref _on, ref _off);
        Add(held.UserId is not { } user ? Fact.Unknown : user == askingUser ? Fact.Yes : Fact.No, 8, ref _on, ref _off);
    }

    /// <summary>Nothing is unknown: there is one completion.</summary>
    public bool AreComplete => (_on | _off) == Completions - 1;

    /// <summary>The facts, where nothing is unknown.</summary>
    public HeldFacts Facts => FactsOf(_on);

    /// <summary>Whether a completion agrees with what is known; if so, its facts.</summary>
    public bool Allows(int completion, out HeldFacts facts)
    {
        facts = FactsOf(completion);
        return (completion & _on) == _on && (completion & _off) == 0;
    }

    private static HeldFacts FactsOf(int bits) => new((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0);

    private static void Add(Fact fact, int bit, ref int on, ref int off)
    {
        on |= fact == Fact.Yes ? bit : 0;
        off |= fact == Fact.No ? bit : 0;
    }
}

/// <summary>
/// The socket that asks, as the kernel's functions see it: names resolved, defaults applied.
/// </summary>
/// <param name="Protocol">TCP or UDP.</param>
/// <param name="Address">The address that bind() names.</param>
/// <param name="Port">The port that bind() names.</param>
/// <param name="V6Only">The effective IPV6_V6ONLY: bind() switches it on for a native IPv6 address. False on IPv4.</param>
/// <param name="DeviceIndex">The bound interface; 0 for none.</param>
/// <param name="ReuseAddress">SO_REUSEADDR.</param>
/// <param name="ReusePort">SO_REUSEPORT.</param>
/// <param name="UserId">The user that made the socket.</param>
/// <param name="Kernel">The release of Linux that is asked.</param>
internal readonly record struct AskingSocket(
    Protocol Protocol,
    IpAddress Address,
    ushort Port,
    bool V6Only,
    uint DeviceIndex,
    bool ReuseAddress,
    bool ReusePort,
    uint UserId,
    KernelRelease Kernel)
{
    /// <summary>The address as the overlap functions read it. Its family is the socket's: bind() refuses any other.</summary>
    internal BoundAddress Bound => new(Address.Family, Address, V6Only);

    /// <summary>Applies what bind() applies: the system's default and the rule for native IPv6 addresses (__inet6_bind).</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="bindV6Only">net.ipv6.bindv6only.</param>
    /// <param name="deviceIndex">The interface that device or scope name; 0 for none.</param>
    /// <param name="kernel">The release of Linux that is asked.</param>
    public static AskingSocket From(BindRequest request, bool bindV6Only, uint deviceIndex, KernelRelease kernel)
    {
        ArgumentNullException.ThrowIfNull(request);
        var isNative = request.Address.Family == IpFamily.IPv6 && !request.Address.IsAny && !request.Address.IsMapped;
        var v6Only = request.Address.Family == IpFamily.IPv6 && (isNative || (request.V6Only ?? bindV6Only));
        return new(request.Protocol, request.Address, request.Port, v6Only, deviceIndex, request.ReuseAddress, request.ReusePort, request.UserId, kernel);
    }
}
