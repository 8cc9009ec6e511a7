using System.Collections.Immutable;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Bindwise;

/// <summary>The options of a passed socket, as the kernel has them.</summary>
internal static class PassedOptions
{
    private const int LevelSocket = 1;
    private const int ReuseAddress = 2;
    private const int ReusePort = 15;
    private const int Device = 25;
    private const int LevelIPv4 = 0;
    private const int Freebind = 15;
    private const int LevelIPv6 = 41;
    private const int V6Only = 26;
    private const int LongestDevice = 16;

    /// <summary>Reads them; the backlog is the one asked for, as the kernel tells none.</summary>
    internal static SocketSettings Read(Socket socket, SocketSettings asked)
    {
        if (socket.AddressFamily == AddressFamily.Unix)
            return asked with { ReuseAddress = false };
        return asked with
        {
            ReuseAddress = IsSet(socket, LevelSocket, ReuseAddress),
            ReusePort = IsSet(socket, LevelSocket, ReusePort),
            V6Only = socket.AddressFamily == AddressFamily.InterNetworkV6 ? IsSet(socket, LevelIPv6, V6Only) : null,
            Device = ReadDevice(socket),
            Freebind = IsSet(socket, LevelIPv4, Freebind),
        };
    }

    /// <summary>What is otherwise than asked, where something was asked.</summary>
    internal static ImmutableArray<string> Differences(SocketSettings asked, SocketSettings has, string where, bool isStream)
    {
        var told = ImmutableArray.CreateBuilder<string>();
        void Compare(string option, object? wanted, object? found)
        {
            if (!Equals(wanted, found))
                told.Add(string.Create(CultureInfo.InvariantCulture, $"{where} was passed with {option} = {Text(found)}, {Text(wanted)} was asked for: set it where the socket is made."));
        }
        Compare("SO_REUSEADDR", asked.ReuseAddress ?? isStream, has.ReuseAddress);
        Compare("SO_REUSEPORT", asked.ReusePort, has.ReusePort);
        if (has.V6Only is not null)
            Compare("IPV6_V6ONLY", asked.V6Only ?? has.V6Only, has.V6Only);
        Compare("SO_BINDTODEVICE", asked.Device, has.Device);
        Compare("IP_FREEBIND", asked.Freebind, has.Freebind);
        return told.ToImmutable();
    }

    private static string Text(object? value) => value switch { true => "1", false => "0", null => "none", _ => value.ToString()! };

    private static bool IsSet(Socket socket, int level, int option)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        return socket.GetRawSocketOption(level, option, value) == sizeof(int) && BitConverter.ToInt32(value) != 0;
    }

    private static string? ReadDevice(Socket socket)
    {
        Span<byte> name = stackalloc byte[LongestDevice];
        var length = socket.GetRawSocketOption(LevelSocket, Device, name);
        var text = Encoding.UTF8.GetString(name[..length]).TrimEnd('\0');
        return text.Length > 0 ? text : null;
    }
}
