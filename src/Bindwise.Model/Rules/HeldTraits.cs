using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;

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
            TcpState.Listen => HeldKind.Listening,
            TcpState.TimeWait => HeldKind.TimeWait,
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
