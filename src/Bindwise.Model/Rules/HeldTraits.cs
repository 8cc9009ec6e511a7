namespace Bindwise.Model.Rules;

/// <summary>
/// All that the conflict rules read of a held socket, and nothing else: two sockets with equal traits are in the way alike, so a port's
/// bucket keeps them as one.
/// </summary>
/// <param name="Address">The local address, in the socket's family.</param>
/// <param name="Kind">The state, as far as it matters.</param>
/// <param name="DeviceIndex">The bound interface; 0 for none.</param>
/// <param name="V6Only">The effective IPV6_V6ONLY.</param>
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

    /// <summary>The same for every specific address of a kind: all that a wildcard can tell apart.</summary>
    public HeldTraits AsSeenByWildcards => Address.IsWildcard ? this : this with { Address = Address.Loopback };
}

/// <summary>A held socket's options, taken as known.</summary>
/// <param name="V6Only">The effective IPV6_V6ONLY.</param>
internal readonly record struct HeldFacts(bool ReuseAddress, bool ReusePort, bool V6Only, bool SameUser);

/// <summary>
/// What is known of a held socket. What is not is tried both ways: a ruling that all completions share is definite, and learning a fact can
/// never overturn it.
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
        Add(held.UserId is not { } user ? Fact.Unknown : Fact.Of(user == askingUser), 8, ref _on, ref _off);
    }

    /// <summary>Nothing is unknown: there is one completion.</summary>
    public bool AreComplete => (_on | _off) == Completions - 1;

    /// <summary>The facts, where nothing is unknown.</summary>
    public HeldFacts Facts => FactsOf(_on);

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
