using System.Diagnostics;

namespace Bindwise.Lab.Playing;

/// <summary>A retry under way on the hosts of a run: on the model at once, on virtual time; on the kernel an attempt now and
/// then.</summary>
internal sealed class RetryRun(RetryStep step, IHost? model, IHost? kernel)
{
    private readonly Retrying _onKernel = new(step);
    private StepResult? _ofModel;
    private long _began;
    private decimal _dueSeconds;

    /// <summary>What it gave, once <see cref="Advance"/> gave null.</summary>
    internal StepOutcome Outcome => new(step, _ofModel, kernel is null ? null : _onKernel.Result);

    /// <summary>Tries on, to the end or to a long wait on the kernel.</summary>
    /// <returns>How long to wait before the next call; null when it is over.</returns>
    internal TimeSpan? Advance()
    {
        if (model is not null)
            _ofModel ??= PlayOnModel(model);
        if (kernel is null)
            return null;
        if (_onKernel.Attempts == 0)
            _began = Stopwatch.GetTimestamp();
        // Waits may end early by a tick of the clock: what is left is handed out as well, so that no attempt comes before its time.
        if (_dueSeconds - Elapsed() is > 0 and var left)
            return TimeSpan.FromSeconds((double)left);
        while (_onKernel.After(kernel.Play(step.Attempt), Elapsed()) is { } due)
        {
            var wait = due - Elapsed();
            if (wait >= (decimal)ScenarioHosts.LongWait.TotalSeconds)
            {
                _dueSeconds = due;
                return TimeSpan.FromSeconds((double)wait);
            }
            if (wait > 0)
                _ = kernel.Play(new WaitStep(wait));
        }
        return null;
    }

    private StepResult PlayOnModel(IHost host)
    {
        var retrying = new Retrying(step);
        var elapsed = 0m;
        while (retrying.After(host.Play(step.Attempt), elapsed) is { } due)
        {
            _ = host.Play(new WaitStep(due - elapsed));
            elapsed = due;
        }
        return retrying.Result;
    }

    // Whole milliseconds, the begun one not counted.
    private decimal Elapsed() => (long)Stopwatch.GetElapsedTime(_began).TotalMilliseconds / 1000m;
}

/// <summary>A retry on one host: when its next attempt is due, and what came of it. Who plays makes the attempts and lets the time
/// pass.</summary>
internal sealed class Retrying(RetryStep step)
{
    public int Attempts { get; private set; }

    /// <summary>What the retry gave so far: as the last attempt, with the number of attempts and the time that they took.</summary>
    public StepResult Result { get; private set; } = new(StepResult.Ok);

    /// <summary>Takes in what an attempt gave.</summary>
    /// <param name="elapsedSeconds">How long after the first attempt it was made.</param>
    /// <returns>How long after the first attempt, in seconds, the next one is due; null when there is none: it
    /// succeeded, cannot, or the time is over.</returns>
    public decimal? After(StepResult given, decimal elapsedSeconds)
    {
        Attempts++;
        Result = given with { Because = Describe(given, elapsedSeconds) };
        // A name without a socket stays one.
        if (given.Result is StepResult.Ok or StepResult.NoSocket)
            return null;
        var next = Math.Max(Attempts * step.EverySeconds, elapsedSeconds);
        return next <= step.ForSeconds ? next : null;
    }

    private string Describe(StepResult given, decimal elapsedSeconds)
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
