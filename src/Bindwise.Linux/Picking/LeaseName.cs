namespace Bindwise.Linux.Picking;

/// <summary>
/// Keeps picks of one network namespace from handing out one port twice, whoever runs them: a bound abstract UNIX name (unix(7)), which
/// needs no file and no permission, belongs to the network namespace as ports do, and is gone with the last descriptor of it, also when its
/// process is killed. Anybody can take the names; then their ports are left out.
/// </summary>
internal static class LeaseName
{
    /// <summary>The name's beginning, without its leading NUL; the port follows.</summary>
    internal const string Prefix = "bindwise/lease/";

    /// <param name="port">The port, whatever is bound on it: TCP and UDP have one lease.</param>
    /// <param name="lease">The lease, close-on-exec; it ends when the last copy is closed. Invalid when an errno comes back.</param>
    /// <returns>EADDRINUSE: somebody else has it.</returns>
    internal static Errno Take(ushort port, out SafeFileDescriptor lease)
    {
        // Not a datagram socket: others could fill its queue. This one never listens, so nobody can connect either.
        var errno = SocketCall.Open(SocketCall.FamilyUnix, SocketCall.TypeStream, 0, out lease);
        if (errno != Errno.None)
            return errno;
        Span<byte> room = stackalloc byte[SocketAddress.MaximumUnixBytes];
        errno = BindCall.Bind(lease,
            SocketAddress.WriteAbstract(room, Encoding.ASCII.GetBytes(Prefix + port.ToString(CultureInfo.InvariantCulture))));
        if (errno != Errno.None)
            lease.Dispose();
        return errno;
    }
}
