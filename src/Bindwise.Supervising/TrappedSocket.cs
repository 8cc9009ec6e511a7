using System.Runtime.Versioning;
using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Linux.Processes;

namespace Bindwise.Supervising;

/// <summary>The TCP or UDP socket that a waiting call is about: a copy of the program's own descriptor, so that both have one socket.</summary>
[SupportedOSPlatform("linux")]
internal sealed class TrappedSocket : IDisposable
{
    private const int ProtocolTcp = 6;
    private const int ProtocolUdp = 17;
    private const int DeviceNameBytes = 16;

    private readonly SafeFileDescriptor _socket;

    private TrappedSocket(SafeFileDescriptor socket, int family, Protocol protocol) => (_socket, Family, Protocol) = (socket, family, protocol);

    /// <summary>AF_INET or AF_INET6.</summary>
    internal int Family { get; }

    /// <summary>TCP (MPTCP too) or UDP.</summary>
    internal Protocol Protocol { get; }

    /// <summary>The copy; whoever wants it longer makes one of its own.</summary>
    internal SafeFileDescriptor Copy => _socket;

    /// <summary>Where it is bound; null when it is not.</summary>
    internal IpEndpoint? Local =>
        SocketNameCall.Local(_socket, out var local, out _) == Errno.None && local.Port != 0 ? local : null;

    /// <summary>Takes the copy.</summary>
    /// <param name="listener">Where the call came from.</param>
    /// <param name="call">The call; its first argument is the descriptor.</param>
    /// <param name="errno">None also where it is no socket of TCP or UDP; EPERM without the right to trace the program.</param>
    /// <returns>Null where there is none: the call is the kernel's then.</returns>
    internal static TrappedSocket? Take(SafeFileDescriptor listener, in SystemCallNotice call, out Errno errno)
    {
        errno = Errno.EBADF;
        var descriptor = unchecked((int)call.Argument0);
        if (descriptor < 0)
            return null;
        errno = OpenThread(call.Thread, out var process);
        using (process)
        {
            if (errno != Errno.None)
                return null;
            errno = PidFdGetFd.Copy(process, descriptor, out var copy);
            if (errno != Errno.None)
                return null;
            // Only now it is certain whose number that was.
            if (SeccompListener.IsValid(listener, call.Id) && Understand(copy) is { } socket)
                return socket;
            copy.Dispose();
            return null;
        }
    }

    /// <summary>The same of a descriptor of this process, which it takes over; null where it is no socket of TCP or UDP.</summary>
    internal static TrappedSocket? Of(SafeFileDescriptor descriptor) => Understand(descriptor);

    /// <summary>Binds it, and so the program's.</summary>
    internal Errno Bind(ReadOnlySpan<byte> address) => BindCall.Bind(_socket, address);

    /// <summary>Listens on it, and so on the program's.</summary>
    internal Errno Listen(int backlog) => ListenCall.Listen(_socket, backlog);

    /// <summary>Sets SO_REUSEADDR where it is not set.</summary>
    /// <returns>Whether it was set now.</returns>
    internal bool SetReuseAddress() =>
        SocketOptionCall.Get(_socket, SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress, out int value) == Errno.None && value == 0
        && SocketOptionCall.Set(_socket, SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress, 1) == Errno.None;

    /// <summary>Its options, as the program set them by now.</summary>
    internal ProgramOptions ReadOptions() => new()
    {
        ReuseAddress = Read(SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress),
        ReusePort = Read(SocketOptionCall.LevelSocket, SocketOptionCall.ReusePort),
        V6Only = Family == SocketCall.FamilyIPv6 ? Read(SocketOptionCall.LevelIPv6, SocketOptionCall.V6Only) : null,
        Device = ReadDevice(),
        Freebind = Read(SocketOptionCall.LevelIPv4, SocketOptionCall.Freebind) ?? false,
    };

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private bool? Read(int level, int name) => SocketOptionCall.Get(_socket, level, name, out int value) == Errno.None ? value != 0 : null;

    private string? ReadDevice()
    {
        if (SocketOptionCall.Get(_socket, SocketOptionCall.LevelSocket, SocketOptionCall.BindToDevice, out UInt128 raw) != Errno.None || raw == 0)
            return null;
        Span<byte> name = stackalloc byte[DeviceNameBytes];
        System.Runtime.InteropServices.MemoryMarshal.Write(name, raw);
        var end = name.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? name : name[..end]);
    }

    private static TrappedSocket? Understand(SafeFileDescriptor copy)
    {
        if (SocketOptionCall.Get(copy, SocketOptionCall.LevelSocket, SocketOptionCall.Domain, out int family) != Errno.None || family is not (SocketCall.FamilyIPv4 or SocketCall.FamilyIPv6)
            || SocketOptionCall.Get(copy, SocketOptionCall.LevelSocket, SocketOptionCall.SocketType, out int kind) != Errno.None
            || SocketOptionCall.Get(copy, SocketOptionCall.LevelSocket, SocketOptionCall.Protocol, out int protocol) != Errno.None)
            return null;
        return (kind, protocol) switch
        {
            (SocketCall.TypeStream, ProtocolTcp or SocketOptionCall.MultipathProtocol) => new TrappedSocket(copy, family, Protocol.Tcp),
            (SocketCall.TypeDatagram, ProtocolUdp) => new TrappedSocket(copy, family, Protocol.Udp),
            _ => null,
        };
    }

    // Before Linux 6.9 a handle is on a whole process, whose first thread's descriptors it copies: no use where this thread has others.
    internal static Errno OpenThread(uint thread, out SafeFileDescriptor process)
    {
        process = new SafeFileDescriptor(-1);
        // One of another PID namespace, which has no number here.
        if (thread is 0 or > int.MaxValue)
            return Errno.ESRCH;
        var errno = PidFdGetFd.OpenProcess((int)thread, PidFdGetFd.Thread, out process);
        if (errno != Errno.EINVAL)
            return errno;
        var leader = ThreadFile.Leader((int)thread);
        return leader is 0 || (leader != thread && KCmp.SameDescriptorTable(leader, (int)thread) != true)
            ? Errno.ESRCH
            : PidFdGetFd.OpenProcess(leader, 0, out process);
    }
}
