using System.Collections.Immutable;
using Bindwise.Model.Platforms;

namespace Bindwise.Model.Scenarios.Claims;

/// <summary>The systems that a verdict may be recorded for.</summary>
public static class ClaimSystems
{
    /// <summary>The one whose rules the model has, and on whose kernel claims are played.</summary>
    public const string Linux = "linux";

    /// <summary>The release of Linux whose rules the model has.</summary>
    public const string ModelRelease = "6.18";

    /// <summary>All of them: linux, then those of which only documents speak.</summary>
    public static ImmutableArray<string> All { get; } = [.. PlatformProfiles.All.Select(static profile => profile.Id)];
}
