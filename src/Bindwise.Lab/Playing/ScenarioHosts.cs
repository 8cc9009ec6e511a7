using Bindwise.Model.Simulation;

namespace Bindwise.Lab.Playing;

/// <summary>Where scenarios are played: on the model, on the kernel, or on both side by side.</summary>
/// <param name="Model">Makes a fresh simulated host for a scenario, on any thread; null to leave the model out.</param>
/// <param name="Kernel">Opens what live hosts come from, once on every thread that plays; null to leave the kernel out.</param>
internal sealed record ScenarioHosts(Func<Scenario, IHost>? Model, Func<IHostPool>? Kernel)
{
    /// <summary>
    /// From here on a wait on the kernel is a long one: the scenario is put aside, so that others go on meanwhile. Shorter ones are not
    /// worth it.
    /// </summary>
    public static readonly TimeSpan LongWait = TimeSpan.FromMilliseconds(50);

    /// <summary>The rule model alone, on virtual time: works on every system, without rights.</summary>
    public static ScenarioHosts OfModel { get; } = ModelOf(KernelRelease.Documented);

    /// <summary>The rule model alone, with the rules of a release of Linux.</summary>
    public static ScenarioHosts ModelOf(KernelRelease kernel) => new(scenario => new SimulatedHost(scenario, kernel), null);

    /// <summary>The documented rules of another system alone; of Linux those of the profile's release.</summary>
    public static ScenarioHosts DocumentsOf(PlatformProfile platform) =>
        new(scenario => PlatformHost.For(platform, scenario), Kernel: null);

    /// <summary>Plays one scenario to its end on the calling thread; for many a <see cref="Player"/> or a stream costs less.</summary>
    /// <exception cref="UnplayableException">The kernel is asked for and cannot be played on.</exception>
    public ScenarioResult Play(Scenario scenario, CancellationToken cancellation = default)
    {
        using var player = new Player(this);
        return player.Play(scenario, cancellation);
    }

    /// <summary>How long a scenario waits when it is played here: not at all on the model alone, where time is virtual.</summary>
    public ScenarioWaits WaitsOf(Scenario scenario) => Kernel is null ? default : ScenarioWaits.Of(scenario);
}

/// <summary>Where the live hosts of one thread come from. It belongs to the thread that opened it, and so do its hosts.</summary>
internal interface IHostPool : IDisposable
{
    /// <summary>Whether a further scenario can begin before one under way has ended.</summary>
    bool HasRoom { get; }

    /// <summary>A fresh host for a scenario; disposing of it gives it back.</summary>
    /// <exception cref="UnplayableException">This system cannot give one.</exception>
    IHost Lease(Scenario scenario);
}
