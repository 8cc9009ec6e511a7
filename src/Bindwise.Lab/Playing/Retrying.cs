using System.Globalization;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Playing;

/// <summary>A retry on one host: when its next attempt is due, and what came of it. Who plays makes the attempts and lets the time pass.</summary>
/// <param name="step">The retry.</param>
public sealed class Retrying(RetryStep step)
{
    /// <summary>How many attempts were made.</summary>
    public int Attempts { get; private set; }

    /// <summary>What the retry gave so far: as the last attempt, with the number of attempts and the time that they took.</summary>
    public StepResult Result { get; private set; } = new(StepResult.Ok);

    /// <summary>Takes in what an attempt gave.</summary>
    /// <param name="given">Its result.</param>
    /// <param name="elapsedSeconds">How long after the first attempt it was made.</param>
    /// <returns>How long after the first attempt, in seconds, the next one is due; null when there is none: it succeeded, cannot, or the time is over.</returns>
    public decimal? After(StepResult given, decimal elapsedSeconds)
    {
        ArgumentNullException.ThrowIfNull(given);
        Attempts++;
        Result = given with { Because = Tell(given, elapsedSeconds) };
        // A name without a socket stays one.
        if (given.Result is StepResult.Ok or StepResult.NoSocket)
            return null;
        var next = Math.Max(Attempts * step.EverySeconds, elapsedSeconds);
        return next <= step.ForSeconds ? next : null;
    }

    private string Tell(StepResult given, decimal elapsedSeconds)
    {
        var seconds = string.Create(CultureInfo.InvariantCulture, $"{elapsedSeconds:0.###} s");
        var tried = (given.Result, Attempts) switch
        {
            (StepResult.Ok, 1) => "the first attempt succeeded",
            (StepResult.Ok, _) => string.Create(CultureInfo.InvariantCulture, $"attempt {Attempts} succeeded, {seconds} after the first"),
            (_, 1) => "one attempt, which failed",
            _ => string.Create(CultureInfo.InvariantCulture, $"{Attempts} attempts in {seconds}, and all failed"),
        };
        return given.Because.Length == 0 || given.Result == StepResult.Ok ? tried : $"{tried}: {given.Because}";
    }
}
