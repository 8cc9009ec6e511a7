namespace Bindwise.Model.Rules;

/// <summary>What bind() checks before it looks for conflicts, in the kernel's order (__inet_bind, __inet6_bind).</summary>
internal static class AddressRules
{
    /// <summary>LOOPBACK_IFINDEX (include/net/flow.h).</summary>
    public const uint LoopbackIndex = 1;

    /// <summary>The first error that bind() meets before the conflict check; null when it gets that far.</summary>
    public static Refusal? FirstError(in AddressQuestion question, BindEnvironment around)
    {
        if (ErrorBeforeAddress(question, around) is { } early)
            return early;
        return question.SocketFamily == IpFamily.IPv6
            ? AddressErrorIPv6(question, around)
            : NotLocalIPv4(question.Want.Address, question, around) ?? Privilege(question, around) ?? Taken(question);
    }

    /// <summary>The errors that come before the address is looked at: on IPv6 nearly all of them.</summary>
    public static Refusal? ErrorBeforeAddress(in AddressQuestion question, BindEnvironment around)
    {
        if (question.Want.Address.Family != question.SocketFamily)
        {
            // A sockaddr_in is too short for IPv6, and IPv4 reads the family of a sockaddr_in6.
            return new(question.SocketFamily == IpFamily.IPv6 ? "EINVAL" : "EAFNOSUPPORT", RuleBook.WrongFamily);
        }
        if (question.SocketFamily == IpFamily.IPv4)
            return null;
        return question.Want is { Address.IsMulticast: true, Protocol: Protocol.Tcp }
            ? new("EINVAL", RuleBook.MulticastOnTcpIPv6)
            : Privilege(question, around) ?? Taken(question);
    }

    /// <summary>The interface that a name or number means; 0 when there is none.</summary>
    public static uint DeviceIndexOf(string nameOrNumber, ImmutableArray<InterfaceRecord> interfaces) => interfaces.FirstOrDefault(
        link => link.Name == nameOrNumber || link.Index.ToString(CultureInfo.InvariantCulture) == nameOrNumber)?.Index ?? 0;

    /// <summary>fe80::/10, and multicast of interface or link scope (__ipv6_addr_needs_scope_id()).</summary>
    internal static bool NeedsScope(IpAddress address) => address.IsLinkLocal
        || (address.IsMulticast && (uint)((address.Bits >> 112) & 0xf) is 1 or 2);

    /// <summary>The port needs a privilege that the caller lacks (inet_port_requires_bind_service).</summary>
    private static Refusal? Privilege(in AddressQuestion question, BindEnvironment around)
    {
        if (question.Want.Port == 0 || question.Want.Port >= around.Settings.FirstUnprivilegedPort)
            return null;
        return question.MayBindPrivileged switch
        {
            Fact.Yes => null,
            Fact.No => new("EACCES", RuleBook.PrivilegedPort),
            _ => new(null, RuleBook.PrivilegedPort),
        };
    }

    /// <summary>A socket is bound once (sk_state, inet_num).</summary>
    private static Refusal? Taken(in AddressQuestion question) => question.IsTaken ? new("EINVAL", RuleBook.BoundAlready) : null;

    private static Refusal? AddressErrorIPv6(in AddressQuestion question, BindEnvironment around)
    {
        var address = question.Want.Address;
        if (address.IsAny)
            return null;
        if (address.IsMapped && question.Want.V6Only)
            return new("EINVAL", RuleBook.MappedOnV6Only);
        if (NeedsScope(address) && question.DeviceIndex == 0)
            return new("EINVAL", RuleBook.LinkLocalNeedsScope);
        if (question.DeviceIndex == AddressQuestion.NoInterface)
            return new("ENODEV", RuleBook.NoSuchDevice);
        if (address.AsIPv4 is { } mapped)
            return NotLocalIPv4(mapped, question, around);
        return question.TakesForeign || IsLocalIPv6(address, question.DeviceIndex, around) ? null
            : new("EADDRNOTAVAIL", RuleBook.AddressNotLocalIPv6);
    }

