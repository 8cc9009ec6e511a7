using Bindwise.Lab.Playing;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Platforms;
using Bindwise.Model.Scenarios.Claims;

namespace Bindwise.Cli.Verbs;

/// <summary>What verdicts speak of on this machine.</summary>
internal static class ProofSystems
{
    /// <summary>The release of this kernel; elsewhere, and where it cannot be read, that whose rules the model has.</summary>
    public static string Release() => OperatingSystem.IsLinux() && KernelRelease.Read() is { Length: > 0 } release ? release : ClaimSystems.ModelRelease;

    /// <summary>What plays on a stage speak of: this kernel, or the rules that the model has.</summary>
    public static ProofSystem Of(Stage stage) => stage.Kernel is null
        ? new ProofSystem(ClaimSystems.Linux, ClaimSystems.ModelRelease, $"the rules of Linux {ClaimSystems.ModelRelease}")
        : new ProofSystem(ClaimSystems.Linux, Release(), $"Linux {Release()}");

    /// <summary>Where the documented rules of another system are followed; null for Linux, which is played.</summary>
    public static Stage? Documented(string platform) =>
        platform != ClaimSystems.Linux && PlatformBook.Find(platform) is { } profile ? new Stage(scenario => PlatformHost.For(profile, scenario), null) : null;

    /// <summary>What verdicts by documents speak of.</summary>
    public static ProofSystem OfDocuments(string platform) => new(platform, "", PlatformBook.Find(platform)?.Name ?? platform, IsRun: false);
}
