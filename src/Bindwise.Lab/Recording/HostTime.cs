using System.Collections.Immutable;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Lab.Recording;

/// <summary>How time passes on a host: at once on the model; really on the kernel, where others may play meanwhile.</summary>
internal abstract class HostTime
{
    /// <summary>Time passes by itself.</summary>
    internal abstract bool IsReal { get; }

    /// <summary>What the last wait gave where the host is asked to let time pass; null for nothing to say.</summary>
    internal StepResult? Last { get; private protected set; }

    /// <summary>The play ends here rather than wait so long.</summary>
    internal abstract bool Ends(TimeSpan span);

    /// <summary>Lets time pass.</summary>
    /// <param name="host">The host.</param>
    /// <param name="span">How long.</param>
    /// <param name="look">Looks at the host now and then; gets how much has passed.</param>
    internal abstract void Pass(IRecordingHost host, TimeSpan span, Func<TimeSpan, PlayProgress> look);
}

/// <summary>Time as it passes on the model: at once.</summary>
internal sealed class ModelTime : HostTime
{
    /// <inheritdoc/>
    internal override bool IsReal => false;

    /// <inheritdoc/>
    internal override bool Ends(TimeSpan span) => false;

    /// <inheritdoc/>
    internal override void Pass(IRecordingHost host, TimeSpan span, Func<TimeSpan, PlayProgress> look) =>
        Last = host.Play(new WaitStep((decimal)span.Ticks / TimeSpan.TicksPerSecond));
}

/// <summary>A moment of a wait on the kernel, told some times a second.</summary>
/// <param name="Scenario">The scenario that waits.</param>
/// <param name="Step">The index of the step: a wait, or a retry.</param>
/// <param name="Waited">How much of it has passed.</param>
/// <param name="Wait">How long it is in all; of a retry, at most.</param>
/// <param name="Sockets">The sockets of this moment: of a TIME_WAIT the kernel's countdown is in <see cref="SocketRow.SecondsLeft"/>.</param>
internal sealed record PlayProgress(Scenario Scenario, int Step, TimeSpan Waited, TimeSpan Wait, ImmutableArray<SocketRow> Sockets)
{
    /// <summary>Of a retry, the attempts that were made so far; 0 for a wait.</summary>
    public int Attempts { get; init; }
}
