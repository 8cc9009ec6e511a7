using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Lab.Recording;

/// <summary>How time passes on a host: at once on the model; really on the kernel, where others may play meanwhile.</summary>
internal abstract class HostTime
{
    internal abstract bool IsReal { get; }

    /// <summary>What the last wait gave where the host is asked to let time pass; null for nothing to say.</summary>
    internal StepResult? Last { get; private protected set; }

    /// <summary>The play ends here rather than wait so long.</summary>
    internal abstract bool Ends(TimeSpan span);

    /// <param name="look">Looks at the host now and then; gets how much has passed.</param>
    internal abstract void Pass(IRecordingHost host, TimeSpan span, Func<TimeSpan, PlayProgress> look);
}

/// <summary>Time as it passes on the model: at once.</summary>
internal sealed class ModelTime : HostTime
{
    internal override bool IsReal => false;

    internal override bool Ends(TimeSpan span) => false;

    internal override void Pass(IRecordingHost host, TimeSpan span, Func<TimeSpan, PlayProgress> look) =>
        Last = host.Play(new WaitStep((decimal)span.Ticks / TimeSpan.TicksPerSecond));
}
