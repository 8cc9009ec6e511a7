using Bindwise.Linux.Bpf;

namespace Bindwise.Linux.KernelServices;

/// <summary>Where the fields of struct sock stand in this kernel that say who opened a socket and who serves it. Offsets in bytes.</summary>
internal readonly record struct SocketLayout
{
    /// <summary>BTF id of the function that stands for the iterator over TCP sockets, bpf_iter_tcp; 0 when there is none.</summary>
    internal int TcpFunction { get; init; }

    /// <summary>BTF id of bpf_iter_udp; 0 when there is none.</summary>
    internal int UdpFunction { get; init; }

    /// <summary>struct sock_common: skc_num, the local port. It has no name of its own in the type, and stands just before skc_family.</summary>
    internal int Port { get; init; }

    /// <summary>struct sock_common: skc_state.</summary>
    internal int State { get; init; }

    /// <summary>struct sock_common: skc_cookie.</summary>
    internal int Cookie { get; init; }

    /// <summary>struct sock_common: skc_reuse, four bits.</summary>
    internal (int Byte, int Bit) Reuse { get; init; }

    /// <summary>struct sock_common: skc_reuseport.</summary>
    internal (int Byte, int Bit) ReusePort { get; init; }

    /// <summary>struct sock: sk_kern_sock.</summary>
    internal (int Byte, int Bit) OpenedByKernel { get; init; }

    /// <summary>struct sock: sk_data_ready.</summary>
    internal int DataReady { get; init; }

    /// <summary>struct udp_sock: encap_rcv.</summary>
    internal int Encapsulation { get; init; }

    /// <summary>Looks the places up in the kernel's type information; null when one is missing.</summary>
    internal static SocketLayout? Read(ReadOnlySpan<byte> typeInformation)
    {
        if (!KernelTypes.TryOpen(typeInformation, out var types))
            return null;
        int tcp = 0, udp = 0;
        SocketLayout? common = null;
        (int DataReady, (int Byte, int Bit) Kernel)? socket = null;
        int? encapsulation = null;
        while (types.TryNext())
        {
            if (types.Current == KernelTypes.Kind.Function)
            {
                if (types.IsNamed("bpf_iter_tcp"u8))
                    tcp = types.Id;
                else if (types.IsNamed("bpf_iter_udp"u8))
                    udp = types.Id;
            }
            else if (types.Current == KernelTypes.Kind.Structure)
            {
                if (types.IsNamed("sock_common"u8))
                    common ??= ReadCommon(in types);
                else if (types.IsNamed("sock"u8))
                    socket ??= types.OffsetOf("sk_data_ready"u8) is { } ready && types.BitOf("sk_kern_sock"u8) is { } kernel ? (ready, kernel) : null;
                else if (types.IsNamed("udp_sock"u8))
                    encapsulation ??= types.OffsetOf("encap_rcv"u8);
            }
        }
        return common is { } found && socket is { } own && encapsulation is { } receive
            ? found with { TcpFunction = tcp, UdpFunction = udp, DataReady = own.DataReady, OpenedByKernel = own.Kernel, Encapsulation = receive }
            : null;
    }

    private static SocketLayout? ReadCommon(in KernelTypes types) =>
        types.OffsetOf("skc_family"u8) is { } family and >= sizeof(ushort) && types.OffsetOf("skc_state"u8) is { } state
        && types.OffsetOf("skc_cookie"u8) is { } cookie && types.BitOf("skc_reuse"u8) is { } reuse && types.BitOf("skc_reuseport"u8) is { } reusePort
            ? new SocketLayout { Port = family - sizeof(ushort), State = state, Cookie = cookie, Reuse = reuse, ReusePort = reusePort }
            : null;
}
