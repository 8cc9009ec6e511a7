using Bindwise.Lab.Playing;
using Bindwise.Lab.Proving;
using Bindwise.Lab.Recording;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Platforms;
using Bindwise.Model.Scenarios.Claims;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary>What verdicts speak of, and where they are played.</summary>
internal static class ProofSystems
{
    /// <summary>The release of this kernel; elsewhere, and where it cannot be read, that whose rules the model has.</summary>
    public static string Release() => OperatingSystem.IsLinux() && KernelRelease.Read() is { Length: > 0 } release ? release : ClaimSystems.ModelRelease;

    /// <summary>On this kernel, on the rules that the model has, or on both.</summary>
    public static ProofRequest Of(ScenarioHosts stage, bool isFast)
    {
        var options = new RecordingOptions { OnModel = stage.Model is not null, OnKernel = stage.Kernel is not null, IsFast = isFast && stage.Kernel is not null };
        var where = stage.Kernel is null
            ? new ProofSystem(ClaimSystems.Linux, ClaimSystems.ModelRelease, $"the rules of Linux {ClaimSystems.ModelRelease}")
            : new ProofSystem(ClaimSystems.Linux, Release(), $"Linux {Release()}");
        return new ProofRequest(new RecordingCaseHosts(options), where);
    }

    /// <summary>On the documented rules of another system.</summary>
    public static ProofRequest OfDocuments(PlatformProfile platform) =>
        new(new DocumentedCaseHosts(platform), new ProofSystem(platform.Id, "", platform.Name, IsRun: false));
}
