using Bindwise.Linux.Text;

namespace Bindwise.Linux.Callers;

/// <summary>The interface to which a socket is bound (SO_BINDTODEVICE, socket(7)).</summary>
internal static class SocketDevice
{
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
        Span<byte> room = stackalloc byte[DeviceOption.NameBytes];
        return DeviceOption.Get(socket, room, out var name) == Errno.None && !name.IsEmpty ? KernelText.Decode(name) : null;
    }
}
