using Bindwise.Model.Scenarios;

namespace Bindwise.Fuzz.Generating.Filtering;

/// <summary>
/// Keeps out of random scenarios what a release of Linux decides by something outside of them (docs/divergences.md, DV04).
/// </summary>
internal static class ReleaseFilter
{
    private const string TimeWaitReuse = "net.ipv4.tcp_tw_reuse";

    /// <summary>
    /// The scenario as it can be played on a release. Before 6.14 connect() takes a TIME_WAIT over from the next second of the kernel's
    /// clock on, so where connections compete for few ports it is never allowed to.
    /// </summary>
    internal static Scenario For(KernelRelease kernel, Scenario scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        if (kernel.Has(KernelChanges.TimeWaitReuseDelay) || !ScenarioNeeds.Of(scenario).TouchesRange)
            return scenario;
        return scenario with
        {
            Steps = [new SysctlStep(TimeWaitReuse, "0"),
            .. scenario.Steps.Where(static step => step is not SysctlStep { Name: TimeWaitReuse })]
        };
    }
}
