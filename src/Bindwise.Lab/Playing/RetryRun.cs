using System.Diagnostics;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Playing;

/// <summary>A retry under way on the hosts of a performance: on the model at once, on virtual time; on the kernel an attempt now and then.</summary>
/// <param name="step">The retry.</param>
/// <param name="model">The simulated host; null for none.</param>
/// <param name="kernel">The live host; null for none.</param>
internal sealed class RetryRun(RetryStep step, IHost? model, IHost? kernel)
{
    private readonly Retrying onKernel = new(step);
    private StepResult? ofModel;
    private long began;
    private decimal dueSeconds;

    /// <summary>What it gave, once <see cref="Advance"/> gave null.</summary>
    internal StepOutcome Outcome => new(step, ofModel, kernel is null ? null : onKernel.Result);

    /// <summary>Tries on, to the end or to a long wait on the kernel.</summary>
    /// <returns>How long to wait before the next call; null when it is over.</returns>
    internal TimeSpan? Advance()
    {
        if (model is not null)
            ofModel ??= PlayOnModel(model);
        if (kernel is null)
            return null;
        if (onKernel.Attempts == 0)
            began = Stopwatch.GetTimestamp();
        // Waits may end early by a tick of the clock: what is left is handed out as well, so that no attempt comes before its time.
        if (dueSeconds - Elapsed() is > 0 and var left)
            return TimeSpan.FromSeconds((double)left);
        while (onKernel.After(kernel.Play(step.Attempt), Elapsed()) is { } due)
        {
            var wait = due - Elapsed();
            if (wait >= (decimal)ScenarioHosts.LongWait.TotalSeconds)
            {
                dueSeconds = due;
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
    private decimal Elapsed() => (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds / 1000m;
}
