using Bindwise.Lab.Kernel;
using Bindwise.Lab.Playing;
using Bindwise.Linux.Live;
using Bindwise.Linux.Live.Processes;
using Bindwise.Linux.Threads;

namespace Bindwise.Cli.Verbs.Lab;

internal enum PlayOn : byte
{
    /// <summary>On both where the kernel lets us, else on the model alone.</summary>
    WhereItCan,

    Model,
    Kernel,

    Both,
}

internal static class LabHosts
{
    // Two for each of the first scenarios, that of the signals, and those of the runtime's pool.
    private const int NeededThreads = 8;

    /// <summary>
    /// The hosts that were asked for; null, with one line on standard error, when the kernel was asked for and cannot be played on, or this
    /// process may have too few threads to try.
    /// </summary>
    /// <param name="kernel">The release of Linux whose rules the model has; null for the running one's, and where only the model plays for
    /// the documented one.</param>
    public static ScenarioHosts? Open(PlayOn on, ErrorLines errors, KernelRelease? kernel = null)
    {
        var model = ScenarioHosts.ModelOf(kernel ?? KernelRelease.Documented);
        if (on == PlayOn.Model)
            return model;
        // The more scenarios wait at the same time, the sooner all are done; the native program starts with the soft limit.
        if (OperatingSystem.IsLinux())
        {
            DescriptorLimit.Raise();
            ScenarioProcessProgram.IsHere();
            if (ResourceShortage.OfThreads(NeededThreads) is { } shortage)
            {
                errors.Write(shortage);
                return null;
            }
        }
        if (KernelHosts.WhyNot() is not { } whyNot)
            return on == PlayOn.Kernel ? KernelHosts.Alone
                : kernel is { } release ? KernelHosts.WithModelOf(release) : KernelHosts.WithModel;
        if (OperatingSystem.IsLinux())
            whyNot += "; " + OwnUserNamespace.Enter(Environment.GetCommandLineArgs()[1..]);
        errors.Write(on == PlayOn.WhereItCan ? $"playing on the model alone: {whyNot}" : whyNot);
        return on == PlayOn.WhereItCan ? model : null;
    }
}

/// <summary>
/// Says on standard error, before a silence, how long a play will wait, and how to have it at once. Once for the first that waits, since
/// those that wait do so at the same time; and again for one that waits much longer than any before.
/// </summary>
/// <param name="isForProgram">A program reads the answers: only of waits that it could take for a fault.</param>
internal sealed class WaitNotice(ErrorLines errors, bool isForProgram)
{
    // Shorter waits need no notice.
    private const decimal NoticeableSeconds = 2;
    private const decimal LongSeconds = 600;
    private const decimal MuchLonger = 2;

    private decimal _announced;

    public void Announce(string who, ScenarioWaits waits)
    {
        var isWorth = _announced == 0
            ? waits.MostSeconds >= (isForProgram ? LongSeconds : NoticeableSeconds)
            : waits.MostSeconds >= LongSeconds && waits.MostSeconds >= _announced * MuchLonger;
        if (!isWorth)
            return;
        _announced = waits.MostSeconds;
        errors.Write($"{who}: it waits {waits} on the kernel (--on model does not wait)");
    }
}
