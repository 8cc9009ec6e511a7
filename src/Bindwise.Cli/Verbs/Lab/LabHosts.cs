using Bindwise.Cli.Output;
using Bindwise.Lab.Playing;
using Bindwise.Linux.Live;
using Bindwise.Linux.Live.Processes;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary>Where a run of <c>lab</c> plays.</summary>
internal static class LabHosts
{
    /// <summary>The stage that was asked for; null, with one line on standard error, when the kernel was asked for and cannot be played on.</summary>
    public static ScenarioHosts? Open(PlayOn on, ErrorLines errors)
    {
        if (on == PlayOn.Model)
            return ScenarioHosts.OfModel;
        // The more scenarios wait at the same time, the sooner all are done; the native program starts with the soft limit.
        if (OperatingSystem.IsLinux())
        {
            DescriptorLimit.Raise();
            ScenarioProcessProgram.IsHere();
        }
        if (ScenarioHosts.WhyNoKernel() is not { } lack)
            return on == PlayOn.Kernel ? ScenarioHosts.OfKernel : ScenarioHosts.OfBoth;
        if (OperatingSystem.IsLinux())
            lack += "; " + OwnUserNamespace.Enter(Environment.GetCommandLineArgs()[1..]);
        errors.Write(on == PlayOn.WhereItCan ? $"playing on the model alone: {lack}" : lack);
        return on == PlayOn.WhereItCan ? ScenarioHosts.OfModel : null;
    }
}
