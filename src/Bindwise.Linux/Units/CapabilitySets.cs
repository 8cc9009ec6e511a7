namespace Bindwise.Linux.Units;

/// <summary>The lists of AmbientCapabilities= and CapabilityBoundingSet= (systemd.exec(5)). Pure.</summary>
internal static class CapabilitySets
{
    /// <summary>By number (linux/capability.h).</summary>
    private static readonly string[] Names =
    [
        "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap", "linux_immutable",
        "net_bind_service",
        "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner", "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace",
        "sys_pacct",
        "sys_admin", "sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control",
        "setfcap", "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
        "checkpoint_restore",
    ];

    /// <summary>
    /// The set after all assignments: a list adds, one that begins with <c>~</c> takes away; the first list begins from nothing, the first
    /// that takes away from everything. An empty assignment empties it.
    /// </summary>
    /// <param name="assignments">The values in order, empty ones included.</param>
    internal static ulong Of(ImmutableArray<string> assignments, ulong unassigned)
    {
        ulong? set = null;
        foreach (var text in assignments)
        {
            var value = text.Trim();
            if (value.Length == 0)
                set = 0;
            else if (value[0] == '~')
                set = (set ?? Native.CapabilityCall.Every) & ~Bits(value[1..]);
            else
                set = (set ?? 0) | Bits(value);
        }
        return set ?? unassigned;
    }

    private static ulong Bits(string list)
    {
        ulong bits = 0;
        foreach (var word in list.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var name = word.Trim('"', '\'');
            var number = name.StartsWith("CAP_", StringComparison.OrdinalIgnoreCase) ? Array.IndexOf(Names, name[4..].ToLowerInvariant())
                : int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var bit) && bit < Names.Length ? bit : -1;
            if (number >= 0)
                bits |= 1UL << number;
        }
        return bits;
    }
}
