using System.Collections.Immutable;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Planning;
using Bindwise.Planning;

namespace Bindwise.Cli.Verbs.Plan;

internal sealed record PlanCheck(PortPlan Plan, HostSettings Settings)
{
    /// <param name="profiles">The profiles that are on; null for each by itself.</param>
    /// <param name="running">What runs here; null to leave that out.</param>
    /// <param name="kernel">The release of Linux whose rules decide; null for the documented one.</param>
    /// <param name="used">Reads what is in use here, for the ports to take instead, where there are
    /// conflicts; null where that is not to be known.</param>
    public static PlanCheck Of(PlanInput input, ImmutableArray<string>? profiles, PortListing? running, KernelRelease? kernel = null,
        Func<PortListing?>? used = null)
    {
        var settings = OperatingSystem.IsLinux() ? PortSettings.Read() : new HostSettings();
        var circumstances = new PlanCircumstances
        {
            Settings = settings,
            Profiles = profiles,
            Running = running,
            InUse = running,
            Kernel = kernel ?? KernelRelease.Documented
        };
        var plan = PortPlanner.Check(input.Ports, circumstances);
        if (running is null && !plan.Conflicts.IsEmpty && used?.Invoke() is { } here)
            plan = PortPlanner.Check(input.Ports, circumstances with { InUse = here });
        return new PlanCheck(plan with { Sources = input.Sources, Remarks = [.. plan.Remarks, .. input.Remarks] }, settings);
    }
}
