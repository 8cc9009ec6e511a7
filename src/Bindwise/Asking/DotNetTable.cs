using System.Net;
using System.Net.NetworkInformation;
using Bindwise.Portable;
using NetState = System.Net.NetworkInformation.TcpState;

namespace Bindwise;

/// <summary>The sockets as .NET lists them on every system (<see cref="IPGlobalProperties"/>): without owners, users or options.</summary>
internal static class DotNetTable
{
    /// <summary>What is told where UNIX sockets are asked for.</summary>
    public const string WithoutUnixSockets = "the system's list does not show UNIX sockets";

    /// <summary>What is told where owners are asked for.</summary>
    public const string WithoutOwners = "the system's list does not show owners";

    /// <param name="protocols">Which protocols; none are listed for UNIX.</param>
    /// <param name="ports">Which local ports; empty for all.</param>
    /// <exception cref="PortQueryException">The system does not give its list.</exception>
    public static List<HeldSocket> Read(IEnumerable<Protocol> protocols, IReadOnlyCollection<PortRange> ports)
    {
        try
        {
            var host = IPGlobalProperties.GetIPGlobalProperties();
            return [.. protocols.Distinct().SelectMany(protocol => Of(protocol, host))
                .Where(socket => ports.Count == 0 || ports.Any(range => range.Contains(socket.Local.Port)))];
        }
        catch (Exception exception) when (exception is NetworkInformationException or PlatformNotSupportedException or IOException
            or UnauthorizedAccessException)
        {
            throw new PortQueryException($"the system's list of sockets cannot be read: {exception.Message.ReplaceLineEndings(" ")}",
                exception);
        }
    }

    private static IEnumerable<HeldSocket> Of(Protocol protocol, IPGlobalProperties host) => protocol switch
    {
        Protocol.Tcp => host.GetActiveTcpListeners().Select(static end => Of(Protocol.Tcp, TcpSocketState.Listen, end, null))
            .Concat(host.GetActiveTcpConnections().Where(static one => one.State != NetState.Listen)
                .Select(static one => Of(Protocol.Tcp, SocketList.StateOf(one.State), one.LocalEndPoint, one.RemoteEndPoint))),
        Protocol.Udp => host.GetActiveUdpListeners().Select(static end => Of(Protocol.Udp, TcpSocketState.Close, end, null)),
        _ => [],
    };

    private static HeldSocket Of(Protocol protocol, TcpSocketState state, IPEndPoint local, IPEndPoint? remote) => new()
    {
        Protocol = protocol,
        Family = IpAddress.FromBytes(local.Address.GetAddressBytes()).Family,
        State = state,
        Local = EndOf(local),
        Remote = remote is null ? default : EndOf(remote),
    };

    private static IpEndpoint EndOf(IPEndPoint end) => new(IpAddress.FromBytes(end.Address.GetAddressBytes()), (ushort)end.Port);
}
