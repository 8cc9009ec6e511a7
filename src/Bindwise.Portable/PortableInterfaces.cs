using System.Collections.Immutable;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;

namespace Bindwise.Portable;

/// <summary>The interfaces with their addresses, as .NET lists them.</summary>
internal static class PortableInterfaces
{
    public static ImmutableArray<InterfaceRecord> Read(List<string> notes)
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces().Select(RecordOf)];
        }
        catch (Exception e) when (e is NetworkInformationException or PlatformNotSupportedException)
        {
            notes.Add("the interfaces could not be read: " + e.Message.ReplaceLineEndings(" "));
            return [];
        }
    }

    private static InterfaceRecord RecordOf(NetworkInterface link)
    {
        var properties = link.GetIPProperties();
        return new InterfaceRecord
        {
            Index = IndexOf(link, properties),
            Name = link.Name,
            IsUp = link.OperationalStatus == OperationalStatus.Up,
            Addresses = [.. properties.UnicastAddresses.Select(static u => new InterfaceAddress(
                IpAddress.FromBytes(u.Address.GetAddressBytes()),
                u.PrefixLength,
                OperatingSystem.IsWindows() && u.DuplicateAddressDetectionState == DuplicateAddressDetectionState.Tentative,
                OperatingSystem.IsWindows() && u.DuplicateAddressDetectionState == DuplicateAddressDetectionState.Duplicate))],
        };
    }

    /// <summary>0 for an interface of neither family.</summary>
    private static uint IndexOf(NetworkInterface link, IPInterfaceProperties properties)
    {
        if (link.Supports(NetworkInterfaceComponent.IPv6) && Socket.OSSupportsIPv6)
            return (uint)properties.GetIPv6Properties().Index;
        return link.Supports(NetworkInterfaceComponent.IPv4) ? (uint)properties.GetIPv4Properties().Index : 0;
    }
}
