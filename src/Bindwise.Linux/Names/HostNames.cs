using System.Buffers.Text;
using Bindwise.Linux.Text;

namespace Bindwise.Linux.Names;

/// <summary>Finds the addresses of a host name. An address in digits is no name: callers keep it as it is.</summary>
internal static class HostNames
{
    /// <summary>The longest name that the resolver takes (NI_MAXHOST).</summary>
    internal const int MaximumNameLength = 1025;

    /// <summary>Looks the name up, waiting at most so long.</summary>
    /// <returns>The addresses in the resolver's order; empty when the name is unknown or the answer took too long. <c>localhost</c> is
    /// answered from /etc/hosts, else as RFC 6761 §6.3 says, and never asks the network.</returns>
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
        var resolver = new Thread(() => addresses = [.. AddressInfoCall.Resolve(name)
            .Select(static one => IpAddress.FromBytes(one.GetAddressBytes()))])
        { IsBackground = true, Name = "resolver" };
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

    private static bool IsLocalhost(string name) => name.TrimEnd('.').Equals("localhost", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Finds the port of a service in /etc/services (services(5)).</summary>
internal static class ServiceNames
{
    /// <summary>The port of a service, by its name or an alias, as spelled there; null when it is unknown.</summary>
    internal static ushort? FindPort(string name, Protocol protocol)
    {
        var lines = ConfigurationFile.Read("/etc/services\0"u8);
        // Small images come without the file; these names mean the same port everywhere (IANA's registry).
        return FindPort(lines.Length > 0 ? lines : FewServices, name, protocol);
    }

    private static ReadOnlySpan<byte> FewServices =>
        "ftp 21/tcp\nssh 22/tcp\ntelnet 23/tcp\nsmtp 25/tcp mail\ndomain 53/tcp\ndomain 53/udp\n"u8
        + "http 80/tcp www\nntp 123/udp\nhttps 443/tcp\n"u8;

    internal static ushort? FindPort(ReadOnlySpan<byte> lines, string name, Protocol protocol)
    {
        var wanted = Encoding.UTF8.GetBytes(name);
        var suffix = protocol == Protocol.Udp ? "/udp"u8 : "/tcp"u8;
        while (ConfigurationFile.TryNextLine(ref lines, out var line))
        {
            if (!ConfigurationFile.TryNextWord(ref line, out var service) || !ConfigurationFile.TryNextWord(ref line, out var where))
                continue;
            if (!Utf8Parser.TryParse(where, out ushort port, out var used) || !where[used..].SequenceEqual(suffix))
                continue;
            var isWanted = service.SequenceEqual(wanted);
            while (!isWanted && ConfigurationFile.TryNextWord(ref line, out var alias))
                isWanted = alias.SequenceEqual(wanted);
            if (isWanted)
                return port;
        }
        return null;
    }
}
