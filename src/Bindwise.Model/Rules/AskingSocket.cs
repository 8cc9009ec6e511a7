namespace Bindwise.Model.Rules;

/// <summary>The socket that asks, as the kernel's functions see it: names resolved, defaults applied.</summary>
/// <param name="Address">The address that bind() names.</param>
/// <param name="Port">The port that bind() names.</param>
/// <param name="V6Only">The effective IPV6_V6ONLY: bind() switches it on for a native IPv6 address. False on IPv4.</param>
/// <param name="DeviceIndex">The bound interface; 0 for none.</param>
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

    /// <summary>Both are bound to an interface, each to its own.</summary>
    public bool IsOnOtherDevice(in HeldTraits held) => DeviceIndex != 0 && held.DeviceIndex != 0 && DeviceIndex != held.DeviceIndex;

    /// <summary>Applies what bind() applies: the system's default and the rule for native IPv6 addresses (__inet6_bind).</summary>
    /// <param name="bindV6Only">net.ipv6.bindv6only.</param>
    /// <param name="deviceIndex">The interface that device or scope name; 0 for none.</param>
    public static AskingSocket From(BindRequest request, bool bindV6Only, uint deviceIndex, KernelRelease kernel)
    {
        var v6Only = request.Address.IsNativeIPv6 || (request.Address.Family == IpFamily.IPv6 && (request.V6Only ?? bindV6Only));
        return new(request.Protocol, request.Address, request.Port, v6Only, deviceIndex, request.ReuseAddress, request.ReusePort,
            request.UserId, kernel);
    }
}
