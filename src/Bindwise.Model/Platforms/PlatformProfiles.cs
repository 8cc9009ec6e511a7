namespace Bindwise.Model.Platforms;

/// <summary>The systems whose rules are known, in the order in which they are shown.</summary>
internal static class PlatformProfiles
{
    /// <summary>The rules of Linux, those that the tests hold to the running kernel.</summary>
    public static PlatformProfile Linux { get; } = new LinuxProfile(KernelRelease.Documented);

    /// <summary>Every system with rules, Linux first.</summary>
    public static ImmutableArray<PlatformProfile> All { get; } =
    [
        Linux, new FreeBsdProfile(), new MacOsProfile(), new OpenBsdProfile(), new NetBsdProfile(), new WindowsProfile(),
        new IllumosProfile(), new GvisorProfile(),
    ];

    /// <summary>The system of a name, as <c>freebsd</c>; null for none.</summary>
    public static PlatformProfile? Find(string name)
    {
        foreach (var profile in All)
        {
            if (string.Equals(profile.Id, name, StringComparison.OrdinalIgnoreCase))
                return profile;
        }
        return null;
    }

    public static string Names => string.Join(", ", All.Select(static profile => profile.Id));
}
