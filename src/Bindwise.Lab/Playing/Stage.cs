using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Playing;

/// <summary>Where scenarios are played: on the model, on the kernel, or on both side by side.</summary>
/// <param name="Model">Makes a fresh simulated host for a scenario; null to leave the model out.</param>
/// <param name="Kernel">Makes a live host for a scenario; null to leave the kernel out.</param>
public sealed record Stage(Func<Scenario, IHost>? Model, Func<Scenario, IHost>? Kernel)
{
    /// <summary>
    /// From here on a wait on the kernel is a long one: the scenario is put aside, so that others go on meanwhile.
    /// Shorter ones are not worth it.
    /// </summary>
    public static readonly TimeSpan LongWait = TimeSpan.FromMilliseconds(50);

    /// <summary>Plays one scenario to its end and waits where it waits.</summary>
    public ScenarioResult Play(Scenario scenario, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        using var performance = new Performance(scenario, this);
        while (performance.Advance() is { } wait && !cancellation.IsCancellationRequested)
            cancellation.WaitHandle.WaitOne(wait);
        return performance.Result;
    }

    /// <summary>How long a scenario waits at least when it is played here, in seconds: 0 on the model alone, where time is virtual.</summary>
    public decimal SecondsOfWaiting(Scenario scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        return Kernel is null ? 0 : scenario.Steps.OfType<WaitStep>().Sum(static step => step.Seconds);
    }
}