    /// <summary>
    /// A network namespace, or a VRF, that never had an IPv4 address has no table of local ones, and the kernel then takes any
    /// (inet_addr_type_table()); whether it ever had one is not to be read.
    /// </summary>
    private static Refusal? NotLocalIPv4(IpAddress address, in AddressQuestion question, BindEnvironment around)
    {
        var vrf = around.VrfOf(question.Want.DeviceIndex);
        if (question.TakesForeign || IsLocalIPv4(address, vrf, around))
            return null;
        return around.Interfaces.Any(i => i.VrfIndex == vrf && i.Addresses.Any(static a => a.Address.Family == IpFamily.IPv4))
            ? new("EADDRNOTAVAIL", RuleBook.AddressNotLocal)
            : new(null, RuleBook.AddressNotLocal);
    }

    /// <summary>
    /// inet_addr_valid_or_nonlocal(): the wildcard, multicast, broadcast, an address of an interface of the VRF, or the sysctl. The routes
    /// tell best, where they were asked: those outside of all VRFs.
    /// </summary>
    private static bool IsLocalIPv4(IpAddress address, uint vrf, BindEnvironment around)
    {
        if (address.IsAny || address.IsMulticast || address.IsBroadcast || around.Settings.NonLocalBindIPv4 == true)
            return true;
        foreach (var fact in around.AddressFacts)
        {
            if (vrf == 0 && fact.Address == address && fact.Kind != AddressKind.Unknown)
                return fact.Kind != AddressKind.Elsewhere;
        }
        foreach (var link in around.Interfaces)
        {
            if (link.VrfIndex != vrf)
                continue;
            foreach (var own in link.Addresses)
            {
                if (own.Address.Family == IpFamily.IPv4 && IsLocalOn(address, own, link.IsUp))
                    return true;
            }
        }
        return false;
    }

    /// <summary>
    /// Loopback owns its whole prefix; any other interface its address, and its broadcast address while it is up. The route of an address
    /// of one's own outlives the interface's going down (fib_add_ifaddr(), fib_disable_ip()).
    /// </summary>
    private static bool IsLocalOn(IpAddress address, InterfaceAddress own, bool isUp) =>
        address == own.Address || (isUp && address == own.Broadcast)
            || (own is { Address.IsLoopback: true, PrefixLength: >= 1 and <= 30 and var length }
                && address.Bits >> (32 - length) == own.Address.Bits >> (32 - length));

    /// <summary>
    /// ipv6_chk_addr(): the address stands on an interface of the VRF, one of link or host scope on the bound one, and is not tentative.
    /// </summary>
    private static bool IsLocalIPv6(IpAddress address, uint deviceIndex, BindEnvironment around)
    {
        if (address.IsMulticast || around.Settings.NonLocalBindIPv6 == true)
            return true;
        var vrf = around.VrfOf(deviceIndex);
        var isBoundToOne = deviceIndex != 0 && (address.IsLinkLocal || address.IsLoopback);
        foreach (var link in around.Interfaces)
        {
            if (link.VrfIndex != vrf || (isBoundToOne && link.Index != deviceIndex))
                continue;
            foreach (var own in link.Addresses)
            {
                if (own.Address == address && !own.IsTentative && !own.IsDuplicate)
                    return true;
            }
        }
        return false;
    }
}

/// <summary>What bind() checks before the conflicts: the socket, and what was done with it so far.</summary>
/// <param name="Want">The asking socket; its device is that of SO_BINDTODEVICE.</param>
/// <param name="IsTaken">It has a port already, or is not in state CLOSE.</param>
/// <param name="TakesForeign">IP_FREEBIND or IP_TRANSPARENT is set.</param>
/// <param name="Scope">The interface that sin6_scope_id names: 0 for none; <see cref="NoInterface"/> for one that does not exist.</param>
/// <param name="MayBindPrivileged">CAP_NET_BIND_SERVICE.</param>
internal readonly record struct AddressQuestion(
    AskingSocket Want,
    IpFamily SocketFamily,
    bool IsTaken,
    bool TakesForeign,
    uint Scope,
    Fact MayBindPrivileged)
{
    public const uint NoInterface = uint.MaxValue;

    /// <summary>The interface the address is looked for on: the scope of a link-local address overwrites the bound device.</summary>
    public uint DeviceIndex => Scope != 0 && AddressRules.NeedsScope(Want.Address) ? Scope : Want.DeviceIndex;
}

