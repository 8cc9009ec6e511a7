using System.Globalization;

namespace Bindwise.Linux.Policies;

/// <summary>The lines of /proc/PID/status that speak of rights (proc_pid_status(5)).</summary>
/// <param name="Effective">CapEff; null when not told.</param>
/// <param name="Bounding">CapBnd; null when not told.</param>
/// <param name="SeccompMode">Seccomp: 0 none, 1 strict, 2 filter; null when not told (a kernel without it).</param>
/// <param name="SeccompFilters">Seccomp_filters (Linux 5.9); null when not told.</param>
internal sealed record ProcessStatus(ulong? Effective, ulong? Bounding, int? SeccompMode, int? SeccompFilters)
{
    /// <summary>NoNewPrivs (Linux 4.10); null when not told.</summary>
    internal int? NoNewPrivileges { get; init; }

    internal static ProcessStatus Parse(string text)
    {
        var status = new ProcessStatus(null, null, null, null);
        foreach (var line in text.Split('\n'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
                continue;
            var value = line.AsSpan(colon + 1).Trim();
            status = line[..colon] switch
            {
                "CapEff" => status with { Effective = Hexadecimal(value) },
                "CapBnd" => status with { Bounding = Hexadecimal(value) },
                "NoNewPrivs" => status with { NoNewPrivileges = Number(value) },
                "Seccomp" => status with { SeccompMode = Number(value) },
                "Seccomp_filters" => status with { SeccompFilters = Number(value) },
                _ => status,
            };
        }
        return status;
    }

    private static ulong? Hexadecimal(ReadOnlySpan<char> text) => ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static int? Number(ReadOnlySpan<char> text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
