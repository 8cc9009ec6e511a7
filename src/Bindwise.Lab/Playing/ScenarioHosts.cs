using Bindwise.Model.Scenarios.Claims;
using Bindwise.Model.Scenarios.Words;
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

/// <summary>How long a scenario waits on the kernel, as its steps alone tell.</summary>
/// <param name="MostSeconds">With retries that try to their end.</param>
internal readonly record struct ScenarioWaits(decimal LeastSeconds, decimal MostSeconds)
{
    public static ScenarioWaits Of(Scenario scenario)
    {
        var (least, most) = (0m, 0m);
        foreach (var step in scenario.Steps)
        {
            least += step is WaitStep wait ? wait.Seconds : 0;
            most += step switch
            {
                WaitStep { Seconds: var seconds } => seconds,
                RetryStep retry => retry.ForSeconds,
                _ => 0,
            };
        }
        return new ScenarioWaits(least, most);
    }

    /// <summary>For a sentence: <c>66 s</c>, <c>up to 70 s</c>, <c>66 to 136 s</c>, <c>1 h 6 min 40 s (4000 s)</c>.</summary>
    public override string ToString()
    {
        var longest = Long(MostSeconds);
        if (LeastSeconds == MostSeconds)
            return longest.Length == 0 ? Plain(MostSeconds) : $"{longest} ({Plain(MostSeconds)})";
        var range = LeastSeconds == 0 ? $"up to {Plain(MostSeconds)}"
            : string.Create(CultureInfo.InvariantCulture, $"{LeastSeconds:0.###} to {Plain(MostSeconds)}");
        return longest.Length == 0 ? range : $"{range} (up to {longest})";
    }

    private static string Plain(decimal seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.###} s");

    // Nothing below two minutes, which everybody reads in seconds.
    private static string Long(decimal seconds)
    {
        if (seconds < 120)
            return "";
        var whole = (long)decimal.Round(seconds);
        var text = new StringBuilder();
        foreach (var (unit, length) in new (string, long)[] { ("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1) })
        {
            if (whole / length is > 0 and var count)
                text.Append(text.Length == 0 ? "" : " ").Append(CultureInfo.InvariantCulture, $"{count} {unit}");
            whole %= length;
        }
        return text.ToString();
    }
}

/// <summary>By whose rules a scenario is to be played, as people name them: a release of Linux or another system.</summary>
internal static class ChosenRules
{
    /// <summary>The release of Linux that a text names (--kernel); null where its rules are not known.</summary>
    /// <param name="text">As 6.1.</param>
    public static KernelRelease? Kernel(string text, out string? fault)
    {
        fault = null;
        if (!KernelRelease.TryParse(text, out var release))
            fault = $"--kernel {text} is not a Linux release: give two numbers, as {KernelRelease.Documented}";
        else if (release < KernelRelease.Oldest)
            fault = $"--kernel {text}: the rules of Linux before {KernelRelease.Oldest} are not known";
        return fault is null ? release : null;
    }

    /// <summary>The system that a text names (--platform); null for none that is known.</summary>
    public static PlatformProfile? Platform(string text, out string? fault)
    {
        var found = ClaimSystems.All.Contains(text) ? PlatformProfiles.Find(text) : null;
        fault = found is null ? $"--platform {text} is not a known system{Nearest.Hint(text, ClaimSystems.All)}" : null;
        return found;
    }
}
