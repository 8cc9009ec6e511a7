using System.Net;
using Bindwise.Linux.Native;

namespace Bindwise;

/// <summary>Sockets that another process sent: looked at before they are believed.</summary>
[SupportedOSPlatform("linux")]
internal static class ReceivedSocket
{
    /// <summary>
    /// Makes a socket of what was sent: TCP or UNIX that listens, or UDP, with an address. Null
    /// for anything else, which stays the caller's.
    /// </summary>
    /// <param name="descriptor">The descriptor; it is taken over unless null comes back.</param>
    public static ActivatedSocket? Open(SafeFileDescriptor descriptor)
    {
        var number = descriptor.Number;
        if (PassedDescriptor.Claim(number).Kind != PassedKind.Socket)
            return null;
        descriptor.SetHandleAsInvalid();
        var socket = new SharedSocket(new SafeSocketHandle(number, ownsHandle: true));
        var isListening = PassedDescriptor.IsListening(number);
        var isKnown = (socket.AddressFamily, socket.SocketType) switch
        {
            (AddressFamily.Unix, SocketType.Stream) => isListening,
            (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6, SocketType.Stream) =>
                isListening && socket.ProtocolType == ProtocolType.Tcp,
            (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6, SocketType.Dgram) => socket.ProtocolType == ProtocolType.Udp,
            _ => false,
        };
        if (isKnown && socket.LocalEndPoint is { } local && local is not IPEndPoint { Port: 0 })
            return new ActivatedSocket("", number, socket, local, isListening);
        socket.Dispose();
        return null;
    }
}
