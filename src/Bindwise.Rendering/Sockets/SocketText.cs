using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;
using static System.FormattableString;

namespace Bindwise.Rendering.Sockets;

/// <summary>A socket's ends and options by name, for text and JSON alike.</summary>
internal static class SocketText
{
    /// <summary>The local end: <c>127.0.0.1:80</c>, <c>[::1]:80</c>, or the UNIX path.</summary>
    public static string Local(HeldSocket socket) => socket.Protocol == Protocol.Unix ? socket.Path ?? "" : socket.Local.ToString();

    /// <summary>The remote end; null when the socket is not connected.</summary>
    public static string? Remote(HeldSocket socket) =>
        socket.Protocol == Protocol.Unix || socket.Remote.Port == 0 ? null : socket.Remote.ToString();

    /// <summary>The state in the kernel's spelling.</summary>
    public static string State(HeldSocket socket) => TcpStateNames.Of(socket.State, socket.Protocol);

    /// <summary>The names of the options of which this is known; an option that means nothing to the socket is left out.</summary>
    public static IEnumerable<string> Options(HeldSocket socket, Fact fact)
    {
        if (socket.Protocol == Protocol.Unix)
            yield break;
        if (socket.ReuseAddress == fact)
            yield return "SO_REUSEADDR";
        if (socket.ReusePort == fact)
            yield return "SO_REUSEPORT";
        if (socket.V6Only == fact && socket.Family == IpFamily.IPv6)
            yield return "IPV6_V6ONLY";
    }

    /// <summary>Seconds with three decimals: <c>41.250</c>.</summary>
    public static string Seconds(int milliseconds) =>
        Invariant($"{(decimal)milliseconds / 1000:0.000}");
}
