using System.Collections.Immutable;
using System.Globalization;

namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>
/// What systemd's names in the tree of cgroups tell: units, and the service managers of users (<c>user@1000.service</c>); what is below one of
/// those is that user's to name.
/// </summary>
internal static class SystemdCgroup
{
    private const string Sign = "/user@";

    /// <summary>The user whose manager a cgroup is below; null for none.</summary>
    public static uint? UserOf(string? cgroup)
    {
        var at = cgroup?.IndexOf(Sign, StringComparison.Ordinal) ?? -1;
        if (at < 0)
            return null;
        var rest = cgroup.AsSpan(at + Sign.Length);
        var dot = rest.IndexOf('.');
        return dot > 0 && uint.TryParse(rest[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var user) ? user : null;
    }

    /// <summary>The unit whose cgroup has a path: the path's last element; null when that is no unit.</summary>
    public static string? UnitOf(string? path)
    {
        var name = path is null ? "" : path[(path.LastIndexOf('/') + 1)..];
        ImmutableArray<string> suffixes = [".service", ".scope", ".slice", ".socket"];
        return suffixes.Any(s => name.Length > s.Length && name.EndsWith(s, StringComparison.Ordinal)) ? name : null;
    }
}
