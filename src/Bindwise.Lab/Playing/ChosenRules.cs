using Bindwise.Model.Scenarios.Claims;
using Bindwise.Model.Scenarios.Words;

namespace Bindwise.Lab.Playing;

/// <summary>By whose rules a scenario is to be played, as people name them: a release of Linux or another system.</summary>
internal static class ChosenRules
{
    /// <summary>The release of Linux that a text names (--kernel); null where its rules are not known.</summary>
    /// <param name="text">As 6.1.</param>
    public static KernelRelease? Kernel(string text, out string? fault)
    {
        fault = null;
        if (!KernelRelease.TryParse(text, out var release))
            fault = $"--kernel {text} is not a Linux release: give two numbers, as {KernelRelease.Documented}";
        else if (release < KernelRelease.Oldest)
            fault = $"--kernel {text}: the rules of Linux before {KernelRelease.Oldest} are not known";
        return fault is null ? release : null;
    }

    /// <summary>The system that a text names (--platform); null for none that is known.</summary>
    public static PlatformProfile? Platform(string text, out string? fault)
    {
        var found = ClaimSystems.All.Contains(text) ? PlatformProfiles.Find(text) : null;
        fault = found is null ? $"--platform {text} is not a known system{Nearest.Hint(text, ClaimSystems.All)}" : null;
        return found;
    }
}
