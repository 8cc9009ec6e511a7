using System.Globalization;

namespace Bindwise.Model.Diagnosing;

/// <summary>The service managers of users (<c>user@1000.service</c>): what is below one in the tree of cgroups is that user's to name.</summary>
internal static class CgroupUser
{
    private const string Sign = "/user@";

    /// <summary>The user whose manager a cgroup is below; null for none.</summary>
    public static uint? Of(string? cgroup)
    {
        var at = cgroup?.IndexOf(Sign, StringComparison.Ordinal) ?? -1;
        if (at < 0)
            return null;
        var rest = cgroup.AsSpan(at + Sign.Length);
        var dot = rest.IndexOf('.');
        return dot > 0 && uint.TryParse(rest[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var user) ? user : null;
    }
}
