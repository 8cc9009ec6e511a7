using Bindwise.Linux.Native;
using Bindwise.Linux.SockDiag;

namespace Bindwise.Dashboard.Serving;

/// <summary>
/// Who may free ports where no token is asked for: root, the user whose process this is, and who started it by sudo. Otherwise every user
/// of the host could end what this process may end. Whose a request is the kernel tells by the client's socket (sock_diag(7)).
/// </summary>
internal static class ActingUsers
{
    private static readonly uint? Starter = uint.TryParse(Environment.GetEnvironmentVariable("SUDO_UID"), NumberStyles.None,
        CultureInfo.InvariantCulture, out var user) ? user : null;

    /// <summary>Whether the request that came by a connection is one of theirs; false where the kernel does not tell.</summary>
    public static bool Include(ConnectionInfo connection) =>
        UserOf(connection) is { } user && (user == 0 || user == EffectiveIds.User() || user == Starter);

    private static uint? UserOf(ConnectionInfo connection)
    {
        if (connection is not { LocalIpAddress: { } here, RemoteIpAddress: { } there }
            || SockDiagClient.TryOpen(out var kernel) != Errno.None)
            return null;
        using (kernel)
        {
            return kernel!.ReadConnection(new HeldSocket
            {
                Protocol = Protocol.Tcp,
                State = TcpSocketState.Established,
                Local = new IpEndpoint(IpAddress.FromBytes(there.GetAddressBytes()), (ushort)connection.RemotePort),
                Remote = new IpEndpoint(IpAddress.FromBytes(here.GetAddressBytes()), (ushort)connection.LocalPort),
                DeviceIndex = MirrorSearch.Loopback,
            })?.UserId;
        }
    }
}
