using System.Globalization;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Rules;

/// <summary>What bind() checks before it looks for conflicts, in the kernel's order (__inet_bind, __inet6_bind).</summary>
internal static class AddressRules
{
    /// <summary>The first error that bind() meets before the conflict check; null when it gets that far.</summary>
    public static Decision? FirstError(BindRequest request, in AskingSocket want, Snapshot snapshot)
    {
        var isIPv6 = request.Address.Family == IpFamily.IPv6;
        if (isIPv6 ? !snapshot.Settings.HasIPv6 : !snapshot.Settings.HasIPv4)
            return Decision.Block("EAFNOSUPPORT", RuleBook.FamilyNotSupported);
        if (request.Device is not null && DeviceIndexOf(request.Device, snapshot) == 0)
            return Decision.Block("ENODEV", RuleBook.NoSuchDevice);
        return isIPv6 ? FirstErrorIPv6(request, want, snapshot) : FirstErrorIPv4(request, want, snapshot);
    }

    /// <summary>The interface that a name or number means; 0 when there is none.</summary>
    public static uint DeviceIndexOf(string nameOrNumber, Snapshot snapshot)
    {
        foreach (var link in snapshot.Interfaces)
        {
            if (link.Name == nameOrNumber || link.Index.ToString(CultureInfo.InvariantCulture) == nameOrNumber)
                return link.Index;
        }
        return 0;
    }

    /// <summary>The port needs a privilege that the caller lacks (inet_port_requires_bind_service).</summary>
    public static Decision? Privilege(BindRequest request, Snapshot snapshot)
    {
        if (request.Port == 0 || request.Port >= (snapshot.Settings.UnprivilegedPortStart ?? 1024))
            return null;
        return snapshot.Caller.MayBindPrivilegedPorts switch
        {
            Fact.Yes => null,
            Fact.No => Decision.Block("EACCES", RuleBook.PrivilegedPort),
            _ => Decision.Unsettled(RuleBook.PrivilegedPort),
        };
    }

    private static Decision? FirstErrorIPv4(BindRequest request, in AskingSocket want, Snapshot snapshot) =>
        NotLocalIPv4(want.Address, snapshot) ?? Privilege(request, snapshot);

    private static Decision? FirstErrorIPv6(BindRequest request, in AskingSocket want, Snapshot snapshot)
    {
        if (want.Address.IsMulticast && want.Protocol == Protocol.Tcp)
            return Decision.Block("EINVAL", RuleBook.MulticastOnTcpIPv6);
        if (Privilege(request, snapshot) is { } refused)
            return refused;
        if (want.Address.IsAny)
            return null;
        if (want.Address.AsIPv4 is { } mapped)
        {
            if (want.V6Only)
                return Decision.Block("EINVAL", RuleBook.MappedOnV6Only);
            return NotLocalIPv4(mapped, snapshot);
        }
        if (NeedsScope(want.Address))
        {
            if (request.Scope is null && request.Device is null)
                return Decision.Block("EINVAL", RuleBook.LinkLocalNeedsScope);
            if (want.DeviceIndex == 0)
                return Decision.Block("ENODEV", RuleBook.NoSuchDevice);
        }
        return IsLocalIPv6(want, snapshot) ? null : Decision.Block("EADDRNOTAVAIL", RuleBook.AddressNotLocalIPv6);
    }

    /// <summary>fe80::/10, and multicast of interface or link scope (__ipv6_addr_needs_scope_id()).</summary>
    internal static bool NeedsScope(IpAddress address) => address.IsLinkLocal
        || (address.Family == IpFamily.IPv6 && address.IsMulticast && (uint)((address.Bits >> 112) & 0xf) is 1 or 2);

    /// <summary>
    /// A network namespace that never had an IPv4 address has no table of local ones, and the kernel then takes any
    /// (inet_addr_type_table()); whether it ever had one is not to be read.
    /// </summary>
    private static Decision? NotLocalIPv4(IpAddress address, Snapshot snapshot)
    {
        if (IsLocalIPv4(address, snapshot))
            return null;
        return snapshot.Interfaces.Any(static i => i.Addresses.Any(static a => a.Address.Family == IpFamily.IPv4))
            ? Decision.Block("EADDRNOTAVAIL", RuleBook.AddressNotLocal)
            : Decision.Unsettled(RuleBook.AddressNotLocal);
    }

    /// <summary>inet_addr_valid_or_nonlocal(): the wildcard, multicast, broadcast, an address of an interface, or the sysctl. The routes tell best, where they were asked.</summary>
    private static bool IsLocalIPv4(IpAddress address, Snapshot snapshot)
    {
        if (address.IsAny || address.IsMulticast || address.Bits == 0xffffffff || snapshot.Settings.NonLocalBindIPv4 == true)
            return true;
        if (snapshot.AddressFacts.FirstOrDefault(f => f.Address == address) is { Kind: not AddressKind.Unknown } fact)
            return fact.Kind != AddressKind.Elsewhere;
        foreach (var link in snapshot.Interfaces)
        {
            foreach (var own in link.Addresses)
            {
                if (own.Address.Family == IpFamily.IPv4 && IsLocalOn(address, own, link.IsUp))
                    return true;
            }
        }
        return false;
    }

    /// <summary>
    /// Loopback owns its whole prefix; any other interface its address, and its broadcast address while it is up.
    /// The route of an address of one's own outlives the interface's going down (fib_add_ifaddr(), fib_disable_ip()).
    /// </summary>
    private static bool IsLocalOn(IpAddress address, InterfaceAddress own, bool isUp)
    {
        if (address == own.Address)
            return true;
        if (own.PrefixLength is < 1 or > 30)
            return false;
        var hostBits = ((UInt128)1 << (32 - own.PrefixLength)) - 1;
        if ((address.Bits & ~hostBits) != (own.Address.Bits & ~hostBits))
            return false;
        var host = address.Bits & hostBits;
        return own.Address.IsLoopback || (isUp && host == hostBits);
    }

    /// <summary>ipv6_chk_addr(): the address stands on an interface, one of link or host scope on the bound one, and is not tentative.</summary>
    private static bool IsLocalIPv6(in AskingSocket want, Snapshot snapshot)
    {
        if (want.Address.IsMulticast || snapshot.Settings.NonLocalBindIPv6 == true)
            return true;
        var isBoundToOne = want.DeviceIndex != 0 && (want.Address.IsLinkLocal || want.Address.IsLoopback);
        foreach (var link in snapshot.Interfaces)
        {
            if (isBoundToOne && link.Index != want.DeviceIndex)
                continue;
            foreach (var own in link.Addresses)
            {
                if (own.Address == want.Address && !own.IsTentative && !own.IsDuplicate)
                    return true;
            }
        }
        return false;
    }
}
