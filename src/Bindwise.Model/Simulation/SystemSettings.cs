using Bindwise.Model.Scenarios;

namespace Bindwise.Model.Simulation;

/// <summary>The sysctls of the simulated network namespace (Documentation/networking/ip-sysctl.rst).</summary>
internal sealed class SystemSettings(KernelRelease kernel)
{
    /// <summary>net.ipv4.ip_autobind_reuse.</summary>
    public bool AutobindReuse { get; private set; }

    /// <summary>net.ipv4.ip_local_port_range.</summary>
    public PortRange LocalPorts { get; private set; } = new HostSettings().LocalPorts;

    /// <summary>net.ipv4.ip_local_reserved_ports.</summary>
    public IReadOnlyList<PortRange> ReservedPorts { get; private set; } = [];

    /// <summary>net.ipv4.ip_unprivileged_port_start.</summary>
    public int UnprivilegedPortStart { get; private set; } = HostSettings.DefaultUnprivilegedPortStart;

    /// <summary>net.ipv4.ip_nonlocal_bind.</summary>
    public bool NonLocalBindIPv4 { get; private set; }

    /// <summary>net.ipv6.ip_nonlocal_bind.</summary>
    public bool NonLocalBindIPv6 { get; private set; }

    /// <summary>net.ipv6.bindv6only.</summary>
    public bool BindV6Only { get; private set; }

    /// <summary>net.ipv4.tcp_fin_timeout, in seconds.</summary>
    public int FinTimeoutSeconds { get; private set; } = 60;

    /// <summary>net.ipv4.tcp_max_tw_buckets.</summary>
    public int MaximumTimeWaits { get; private set; } = 131_072;

    /// <summary>net.ipv4.tcp_rfc1337.</summary>
    public bool KeepsTimeWaitOnReset { get; private set; }

    /// <summary>net.ipv4.tcp_timestamps.</summary>
    public bool UsesTimestamps { get; private set; } = true;

    /// <summary>net.ipv4.tcp_tw_reuse: 0 off, 1 on, 2 loopback only.</summary>
    public int TimeWaitReuse { get; private set; } = 2;

    /// <summary>net.ipv4.tcp_tw_reuse_delay, in milliseconds.</summary>
    public int TimeWaitReuseDelay { get; private set; } = HostSettings.DefaultTimeWaitReuseDelay;

    public HostSettings ForRules => new()
    {
        UnprivilegedPortStart = UnprivilegedPortStart,
        NonLocalBindIPv4 = NonLocalBindIPv4,
        NonLocalBindIPv6 = NonLocalBindIPv6,
        BindV6Only = BindV6Only,
    };

    /// <summary>Whether the search for a port passes this one over.</summary>
    public bool IsReserved(int port)
    {
        foreach (var range in ReservedPorts)
        {
            if (range.Contains(port))
                return true;
        }
        return false;
    }

    /// <summary>Writes one. False for a value that the kernel refuses with EINVAL.</summary>
    public bool Write(string name, string value)
    {
        if (name == "net.ipv4.ip_local_reserved_ports")
            return WriteReserved(value);
        var words = value.Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (name == "net.ipv4.ip_local_port_range")
            return WriteRange(words);
        if (ScenarioSysctls.Find(name, kernel) is not { } sysctl || words.Length == 0 || !TryNumber(words[0], out var number))
            return false;
        if (number < sysctl.Minimum || number > sysctl.Maximum)
            return false;
        return Set(name, (int)number);
    }

    private bool Set(string name, int value)
    {
        switch (name)
        {
            case "net.ipv4.ip_autobind_reuse":
                AutobindReuse = value != 0;
                break;
            case "net.ipv4.ip_unprivileged_port_start":
                if (LocalPorts.First < value)
                    return false;
                UnprivilegedPortStart = value;
                break;
            case "net.ipv4.ip_nonlocal_bind":
                NonLocalBindIPv4 = value != 0;
                break;
            case "net.ipv6.ip_nonlocal_bind":
                NonLocalBindIPv6 = value != 0;
                break;
            case "net.ipv6.bindv6only":
                BindV6Only = (value & 1) != 0; // a socket has one bit for it
                break;
            case "net.ipv4.tcp_fin_timeout":
                FinTimeoutSeconds = value;
                break;
            case "net.ipv4.tcp_max_tw_buckets":
                MaximumTimeWaits = value;
                break;
            case "net.ipv4.tcp_rfc1337":
                KeepsTimeWaitOnReset = value != 0;
                break;
            case "net.ipv4.tcp_timestamps":
                UsesTimestamps = value != 0;
                break;
            case "net.ipv4.tcp_tw_reuse":
                TimeWaitReuse = value;
                break;
            default:
                TimeWaitReuseDelay = value; // net.ipv4.tcp_tw_reuse_delay: SysctlBook knows no other name
                break;
        }
        return true;
    }

    /// <summary>Two numbers; with one only the first changes, a third is not read (proc_dointvec_minmax()).</summary>
    private bool WriteRange(string[] words)
    {
        if (words.Length == 0 || !TryNumber(words[0], out var first))
            return false;
        long last = LocalPorts.Last;
        if (words.Length >= 2 && !TryNumber(words[1], out last))
            return false;
        if (first < 1 || last > 65535 || last < first || first < UnprivilegedPortStart)
            return false;
        LocalPorts = new((int)first, (int)last);
        return true;
    }

    /// <summary>A list as 8080,9148-9150 replaces the old one (proc_do_large_bitmap()).</summary>
    private bool WriteReserved(string value)
    {
        var ranges = new List<PortRange>();
        if (value.StartsWith(' '))
            return false;
        foreach (var part in value.TrimEnd().Length == 0 ? [] : value.TrimEnd().Split(','))
        {
            var ends = part.Split('-');
            if (ends.Length > 2 || !TryNumber(ends[0], out var first) || !TryNumber(ends[^1], out var last) || last > 65535 || last < first)
                return false;
            ranges.Add(new((int)first, (int)last));
        }
        ReservedPorts = ranges;
        return true;
    }

    /// <summary>As strtoul() with base 0 reads it: decimal, 0x and hexadecimal, 0 and octal; a minus in front.</summary>
    private static bool TryNumber(string text, out long number)
    {
        number = 0;
        var isNegative = text.StartsWith('-');
        var digits = isNegative ? text[1..] : text;
        var (radix, start) = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? (16, 2)
            : digits.Length > 1 && digits[0] == '0' ? (8, 1) : (10, 0);
        if (start == digits.Length)
            return false;
        foreach (var digit in digits.AsSpan(start))
        {
            var value = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : 16;
            if (value >= radix || number > int.MaxValue)
                return false;
            number = number * radix + value;
        }
        number = isNegative ? -number : number;
        return true;
    }
}
