using Bindwise.Linux;
using Bindwise.Model.Diagnosing.Planning;

namespace Bindwise;

/// <summary>Stays with an answer until another one stands. It looks at the one socket without whose end nothing changes, and asks the whole
/// question again, with its probes, only once that is gone. Where the pause and the question complete at once, all of it runs on the
/// calling thread.</summary>
/// <param name="ask">Asks the question again; throws <see cref="PortQueryException"/> where the system cannot answer.</param>
/// <param name="question">The question; between its answers it is also asked without probes.</param>
/// <param name="pause">Lets the time pass for which nothing is looked at; it is given the answer that stands. False ends the watching:
/// nobody listens any more.</param>
internal sealed class Follower(Func<PortQuery, ValueTask<Diagnosis>> ask, PortQuery question,
    Func<Diagnosis, TimeSpan, ValueTask<bool>> pause) : IDisposable
{
    /// <summary>Between two looks at a socket that one exact question finds.</summary>
    private static readonly TimeSpan CheapPace = TimeSpan.FromMilliseconds(200);

    /// <summary>Between two looks that walk a table, or ask again without a probe.</summary>
    private static readonly TimeSpan SlowPace = TimeSpan.FromSeconds(1);

    /// <summary>Where only a probe tells, it is made so seldom.</summary>
    private static readonly TimeSpan ProbePace = TimeSpan.FromSeconds(5);

    private readonly SocketWatch? _watch = OperatingSystem.IsLinux() ? SocketWatch.TryOpen() : null;
    private ulong _distrusted;

    /// <summary>Waits until something may have changed, and asks again. What comes need not say anything else
    /// (<see cref="FollowPlan.IsChange"/>).</summary>
    /// <exception cref="PortQueryException">The system cannot answer.</exception>
    public async ValueTask<Diagnosis> NextAsync(Diagnosis current)
    {
        var socket = FollowPlan.SocketToWatch(current);
        if (socket is not null && socket.Cookie != _distrusted && IsThere(socket) is not null)
            await WaitForEndAsync(socket, current).ConfigureAwait(false);
        else
            await WaitForAnotherAnswerAsync(current).ConfigureAwait(false);
        var next = await ask(question).ConfigureAwait(false);
        // What is told to be gone and yet is found again cannot be watched one by one.
        if (FollowPlan.SocketToWatch(next) is { } found && found.Cookie == socket?.Cookie)
            _distrusted = found.Cookie;
        return next;
    }

    public void Dispose()
    {
        if (OperatingSystem.IsLinux())
            _watch?.Dispose();
    }

    private async ValueTask WaitForEndAsync(HeldSocket socket, Diagnosis current)
    {
        var pace = OperatingSystem.IsLinux() && SocketWatch.IsCheap(socket) ? CheapPace : SlowPace;
        while (await pause(current, pace).ConfigureAwait(false) && IsThere(socket) == true)
        {
        }
    }

    // Null where it cannot be told: .NET alone knows no socket by itself.
    private bool? IsThere(HeldSocket socket) => OperatingSystem.IsLinux() ? _watch?.IsThere(socket) : null;

    private async ValueTask WaitForAnotherAnswerAsync(Diagnosis current)
    {
        var started = Stopwatch.GetTimestamp();
        var before = await AskWithoutProbeAsync().ConfigureAwait(false);
        while (await pause(current, SlowPace).ConfigureAwait(false))
        {
            var now = await AskWithoutProbeAsync().ConfigureAwait(false);
            var isProbeDue = question.MayProbe && before?.Verdict != Verdict.Blocked && Stopwatch.GetElapsedTime(started) >= ProbePace;
            if (isProbeDue || before is null || now is null || FollowPlan.IsChange(before, now))
                return;
        }
    }

    // A fault is told by the whole question, which comes after it.
    private async ValueTask<Diagnosis?> AskWithoutProbeAsync()
    {
        try
        {
            return await ask(question with { MayProbe = false }).ConfigureAwait(false);
        }
        catch (PortQueryException)
        {
            return null;
        }
    }
}
