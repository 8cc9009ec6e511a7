namespace Bindwise.Linux.Sysctls;

/// <summary>Which settings a question needs: each costs a read of one or two small files.</summary>
[Flags]
internal enum SettingParts
{
    None = 0,

    /// <summary>ip_unprivileged_port_start.</summary>
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
