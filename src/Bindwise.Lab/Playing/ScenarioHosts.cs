using System.Runtime.Versioning;
using Bindwise.Linux.Live;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Simulation;

namespace Bindwise.Lab.Playing;

/// <summary>Where scenarios are played: on the model, on the kernel, or on both side by side.</summary>
/// <param name="Model">Makes a fresh simulated host for a scenario, on any thread; null to leave the model out.</param>
/// <param name="Kernel">Opens what live hosts come from, once on every thread that plays; null to leave the kernel out.</param>
public sealed record ScenarioHosts(Func<Scenario, IHost>? Model, Func<IHostPool>? Kernel)
{
    /// <summary>
    /// From here on a wait on the kernel is a long one: the scenario is put aside, so that others go on meanwhile.
    /// Shorter ones are not worth it.
    /// </summary>
    public static readonly TimeSpan LongWait = TimeSpan.FromMilliseconds(50);

    private const string NeedsLinux = "running on the kernel needs Linux";

    /// <summary>The rule model alone, on virtual time: works on every system, without rights.</summary>
    public static ScenarioHosts OfModel { get; } = ModelOf(KernelRelease.Documented);

    /// <summary>The rule model alone, with the rules of a release of Linux.</summary>
    public static ScenarioHosts ModelOf(KernelRelease kernel) => new(scenario => new SimulatedHost(scenario, kernel), null);

    /// <summary>The running kernel alone; opening it elsewhere than on Linux throws <see cref="PlatformNotSupportedException"/>.</summary>
    public static ScenarioHosts OfKernel { get; } = new(null, static () => OperatingSystem.IsLinux() ? new KernelPool() : throw new PlatformNotSupportedException(NeedsLinux));

    /// <summary>The rule model and the running kernel, whose rules the model has; the results are compared step by step.</summary>
    public static ScenarioHosts OfBoth { get; } = BothOf(OperatingSystem.IsLinux() ? RunningKernel.Read() : KernelRelease.Documented);

    /// <summary>The running kernel, and the rule model with the rules of a release of Linux.</summary>
    public static ScenarioHosts BothOf(KernelRelease kernel) => new(ModelOf(kernel).Model, OfKernel.Kernel);

    /// <summary>Why the running kernel cannot be played on, one line; null when it can. Tried on a thread of its own.</summary>
    public static string? WhyNoKernel()
    {
        string? lack = null;
        var trial = new Thread(() => lack = OperatingSystem.IsLinux() ? TryKernel() : NeedsLinux);
        trial.Start();
        trial.Join();
        return lack;
    }

    /// <summary>Plays one scenario to its end on the calling thread; for many a <see cref="Player"/> or a stream costs less.</summary>
    /// <exception cref="LiveUnavailableException">The kernel is asked for and cannot be played on.</exception>
    public ScenarioResult Play(Scenario scenario, CancellationToken cancellation = default)
    {
        using var player = new Player(this);
        return player.Play(scenario, cancellation);
    }

    /// <summary>How long a scenario waits when it is played here: not at all on the model alone, where time is virtual.</summary>
    public ScenarioWaits WaitsOf(Scenario scenario) => Kernel is null ? default : ScenarioWaits.Of(scenario);

    [SupportedOSPlatform("linux")]
    private static string? TryKernel()
    {
        try
        {
            using var pool = new KernelPool();
            using var host = pool.Lease(new Scenario("", []));
            return null;
        }
        catch (LiveUnavailableException exception)
        {
            return exception.Message;
        }
    }
}

/// <summary>Where the live hosts of one thread come from. It belongs to the thread that opened it, and so do its hosts.</summary>
public interface IHostPool : IDisposable
{
    /// <summary>Whether a further scenario can begin before one under way has ended.</summary>
    bool HasRoom { get; }

    /// <summary>A fresh host for a scenario; disposing of it gives it back.</summary>
    /// <exception cref="Bindwise.Linux.Live.LiveUnavailableException">This system cannot give one.</exception>
    IHost Lease(Scenario scenario);
}

/// <summary>Hosts on the running kernel.</summary>
[SupportedOSPlatform("linux")]
public sealed class KernelPool : IHostPool
{
    private readonly LivePool _pool = LivePool.Open();

    /// <inheritdoc/>
    public bool HasRoom => _pool.HasRoom;

    /// <inheritdoc/>
    public IHost Lease(Scenario scenario) => _pool.Lease(ScenarioNeeds.Of(scenario));

    /// <inheritdoc/>
    public void Dispose() => _pool.Dispose();
}
