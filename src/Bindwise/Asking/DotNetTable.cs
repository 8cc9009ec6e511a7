using System.Net;
using System.Net.NetworkInformation;
using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;
using Bindwise.Portable;
using NetState = System.Net.NetworkInformation.TcpState;
using TcpState = Bindwise.Model.Sockets.TcpState;

namespace Bindwise;

/// <summary>The sockets as .NET lists them on every system (<see cref="IPGlobalProperties"/>): without owners, users or options.</summary>
internal static class DotNetTable
{
    public static SocketListing Read(SocketFilter filter)
    {
        var notes = new List<string>();
        if (filter.Protocols.Contains(Protocol.Unix))
            notes.Add("the system's list does not show UNIX sockets");
        if (filter.WithOwners)
            notes.Add("the system's list does not show owners");
        try
        {
            var host = IPGlobalProperties.GetIPGlobalProperties();
            var wanted = filter.Protocols.Distinct().SelectMany(protocol => Of(protocol, host)).Where(socket => IsWanted(socket, filter)).ToList();
            return new SocketListing
            {
                Sockets = [.. wanted.Take(filter.Maximum).Select(static socket => new ListedSocket(socket, []))],
                Omitted = Math.Max(0, wanted.Count - filter.Maximum),
                IsComplete = wanted.Count <= filter.Maximum && notes.Count == 0,
                Notes = [.. notes],
            };
        }
        catch (Exception exception) when (exception is NetworkInformationException or PlatformNotSupportedException or IOException or UnauthorizedAccessException)
        {
            throw new PortQuestionException($"the system's list of sockets cannot be read: {exception.Message.ReplaceLineEndings(" ")}", exception);
        }
    }

    private static IEnumerable<HeldSocket> Of(Protocol protocol, IPGlobalProperties host) => protocol switch
    {
        Protocol.Tcp => host.GetActiveTcpListeners().Select(static end => Of(Protocol.Tcp, TcpState.Listen, end, null))
            .Concat(host.GetActiveTcpConnections().Where(static one => one.State != NetState.Listen)
                .Select(static one => Of(Protocol.Tcp, SocketList.StateOf(one.State), one.LocalEndPoint, one.RemoteEndPoint))),
        Protocol.Udp => host.GetActiveUdpListeners().Select(static end => Of(Protocol.Udp, TcpState.Close, end, null)),
        _ => [],
    };

    private static HeldSocket Of(Protocol protocol, TcpState state, IPEndPoint local, IPEndPoint? remote) => new()
    {
        Protocol = protocol,
        Family = IpAddress.FromBytes(local.Address.GetAddressBytes()).Family,
        State = state,
        Local = EndOf(local),
        Remote = remote is null ? default : EndOf(remote),
    };

    private static IpEndpoint EndOf(IPEndPoint end) => new(IpAddress.FromBytes(end.Address.GetAddressBytes()), (ushort)end.Port);

    private static bool IsWanted(HeldSocket socket, SocketFilter filter) =>
        (filter.States.IsEmpty || filter.States.Contains(socket.State))
        && (filter.Ports.IsEmpty || filter.Ports.Any(span => socket.Local.Port >= span.First && socket.Local.Port <= span.Last));
}
