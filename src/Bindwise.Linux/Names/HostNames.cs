using System.Collections.Immutable;
using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Linux.Text;
using Bindwise.Model.Addresses;

namespace Bindwise.Linux.Names;

/// <summary>Finds the addresses of a host name. An address in digits is no name: callers keep it as it is.</summary>
internal static class HostNames
{
    /// <summary>The longest name that the resolver takes (NI_MAXHOST).</summary>
    internal const int MaximumNameLength = 1025;

    /// <summary>Looks the name up, waiting at most so long.</summary>
    /// <returns>
    /// The addresses in the resolver's order; empty when the name is unknown or the answer took too long.
    /// <c>localhost</c> is answered from /etc/hosts, else as RFC 6761 §6.3 says, and never asks the network.
    /// </returns>
    internal static ImmutableArray<IpAddress> Find(string name, TimeSpan maximumWait)
    {
        if (name.Length is 0 or > MaximumNameLength || name.Contains('\0', StringComparison.Ordinal))
            return [];
        if (IsLocalhost(name))
        {
            var listed = FindListed(ConfigurationFile.Read("/etc/hosts\0"u8), "localhost");
            return listed.IsEmpty ? [IpAddress.LoopbackIPv6, IpAddress.LoopbackIPv4] : listed;
        }
        ImmutableArray<IpAddress> addresses = [];
        var resolver = new Thread(() => addresses = AddressInfoCall.Resolve(name)) { IsBackground = true, Name = "resolver" };
        resolver.Start();
        return resolver.Join(maximumWait) ? addresses : [];
    }

    /// <summary>The name's addresses in a hosts file (hosts(5)), IPv6 first, as the resolver orders loopback (RFC 6724).</summary>
    internal static ImmutableArray<IpAddress> FindListed(ReadOnlySpan<byte> lines, string name)
    {
        var wanted = Encoding.UTF8.GetBytes(name);
        var addresses = new List<IpAddress>();
        while (ConfigurationFile.TryNextLine(ref lines, out var line))
        {
            if (!ConfigurationFile.TryNextWord(ref line, out var digits)
                || !IpAddress.TryParse(KernelText.Decode(digits), out var address) || addresses.Contains(address))
                continue;
            while (ConfigurationFile.TryNextWord(ref line, out var word))
            {
                if (!Ascii.EqualsIgnoreCase(word, wanted))
                    continue;
                addresses.Add(address);
                break;
            }
        }
        return [.. addresses.OrderByDescending(address => address.Family)];
    }

    private static bool IsLocalhost(string name) =>
        name.TrimEnd('.').Equals("localhost", StringComparison.OrdinalIgnoreCase);
}
