using System.Buffers.Text;
using System.Text;
using Bindwise.Linux.Text;
using Bindwise.Model.Addresses;

namespace Bindwise.Linux.Names;

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
        "ftp 21/tcp\nssh 22/tcp\ntelnet 23/tcp\nsmtp 25/tcp mail\ndomain 53/tcp\ndomain 53/udp\nhttp 80/tcp www\nntp 123/udp\nhttps 443/tcp\n"u8;

    /// <summary>The port in the text given.</summary>
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
