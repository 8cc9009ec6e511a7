namespace Bindwise.Model.Text;

/// <summary>Where a service manager finds what adds to a unit's file (systemd.unit(5)).</summary>
internal static class UnitDropIns
{
    /// <summary>
    /// Its folders, those that go before others first: of <c>web-api@1.service</c> web-api@1.service.d, web-api@.service.d, web-.service.d
    /// and service.d.
    /// </summary>
    public static IEnumerable<string> FoldersOf(string unit)
    {
        var kind = unit[unit.LastIndexOf('.')..];
        var stem = unit[..^kind.Length];
        var at = stem.IndexOf('@', StringComparison.Ordinal);
        var prefix = at < 0 ? stem : stem[..at];
        yield return unit + ".d";
        if (at >= 0 && at < stem.Length - 1)
            yield return $"{prefix}@{kind}.d";
        for (var dash = prefix.LastIndexOf('-'); dash > 0; dash = prefix.LastIndexOf('-', dash - 1))
            yield return $"{prefix[..(dash + 1)]}{kind}.d";
        yield return kind[1..] + ".d";
    }
}
