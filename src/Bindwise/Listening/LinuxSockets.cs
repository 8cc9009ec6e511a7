using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Bindwise.Linux.Listening;
using Bindwise.Model.Addresses;

namespace Bindwise;

/// <summary>Sockets made by bare calls and then wrapped: the runtime sets nothing on a socket that it is handed.</summary>
[SupportedOSPlatform("linux")]
internal static class LinuxSockets
{
    /// <summary>Opens a socket and binds it.</summary>
    /// <param name="address">The address, with its scope.</param>
    /// <param name="port">The port; 0 lets the system pick.</param>
    /// <param name="transport">TCP or UDP.</param>
    /// <param name="settings">What is set.</param>
    /// <param name="opened">The socket, not listening yet; null on a fault.</param>
    /// <exception cref="InvalidOperationException">The kernel has another option than was asked for.</exception>
    public static BindFault? Open(IPAddress address, int port, Transports transport, SocketSettings settings, out BoundSocket? opened)
    {
        opened = null;
        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out var length);
        var local = new IpEndpoint(IpAddress.FromBytes(bytes[..length]), (ushort)port);
        var scope = address.AddressFamily == AddressFamily.InterNetworkV6 ? (uint)address.ScopeId : 0;
        var asked = new ListenOptions(
            settings.ReuseAddress ?? transport == Transports.Tcp, settings.ReusePort, settings.V6Only, settings.Device, settings.Freebind);
        var fault = ListenSocket.Open(transport == Transports.Udp ? Protocol.Udp : Protocol.Tcp, local, scope, asked, out var descriptor, out var inEffect);
        if (fault.IsFault)
            return Of(fault, new IPEndPoint(address, port), transport);
        var socket = Wrap(descriptor);
        try
        {
            ReadBack.Check(asked, inEffect, address, port);
            opened = new BoundSocket(socket, socket.LocalEndPoint!, transport, ReadBack.InEffect(settings, inEffect));
            return null;
        }
        finally
        {
            if (opened is null)
                socket.Dispose();
        }
    }

    /// <summary>Opens a UNIX stream socket and binds it.</summary>
    /// <param name="path">The path, or <c>@name</c>.</param>
    /// <param name="settings">What was asked; nothing of it is set on a UNIX socket.</param>
    /// <param name="opened">The socket, not listening yet; null on a fault.</param>
    public static BindFault? OpenUnix(string path, SocketSettings settings, out BoundSocket? opened)
    {
        opened = null;
        var fault = ListenSocket.OpenUnix(path, out var descriptor);
        if (fault.IsFault)
            return Of(fault, UnixEndPoint.Of(path), Transports.Tcp);
        opened = new BoundSocket(Wrap(descriptor), UnixEndPoint.Of(path), Transports.Tcp, settings with { ReuseAddress = false });
        return null;
    }

    private static Socket Wrap(int descriptor)
    {
        var handle = new SafeSocketHandle(descriptor, ownsHandle: true);
        try
        {
            return new Socket(handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static BindFault Of(CallFault fault, EndPoint endpoint, Transports transport) =>
        new(SocketErrors.Of(fault.Errno), fault.Errno.ToString(), fault.Call!, endpoint, transport);
}
