using System.Collections.Immutable;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Planning;
using Bindwise.Planning;

namespace Bindwise.Cli.Verbs.Plan;

/// <summary>A plan of files' ports under this host's settings.</summary>
/// <param name="Plan">The plan, with all remarks.</param>
/// <param name="Settings">The settings.</param>
internal sealed record PlanCheck(PortPlan Plan, HostSettings Settings)
{
    /// <summary>Checks what files say.</summary>
    /// <param name="input">What they say.</param>
    /// <param name="profiles">The profiles that are on; null for each by itself.</param>
    /// <param name="running">What runs here; null to leave that out.</param>
    /// <param name="kernel">The release of Linux whose rules decide; null for the documented one.</param>
    public static PlanCheck Of(PlanInput input, ImmutableArray<string>? profiles, PortListing? running, KernelRelease? kernel = null)
    {
        var settings = OperatingSystem.IsLinux() ? PortSettings.Read() : new HostSettings();
        var plan = PortPlanner.Check(input.Ports, new PlanCircumstances { Settings = settings, Profiles = profiles, Running = running, Kernel = kernel ?? KernelRelease.Documented });
        return new PlanCheck(plan with { Sources = input.Sources, Remarks = [.. plan.Remarks, .. input.Remarks] }, settings);
    }
}
