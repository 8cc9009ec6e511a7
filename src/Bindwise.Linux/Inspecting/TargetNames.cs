using Bindwise.Linux.Names;
using Bindwise.Model.Targets;

namespace Bindwise.Linux.Inspecting;

/// <summary>What this host makes of the names that a target uses.</summary>
internal static class TargetNames
{
    private static readonly TimeSpan NameWait = TimeSpan.FromSeconds(5);

    /// <summary>Service and host names of a target; empty where it has none.</summary>
    /// <exception cref="InspectionException">Nobody knows the name.</exception>
    public static ImmutableArray<NameLookup> LookUp(Target target)
    {
        var names = ImmutableArray.CreateBuilder<NameLookup>();
        if (target.Service is { } service)
        {
            var port = ServiceNames.FindPort(service, target.Protocol)
                ?? throw new InspectionException(
                    UnknownService.Explain(service, target.Protocol, ServiceNames.FindPort, "/etc/services"));
            names.Add(new NameLookup(NameKind.Service, service, [], port));
        }
        if (target is { Protocol: not Protocol.Unix, Address: null, Host: { } host and not ("*" or "+") })
            names.Add(LookUpHost(host));
        if (target.Destination is { Address: null, Host: var there })
            names.Add(LookUpHost(there));
        return names.ToImmutable();
    }

    private static NameLookup LookUpHost(string host)
    {
        var addresses = HostNames.Find(host, NameWait);
        return addresses.IsEmpty
            ? throw new InspectionException($"unknown host '{host}': give an address, or a name that this host can resolve")
            : new NameLookup(NameKind.Host, host, addresses);
    }
}
