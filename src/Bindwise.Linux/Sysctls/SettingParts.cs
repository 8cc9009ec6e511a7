namespace Bindwise.Linux.Sysctls;

/// <summary>Which settings a question needs: each costs a read of one or two small files.</summary>
[Flags]
internal enum SettingParts
{
    None = 0,

    Privilege = 1,

    /// <summary>ip_local_port_range, ip_local_reserved_ports.</summary>
    EphemeralRange = 2,

    /// <summary>ip_nonlocal_bind of both families.</summary>
    NonLocalBind = 4,

    /// <summary>bindv6only.</summary>
    BindV6Only = 8,

    AutobindReuse = 16,
    FinTimeout = 32,

    /// <summary>disable_ipv6.</summary>
    DisableIPv6 = 64,

    /// <summary>Which families the host can open sockets of.</summary>
    Families = 128,

    /// <summary>All that bind() asks for.</summary>
    All = 255,

    /// <summary>tcp_tw_reuse, which only connect() asks for.</summary>
    TimeWaitReuse = 256,
}

/// <summary>The sysctls about ports, of the calling thread's network namespace.</summary>
internal static class PortSettings
{
    /// <summary>
    /// Reads ip_unprivileged_port_start, ip_local_port_range, ip_local_reserved_ports and bindv6only; what cannot be read is null, and
    /// everything else as well.
    /// </summary>
    public static HostSettings Read() =>
        HostSettingsReader.Read(SettingParts.Privilege | SettingParts.EphemeralRange | SettingParts.BindV6Only);
}
