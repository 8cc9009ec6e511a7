using Bindwise.Linux.Bpf;
using Bindwise.Linux.Native;
using Bindwise.Linux.Processes.TaskFiles;

namespace Bindwise.Linux.Live.Recording;

/// <summary>What <see cref="StateTracepointProgram"/> must know of this kernel. Offsets in bytes.</summary>
internal sealed record StateTracepointLayout
{
    /// <summary>Where skc_family stands as long as what is before it is as the program takes it.</summary>
    private const int FamilyAsKnown = 16;

    /// <summary>struct sock_common: skc_net.</summary>
    internal required int Network { get; init; }

    /// <summary>struct sock_common: skc_cookie.</summary>
    internal required int Cookie { get; init; }

    /// <summary>struct sock_common: skc_v6_daddr.</summary>
    internal required int RemoteIPv6 { get; init; }

    /// <summary>struct sock_common: skc_v6_rcv_saddr.</summary>
    internal required int LocalIPv6 { get; init; }

    /// <summary>struct inet_sock: inet_sport.</summary>
    internal required int NamePort { get; init; }

    /// <summary>struct net: ns, and its member inum.</summary>
    internal required int NetworkInode { get; init; }

    private static StateTracepointLayout? _known;

    /// <summary>This kernel's structures; null when they cannot be told.</summary>
    internal static StateTracepointLayout? OfThisKernel()
    {
        if (_known is { } known)
            return known;
        var errno = MappedFile.Open("/sys/kernel/btf/vmlinux\0"u8, TaskFileLayout.LimitBytes, out var file);
        using (file)
            return errno == Errno.None ? _known = Read(file.Bytes) : null;
    }

    /// <summary>Looks the places up in the kernel's type information; null when one is missing.</summary>
    internal static StateTracepointLayout? Read(ReadOnlySpan<byte> typeInformation)
    {
        if (!KernelTypes.TryOpen(typeInformation, out var types))
            return null;
        (int Network, int Cookie, int Remote, int Local)? common = null;
        int? port = null, network = null, inode = null;
        while (types.TryNext())
        {
            if (types.Current != KernelTypes.Kind.Structure)
                continue;
            if (types.IsNamed("sock_common"u8))
                common ??= CommonOf(types);
            else if (types.IsNamed("inet_sock"u8))
                port ??= types.OffsetOf("inet_sport"u8);
            else if (types.IsNamed("net"u8))
                network ??= types.OffsetOf("ns"u8);
            else if (types.IsNamed("ns_common"u8))
                inode ??= types.OffsetOf("inum"u8);
            if (common is var (net, cookie, remote, local) && port is { } name && network is { } space && inode is { } number)
            {
                return new StateTracepointLayout
                {
                    Network = net,
                    Cookie = cookie,
                    RemoteIPv6 = remote,
                    LocalIPv6 = local,
                    NamePort = name,
                    NetworkInode = space + number,
                };
            }
        }
        return null;
    }

    private static (int, int, int, int)? CommonOf(in KernelTypes types) =>
        types.OffsetOf("skc_family"u8) == FamilyAsKnown && types.OffsetOf("skc_net"u8) is { } net && types.OffsetOf("skc_cookie"u8) is { } cookie
            && types.OffsetOf("skc_v6_daddr"u8) is { } remote && types.OffsetOf("skc_v6_rcv_saddr"u8) is { } local
            ? (net, cookie, remote, local)
            : null;
}