/// <summary>When two sockets' local addresses meet.</summary>
internal static class AddressOverlap
{
    /// <summary>
    /// Whether an asking socket meets a held one: TCP with a specific address looks at fewer sockets (inet_use_hash2_on_bind).
    /// </summary>
    public static bool Exists(in AskingSocket want, in BoundAddress held) =>
        want.Protocol == Protocol.Tcp && !want.Address.IsWildcard && want.Kernel.Has(KernelChanges.AddressTable)
            ? MeetsSpecificTcp(want.Address, held, want.Kernel)
            : ReceiveAlike(want.Bound, held, otherCovers: true);

    /// <summary>
    /// Whether two addresses receive for each other; a wildcard of the first always counts (match_sk1_wildcard). Source:
    /// ipv4_rcv_saddr_equal(), ipv6_rcv_saddr_equal(), net/ipv4/inet_connection_sock.c.
    /// </summary>
    /// <param name="one">The socket that asks (sk).</param>
    /// <param name="other">The other one (sk2).</param>
    /// <param name="otherCovers">A wildcard of the second counts (match_sk2_wildcard).</param>
    public static bool ReceiveAlike(in BoundAddress one, in BoundAddress other, bool otherCovers)
    {
        if (one.Family == IpFamily.IPv4 || (one.Address.IsMapped && other.IsIPv4OrMapped))
        {
            var (view, otherView) = (one.IPv4View, other.IPv4View);
            return !other.V6Only && (view == otherView || view.IsAny || (otherCovers && otherView.IsAny));
        }
        if (one.IsAnyIPv6 && other.IsAnyIPv6)
            return true;
        if (otherCovers && other.IsAnyIPv6 && !(other.V6Only && one.Address.IsMapped))
            return true;
        if (one.IsAnyIPv6 && !(one.V6Only && other.IsIPv4OrMapped))
            return true;
        return other.Address == one.Address;
    }

    /// <summary>Its own address, and the wildcards of its kind (inet_bhash2_addr_any_conflict(), __inet_bhash2_conflict()).</summary>
    private static bool MeetsSpecificTcp(IpAddress want, in BoundAddress held, KernelRelease kernel)
    {
        var wantsIPv4 = want.AsIPv4 is not null;
        // Even at a mapped address: one may be bound to it and get a port only after IPV6_V6ONLY was set.
        if (held.V6Only && wantsIPv4)
            return false;
        if (held.IsAnyIPv6)
            return true;
        if (want.IsMapped && held is { Family: IpFamily.IPv6, Address.IsWildcard: true }
            && !kernel.Has(KernelChanges.MappedWildcardMeetsMapped))
            return false;
        return wantsIPv4 && held.Address.AsIPv4 is { } view ? view.IsAny || view == want.AsIPv4 : held.Address == want;
    }
}

/// <summary>A socket's local address as the overlap functions read it: with its family and effective IPV6_V6ONLY.</summary>
/// <param name="Address">sk_rcv_saddr or sk_v6_rcv_saddr.</param>
/// <param name="V6Only">The effective IPV6_V6ONLY; false on IPv4.</param>
internal readonly record struct BoundAddress(IpFamily Family, IpAddress Address, bool V6Only)
{
    /// <summary>What the kernel writes as the IPv4 view of a v6 socket with a native address (LOOPBACK4_IPV6).</summary>
    private static readonly IpAddress NativeIPv4View = new(IpFamily.IPv4, 0x7f000006);

    /// <summary>An IPv4 socket, or a v6 one on a v4-mapped address.</summary>
    public bool IsIPv4OrMapped => Family == IpFamily.IPv4 || Address.IsMapped;

    /// <summary>A v6 socket on <c>::</c>.</summary>
    public bool IsAnyIPv6 => Family == IpFamily.IPv6 && Address.IsAny;

    /// <summary>sk_rcv_saddr, which v6 sockets carry too: <c>::</c> as 0.0.0.0, a native address as 127.0.0.6.</summary>
    public IpAddress IPv4View => Address.AsIPv4 ?? (Address.IsAny ? IpAddress.AnyIPv4 : NativeIPv4View);
}
