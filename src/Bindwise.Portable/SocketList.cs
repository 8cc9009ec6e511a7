using System.Net;
using System.Net.NetworkInformation;
using ModelState = Bindwise.Diagnostics.TcpSocketState;
using State = System.Net.NetworkInformation.TcpState;

namespace Bindwise.Portable;

/// <summary>
/// The sockets that the system lists (IPGlobalProperties): listeners, connections with TIME_WAIT where the system shows it, UDP sockets.
/// </summary>
internal static class SocketList
{
    /// <summary>Sockets of one port that are kept one by one.</summary>
    public const int Maximum = 256;

    /// <summary>The record with the sockets of a port; what cannot be read is noted.</summary>
    public static PortableRecord Read(PortableRecord record, Protocol protocol, ushort port, List<string> notes)
    {
        try
        {
            var host = IPGlobalProperties.GetIPGlobalProperties();
            var found = (protocol == Protocol.Udp
                ? host.GetActiveUdpListeners().Where(e => e.Port == port)
                    .Select(static e => new SeenSocket(Protocol.Udp, ModelState.Close, EndpointOf(e), default))
                : host.GetActiveTcpListeners().Where(e => e.Port == port)
                    .Select(static e => new SeenSocket(Protocol.Tcp, ModelState.Listen, EndpointOf(e), default))
                    .Concat(host.GetActiveTcpConnections().Where(c => c.LocalEndPoint.Port == port && c.State != State.Listen)
                        .Select(static c => new SeenSocket(Protocol.Tcp, StateOf(c.State), EndpointOf(c.LocalEndPoint),
                            EndpointOf(c.RemoteEndPoint))))).ToList();
            return record with { Seen = [.. found.Take(Maximum)], SeenCount = found.Count, IsListRead = true };
        }
        catch (Exception e) when (e is NetworkInformationException or PlatformNotSupportedException or IOException
            or UnauthorizedAccessException)
        {
            notes.Add("the system's list of sockets could not be read: " + e.Message.ReplaceLineEndings(" "));
            return record;
        }
    }

    /// <summary>The kernel's names; DELETE_TCB is Windows's last state before nothing.</summary>
    internal static ModelState StateOf(State state) => state switch
    {
        State.Listen => ModelState.Listen,
        State.SynSent => ModelState.SynSent,
        State.SynReceived => ModelState.SynReceived,
        State.Established => ModelState.Established,
        State.FinWait1 => ModelState.FinWait1,
        State.FinWait2 => ModelState.FinWait2,
        State.CloseWait => ModelState.CloseWait,
        State.Closing => ModelState.Closing,
        State.LastAck => ModelState.LastAck,
        State.TimeWait => ModelState.TimeWait,
        _ => ModelState.Close,
    };

    private static IpEndpoint EndpointOf(IPEndPoint endpoint) =>
        new(IpAddress.FromBytes(endpoint.Address.GetAddressBytes()), (ushort)endpoint.Port);
}
