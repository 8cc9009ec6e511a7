using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Targets;

namespace Bindwise.Portable;

/// <summary>What this host makes of the names that a target uses.</summary>
internal static class PortableNames
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>Service and host names of a target; empty where it has none.</summary>
    /// <exception cref="PortableInspectionException">Nobody knows the name.</exception>
    public static ImmutableArray<NameLookup> LookUp(Target target)
    {
        var names = ImmutableArray.CreateBuilder<NameLookup>();
        if (target.Service is { } service)
        {
            var port = ServicesFile.FindPort(service, target.Protocol)
                ?? throw new PortableInspectionException($"unknown service '{service}': give its port number, or a name from the system's services file");
            names.Add(new NameLookup(NameKind.Service, service, [], port));
        }
        if (target is { Protocol: not Protocol.Unix, Address: null, Host: { } host and not ("*" or "+") })
        {
            var addresses = AddressesOf(host);
            if (addresses.IsEmpty)
                throw new PortableInspectionException($"unknown host '{host}': give an address, or a name that this host can resolve");
            names.Add(new NameLookup(NameKind.Host, host, addresses));
        }
        return names.ToImmutable();
    }

    private static ImmutableArray<IpAddress> AddressesOf(string host)
    {
        try
        {
            using var limit = new CancellationTokenSource(LongestWait);
            return [.. Dns.GetHostAddressesAsync(host, limit.Token).GetAwaiter().GetResult().Select(static a => IpAddress.FromBytes(a.GetAddressBytes())).Distinct()];
        }
        catch (Exception e) when (e is SocketException or ArgumentException or OperationCanceledException)
        {
            return [];
        }
    }
}
