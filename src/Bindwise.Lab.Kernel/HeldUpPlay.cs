using System.Globalization;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Kernel;

/// <summary>
/// A play that the machine held up. What came too late proves nothing about the kernel, so a play that differs from the model is played
/// again.
/// </summary>
internal static class HeldUpPlay
{
    /// <summary>The plays of a scenario on a busy machine, at most.</summary>
    internal const int MostPlays = 3;

    /// <summary>
    /// No scenario waits closer than this to what it waits for: a play that was held up for longer can give something else.
    /// </summary>
    internal static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(200);

    /// <summary>The result of the last play, which says so.</summary>
    internal static ScenarioResult TooBusy(ScenarioResult result, TimeSpan heldUp) => result with
    {
        Error = string.Create(CultureInfo.InvariantCulture,
            $"this machine is too busy: it held up {MostPlays} plays, the last for {heldUp.TotalSeconds:0.0} s"),
    };
}
