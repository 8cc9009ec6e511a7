using Bindwise.Lab.Playing;
using Bindwise.Lab.Recording;
using Bindwise.Model.Platforms;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Simulation;

namespace Bindwise.Lab.Proving;

/// <summary>On the documented rules of another system, in virtual time: nothing is run.</summary>
/// <param name="platform">The system.</param>
public sealed class DocumentedCaseHosts(PlatformProfile platform) : ICaseHosts
{
    /// <inheritdoc/>
    public ScenarioWaits WaitsOf(Scenario scenario) => default;

    /// <inheritdoc/>
    public void PlayAll(IReadOnlyList<Scenario> scenarios, Action<int, RecordedPlay> done, Action<int, PlayProgress> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(scenarios);
        ArgumentNullException.ThrowIfNull(done);
        using var player = new Player(new ScenarioHosts(scenario => PlatformHost.For(platform, scenario), Kernel: null));
        for (var index = 0; index < scenarios.Count; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            done(index, new RecordedPlay(player.Play(scenarios[index], cancellation), Model: null, Kernel: null));
        }
    }
}
