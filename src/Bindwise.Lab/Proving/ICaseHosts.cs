using Bindwise.Lab.Playing;
using Bindwise.Lab.Recording;
using Bindwise.Model.Platforms;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Simulation;

namespace Bindwise.Lab.Proving;

/// <summary>Where the cases of claims are played.</summary>
public interface ICaseHosts
{
    /// <summary>How long a case waits there in real time.</summary>
    ScenarioWaits WaitsOf(Scenario scenario);

    /// <summary>Plays all of them, side by side where they wait.</summary>
    /// <param name="scenarios">The cases.</param>
    /// <param name="done">Told of each play as it ends, with its index, on any thread, several at once.</param>
    /// <param name="progress">Told of waits on the kernel, likewise.</param>
    /// <param name="cancellation">Ends all.</param>
    /// <exception cref="OperationCanceledException">They were ended early.</exception>
    void PlayAll(IReadOnlyList<Scenario> scenarios, Action<int, RecordedPlay> done, Action<int, PlayProgress> progress, CancellationToken cancellation);
}

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
