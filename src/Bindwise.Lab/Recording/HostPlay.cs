using System.Collections.Immutable;
using Bindwise.Linux.Live;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Recording;

/// <summary>What one host gave.</summary>
/// <param name="Host">Which.</param>
/// <param name="Results">What each step gave, as far as it was played; null for expectations.</param>
/// <param name="Steps">What happened.</param>
/// <param name="Means">How it was seen.</param>
/// <param name="Error">Why it ended early, one line; null when it did not.</param>
/// <param name="IsFault">A fault of this program.</param>
internal sealed record HostPlay(
    RecordedHost Host, IReadOnlyList<StepResult?> Results, ImmutableArray<RecordedStep> Steps, string Means, string? Error, bool IsFault)
{
    /// <summary>Nothing could be played.</summary>
    internal static HostPlay Failed(RecordedHost host, string error) => new(host, [], [], "", error, IsFault: false);

    /// <summary>Plays.</summary>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    internal static HostPlay Of(HostRecording recording, RecordedHost host, Func<string> means)
    {
        var (error, isFault) = (default(string), false);
        try
        {
            recording.Play();
        }
        catch (Exception exception) when (exception is LiveUnavailableException or UnplayableStepException)
        {
            error = $"step {recording.Results.Count}: {exception.Message}";
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Whatever a host throws ends this play and no other; what it did not foresee is a fault of ours.
            (error, isFault) = ($"step {recording.Results.Count}: {exception.GetType().Name}: {exception.Message}", true);
        }
        return new HostPlay(host, recording.Results, recording.Steps, means(), error, isFault);
    }
}
