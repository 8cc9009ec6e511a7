namespace Bindwise.Linux.Sysctls;

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
