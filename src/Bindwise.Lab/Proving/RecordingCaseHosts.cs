using Bindwise.Lab.Playing;
using Bindwise.Lab.Recording;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Proving;

/// <summary>On the running kernel, on the model, or on both: with all that happens below the calls.</summary>
/// <param name="options">Where, and whether long waits are left to the model.</param>
public sealed class RecordingCaseHosts(RecordingOptions options) : ICaseHosts
{
    /// <inheritdoc/>
    public ScenarioWaits WaitsOf(Scenario scenario)
    {
        var waits = options.OnKernel ? ScenarioWaits.Of(scenario) : default;
        return options.IsFast && waits.MostSeconds > (decimal)RecordingOptions.FastWait.TotalSeconds ? default : waits;
    }

    /// <inheritdoc/>
    public void PlayAll(IReadOnlyList<Scenario> scenarios, Action<int, RecordedPlay> done, Action<int, PlayProgress> progress, CancellationToken cancellation)
    {
        using var player = new RecordingPlayer(options);
        player.PlayAll(scenarios, done, progress, cancellation);
    }
}
