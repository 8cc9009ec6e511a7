using Bindwise.Linux.Text;

namespace Bindwise.Linux.Callers;

/// <summary>The interface to which a socket is bound (SO_BINDTODEVICE, socket(7)).</summary>
internal static class SocketDevice
{
    private const int InterfaceNameBytes = 16;

    /// <summary>
    /// That of each new socket of this process; null for none. <c>ip vrf exec</c> moves a program into a cgroup whose BPF program binds
    /// them so (BPF_CGROUP_INET_SOCK_CREATE).
    /// </summary>
    internal static string? OfNew()
    {
        var errno = SocketCall.Open(SocketCall.FamilyIPv4, SocketCall.TypeDatagram, 0, out var socket);
        using (socket)
            return errno == Errno.None ? Of(socket) : null;
    }

    /// <summary>That of a socket; null for none.</summary>
    internal static string? Of(SafeFileDescriptor socket)
    {
        Span<byte> name = stackalloc byte[InterfaceNameBytes];
        name.Clear();
        return SocketOptionCall.Get(socket, SocketOptionCall.LevelSocket, SocketOptionCall.BindToDevice, name) == Errno.None
            && name.IndexOf((byte)0) is > 0 and var end ? KernelText.Decode(name[..end]) : null;
    }
}
