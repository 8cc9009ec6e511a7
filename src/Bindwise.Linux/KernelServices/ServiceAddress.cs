using System.Globalization;
using Bindwise.Model.Addresses;

namespace Bindwise.Linux.KernelServices;

/// <summary>An address with its port as the kernel's files write them: <c>10.0.0.1:3260</c>, <c>[::]:3260</c>.</summary>
internal static class ServiceAddress
{
    internal static bool TryParse(string text, out IpEndpoint endpoint)
    {
        endpoint = default;
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return false;
        var host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        if (!IpAddress.TryParse(host, out var address))
            return false;
        endpoint = new IpEndpoint(address, port);
        return true;
    }
}
