using Bindwise.Lab.Playing;
using Bindwise.Lab.Recording;
using Bindwise.Model.Platforms;

namespace Bindwise.Lab.Proving;

/// <summary>Where the cases of claims are played.</summary>
internal interface ICaseHosts
{
    /// <summary>How long a case waits there in real time.</summary>
    ScenarioWaits WaitsOf(Scenario scenario);

    /// <summary>Plays all of them, side by side where they wait.</summary>
    /// <param name="done">Told of each play as it ends, with its index, on any thread, several at once.</param>
    /// <param name="progress">Told of waits on the kernel, likewise.</param>
    /// <exception cref="OperationCanceledException">They were ended early.</exception>
    void PlayAll(IReadOnlyList<Scenario> scenarios, Action<int, RecordedPlay> done, Action<int, PlayProgress> progress,
        CancellationToken cancellation);
}

/// <summary>Where nothing is run: rules decide, on virtual time, one case after the other.</summary>
internal sealed class VirtualCaseHosts : ICaseHosts
{
    private readonly Func<Scenario, RecordedPlay> _play;

    private VirtualCaseHosts(Func<Scenario, RecordedPlay> play) => _play = play;

    /// <summary>On the rule model, with the rules of a release of Linux, and with all that happens below the calls.</summary>
    public static VirtualCaseHosts OfModel(KernelRelease kernel) => new(scenario => ModelRecorder.Play(scenario, kernel));

    /// <summary>On the documented rules of another system.</summary>
    public static VirtualCaseHosts OfDocuments(PlatformProfile platform)
    {
        var hosts = ScenarioHosts.DocumentsOf(platform);
        return new VirtualCaseHosts(scenario => new RecordedPlay(hosts.Play(scenario), Model: null, Kernel: null));
    }

    public ScenarioWaits WaitsOf(Scenario scenario) => default;

    public void PlayAll(
        IReadOnlyList<Scenario> scenarios, Action<int, RecordedPlay> done, Action<int, PlayProgress> progress,
        CancellationToken cancellation)
    {
        for (var index = 0; index < scenarios.Count; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            done(index, _play(scenarios[index]));
        }
    }
}
