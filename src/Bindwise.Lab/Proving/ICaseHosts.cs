using Bindwise.Lab.Playing;
using Bindwise.Lab.Recording;
using Bindwise.Model.Scenarios;

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
