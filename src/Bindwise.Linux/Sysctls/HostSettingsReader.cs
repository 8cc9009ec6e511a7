using System.Buffers.Text;

namespace Bindwise.Linux.Sysctls;

/// <summary>
/// Reads the sysctls that the rules use (ip-sysctl in the kernel's documentation), those of the calling thread's network namespace. What
/// cannot be read, or does not look as documented, stays null.
/// </summary>
internal static class HostSettingsReader
{
    /// <summary>Every second port reserved, five digits and a comma each: the list cannot be longer.</summary>
    private const int MaximumListBytes = 1 << 18;

    /// <summary>Reads only what is asked for; the rest stays null.</summary>
    internal static HostSettings Read(SettingParts parts)
    {
        var settings = new HostSettings();
        if (parts.HasFlag(SettingParts.Privilege))
            settings = settings with { UnprivilegedPortStart = ReadNumber("/proc/sys/net/ipv4/ip_unprivileged_port_start\0"u8) };
        if (parts.HasFlag(SettingParts.EphemeralRange))
            settings = ReadRange(settings) with { ReservedPorts = ReadReserved() };
        if (parts.HasFlag(SettingParts.NonLocalBind))
        {
            settings = settings with
            {
                NonLocalBindIPv4 = ReadSwitch("/proc/sys/net/ipv4/ip_nonlocal_bind\0"u8),
                NonLocalBindIPv6 = ReadSwitch("/proc/sys/net/ipv6/ip_nonlocal_bind\0"u8),
            };
        }
        if (parts.HasFlag(SettingParts.BindV6Only))
            settings = settings with
            {
                BindV6Only = ReadNumber("/proc/sys/net/ipv6/bindv6only\0"u8) is { } value ? (value & 1) != 0
                : null
            }; // a socket has one bit for it
        if (parts.HasFlag(SettingParts.AutobindReuse))
            settings = settings with { AutobindReuse = ReadSwitch("/proc/sys/net/ipv4/ip_autobind_reuse\0"u8) };
        if (parts.HasFlag(SettingParts.FinTimeout))
            settings = settings with { FinTimeoutSeconds = ReadNumber("/proc/sys/net/ipv4/tcp_fin_timeout\0"u8) };
        if (parts.HasFlag(SettingParts.TimeWaitReuse))
            settings = settings with
            {
                TimeWaitReuse = ReadNumber("/proc/sys/net/ipv4/tcp_tw_reuse\0"u8),
                TimeWaitReuseDelay = ReadNumber("/proc/sys/net/ipv4/tcp_tw_reuse_delay\0"u8) ?? HostSettings.DefaultTimeWaitReuseDelay,
            };
        if (parts.HasFlag(SettingParts.DisableIPv6))
        {
            // Loopback may be switched on again by itself; then ::1 is there.
            var all = ReadSwitch("/proc/sys/net/ipv6/conf/all/disable_ipv6\0"u8);
            var isLoopbackOn = all == true && ReadSwitch("/proc/sys/net/ipv6/conf/lo/disable_ipv6\0"u8) == false;
            settings = settings with { DisableIPv6 = all is null ? null : all == true && !isLoopbackOn };
        }
        if (parts.HasFlag(SettingParts.Families))
        {
            var (opensIPv4, opensIPv6) = (Opens(SocketCall.FamilyIPv4), Opens(SocketCall.FamilyIPv6));
            settings = settings with
            {
                // A filter of system calls gives the same errno; a family that is there has settings.
                HasIPv4 = opensIPv4 || Directory.Exists("/proc/sys/net/ipv4"),
                HasIPv6 = opensIPv6 || Directory.Exists("/proc/sys/net/ipv6"),
                MayOpenIPv4 = opensIPv4,
                MayOpenIPv6 = opensIPv6,
            };
        }
        return settings;
    }

    /// <summary>The list of ip_local_reserved_ports, as <c>8080,9148,10000-10100</c>; what is no port is left out.</summary>
    internal static ImmutableArray<PortRange> ParsePorts(ReadOnlySpan<byte> text)
    {
        var ranges = ImmutableArray.CreateBuilder<PortRange>();
        foreach (var part in text.Trim(" \t\r\n"u8).Split((byte)','))
        {
            var range = text.Trim(" \t\r\n"u8)[part];
            if (!Utf8Parser.TryParse(range, out ushort first, out var used))
                continue;
            var last = first;
            if (used < range.Length && (range[used] != (byte)'-' || !TryParseWhole(range[(used + 1)..], out last) || last < first))
                continue;
            ranges.Add(new PortRange(first, last));
        }
        return ranges.ToImmutable();
    }

    private static bool TryParseWhole(ReadOnlySpan<byte> text, out ushort value) =>
        Utf8Parser.TryParse(text, out value, out var used) && used == text.Length;

    private static HostSettings ReadRange(HostSettings settings)
    {
        Span<byte> buffer = stackalloc byte[64];
        if (SmallFile.Read("/proc/sys/net/ipv4/ip_local_port_range\0"u8, buffer, out var length) != Errno.None)
            return settings;
        ReadOnlySpan<byte> text = buffer[..length];
        if (!Utf8Parser.TryParse(text, out ushort first, out var used)
            || !Utf8Parser.TryParse(text[used..].TrimStart(" \t"u8), out ushort last, out _)
            || last < first)
            return settings;
        return settings with { LocalPortFirst = first, LocalPortLast = last };
    }

    private static ImmutableArray<PortRange> ReadReserved()
    {
        Span<byte> buffer = stackalloc byte[1024];
        if (SmallFile.Read("/proc/sys/net/ipv4/ip_local_reserved_ports\0"u8, buffer, out var length) != Errno.None)
            return [];
        // The kernel gives the whole list to one read(), or cuts it.
        if (length == buffer.Length)
        {
            buffer = new byte[MaximumListBytes];
            if (SmallFile.Read("/proc/sys/net/ipv4/ip_local_reserved_ports\0"u8, buffer, out length) != Errno.None)
                return [];
        }
        return ParsePorts(buffer[..length]);
    }

    private static int? ReadNumber(ReadOnlySpan<byte> pathNul)
    {
        Span<byte> buffer = stackalloc byte[32];
        return SmallFile.Read(pathNul, buffer, out var length) == Errno.None && Utf8Parser.TryParse(buffer[..length], out int value, out _)
            ? value
            : null;
    }

    /// <summary>The interface with its own disable_ipv6.</summary>
    internal static InterfaceRecord WithIPv6Switch(InterfaceRecord link) =>
        link with { IsIPv6Off = ReadSwitch(Encoding.UTF8.GetBytes($"/proc/sys/net/ipv6/conf/{link.Name}/disable_ipv6\0")) == true };

    /// <summary>The settings with what tcp_l3mdev_accept says, where there is a VRF.</summary>
    internal static HostSettings WithVrfSwitch(HostSettings settings, ImmutableArray<InterfaceRecord> interfaces) =>
        interfaces.Any(static link => link.VrfIndex != 0)
            ? settings with { TcpL3mdevAccept = ReadSwitch("/proc/sys/net/ipv4/tcp_l3mdev_accept\0"u8) } : settings;

    private static bool? ReadSwitch(ReadOnlySpan<byte> pathNul) => ReadNumber(pathNul) is { } value ? value != 0 : null;

    private static bool Opens(int family)
    {
        var errno = SocketCall.Open(family, SocketCall.TypeDatagram, 0, out var socket);
        socket.Dispose();
        return errno != Errno.EAFNOSUPPORT;
    }
}
