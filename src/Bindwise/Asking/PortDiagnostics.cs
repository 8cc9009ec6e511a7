using System.Runtime.CompilerServices;
using Bindwise.Linux;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Rendering.Json;
using Bindwise.Rendering.Text;

namespace Bindwise;

/// <summary>Answers questions about ports, with the same answers as <c>bindwise why</c>. Stateless; thread-safe.</summary>
public static class PortDiagnostics
{
    /// <summary>Says why a port can or cannot be bound.</summary>
    /// <param name="query">What is asked.</param>
    /// <param name="cancellationToken">Ends the search between two of its stages.</param>
    /// <exception cref="PortQueryException">The system cannot answer, for instance for an unknown host.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Diagnosis Diagnose(PortQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        query.Check(nameof(query));
        using var inquiry = Inquiry.Open(query.As, query.Portable);
        return inquiry.Ask(query, cancellationToken);
    }

    /// <summary>
    /// The same on a thread of the pool: the search blocks for milliseconds, or for seconds if it looks up a name. If you cancel, the task
    /// ends at once, and the search at its next stage.
    /// </summary>
    /// <param name="query">What is asked.</param>
    /// <param name="cancellationToken">Ends the wait at once, and the search between two of its stages.</param>
    /// <exception cref="PortQueryException">The system cannot answer, for instance for an unknown host.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Task<Diagnosis> DiagnoseAsync(PortQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        query.Check(nameof(query));
        return PoolWork.RunAsync(() => Diagnose(query, cancellationToken), cancellationToken);
    }

    /// <summary>
    /// Lists the ports in use, with their owners, as <c>bindwise ls</c> does: one entry for each server on each port, of this network
    /// namespace.
    /// </summary>
    /// <param name="request">Which ports; null for all TCP and UDP ports.</param>
    /// <param name="cancellationToken">Ends the search between two of its stages.</param>
    /// <exception cref="ArgumentException">The filter is null, or a list of it is not initialised.</exception>
    /// <exception cref="PortQueryException">The socket table cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static PortListing List(PortListRequest? request = null, CancellationToken cancellationToken = default)
    {
        request ??= new PortListRequest();
        request.Check();
        return PortList.Read(request, cancellationToken);
    }

    /// <summary>The same on a thread of the pool: reading the processes behind a thousand sockets takes some ten milliseconds.</summary>
    /// <param name="request">Which ports; null for all TCP and UDP ports.</param>
    /// <param name="cancellationToken">Ends the wait at once, and the search between two of its stages.</param>
    /// <exception cref="ArgumentException">The filter is null, or a list of it is not initialised.</exception>
    /// <exception cref="PortQueryException">The socket table cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Task<PortListing> ListAsync(PortListRequest? request = null, CancellationToken cancellationToken = default)
    {
        request?.Check();
        return PoolWork.RunAsync(() => List(request, cancellationToken), cancellationToken);
    }

    /// <summary>
    /// Waits on the calling thread until ports can be bound, until somebody listens, or until nobody does, as <c>bindwise wait</c>. Nothing
    /// reserves what it has found free.
    /// </summary>
    /// <remarks>
    /// On Linux the kernel's own messages wake it when a socket in the way is closed; what comes without a message (a new listener, the end
    /// of a TIME_WAIT) is looked for some 50 times a second by narrow questions, less often where those are expensive: under 1 % of a core.
    /// </remarks>
    /// <param name="request">What to wait for.</param>
    /// <param name="cancellationToken">Ends the waiting, within some 100 ms.</param>
    /// <returns>How it ended; a timeout is no exception.</returns>
    /// <exception cref="ArgumentException">The request contradicts itself.</exception>
    /// <exception cref="PortQueryException">The system cannot answer, for instance for an unknown host.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static WaitReport Wait(WaitRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Check();
        return new PortWaiter(request, null, cancellationToken).Run();
    }

    /// <summary>The same on a thread of its own.</summary>
    /// <param name="request">What to wait for.</param>
    /// <param name="cancellationToken">Ends the waiting, within some 100 ms.</param>
    /// <returns>How it ended; a timeout is no exception.</returns>
    /// <exception cref="ArgumentException">The request contradicts itself.</exception>
    /// <exception cref="PortQueryException">The system cannot answer, for instance for an unknown host.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Task<WaitReport> WaitAsync(WaitRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Check();
        return OwnThread.RunAsync(() => new PortWaiter(request, null, cancellationToken).Run(),
            static reason => new PortQueryException($"the waiting cannot begin: {reason}"), cancellationToken);
    }

    /// <summary>
    /// The answer now, and another each time it changes, until the port is free. It checks a listener or a connection in the way five times
    /// a second, with one exact lookup that takes microseconds, and asks the whole question again only once that is gone. If only a probe
    /// can answer, it probes at most every five seconds; without <see cref="InspectionRequest.MayProbe"/> an answer that the rules leave
    /// open stays open.
    /// </summary>
    /// <param name="query">What is asked.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="PortQueryException">The system cannot answer.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IAsyncEnumerable<Diagnosis> FollowAsync(PortQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        query.Check(nameof(query));
        return FollowCoreAsync(query, cancellationToken);
    }

    /// <summary>
    /// Counts the TCP sockets of this host's network namespace. On Linux with one walk of the socket table (sock_diag(7)), about 0.1 µs per
    /// socket and without an allocation for each. Elsewhere with <see cref="System.Net.NetworkInformation.IPGlobalProperties"/>, which
    /// creates an object for every socket: do not call it every second there.
    /// </summary>
    /// <exception cref="PortQueryException">The socket table cannot be read.</exception>
    public static PortUsage ReadUsage() => OperatingSystem.IsLinux() ? PortUsage.ReadByKernel() : PortUsage.ReadByDotNet();

    private static async IAsyncEnumerable<Diagnosis> FollowCoreAsync(PortQuery query,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var inquiry = await Task.Run(() => Inquiry.Open(query.As, query.Portable), cancellationToken).ConfigureAwait(false);
        var current = await AskAgainAsync(query).ConfigureAwait(false);
        yield return current;
        using var follower = new Follower(AskAgainAsync, query, PauseAsync);
        while (current.Verdict != Verdict.Free)
        {
            var next = await follower.NextAsync(current).ConfigureAwait(false);
            var isChange = FollowPlan.IsChange(current, next);
            current = next;
            if (isChange)
                yield return current;
        }

        async ValueTask<Diagnosis> AskAgainAsync(PortQuery again) =>
            await PoolWork.RunAsync(() => inquiry.Ask(again, cancellationToken), cancellationToken).ConfigureAwait(false);

        async ValueTask<bool> PauseAsync(Diagnosis answer, TimeSpan time)
        {
            using var timer = new PeriodicTimer(time);
            return await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}

/// <summary>A diagnosis as text and JSON, as <c>bindwise why</c> prints them.</summary>
public static class DiagnosisFormats
{
    /// <summary>The text, without colours; names of processes are escaped.</summary>
    /// <param name="diagnosis">The diagnosis.</param>
    /// <param name="detail">How much to show.</param>
    /// <param name="width">The columns to wrap at, 20 or more; null: no wrapping.</param>
    public static string ToText(this Diagnosis diagnosis, Detail detail = Detail.Normal, int? width = 100)
    {
        ArgumentNullException.ThrowIfNull(diagnosis);
        return string.Join('\n', DiagnosisText.Render(diagnosis, new TextOptions(width, detail)).Select(static line => line.ToString()));
    }

    /// <summary>One line of JSON, schema <c>bindwise.diagnosis/1</c> (docs/json.md).</summary>
    /// <param name="diagnosis">The diagnosis.</param>
    public static string ToJson(this Diagnosis diagnosis)
    {
        ArgumentNullException.ThrowIfNull(diagnosis);
        return DiagnosisJson.Render(diagnosis);
    }
}

/// <summary>
/// Stays with an answer until another one stands. It looks at the one socket without whose end nothing changes, and asks the whole question
/// again, with its probes, only once that is gone. Where the pause and the question complete at once, all of it runs on the calling thread.
/// </summary>
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

    /// <summary>
    /// Where only a probe tells, it is made so seldom; so seldom the whole question is asked although the socket is still there.
    /// </summary>
    private static readonly TimeSpan ProbePace = TimeSpan.FromSeconds(5);

    private readonly SocketWatch? _watch = OperatingSystem.IsLinux() ? SocketWatch.TryOpen() : null;
    private ulong _distrusted;

    /// <summary>Waits until something may have changed, and asks again; what comes need not say anything else.</summary>
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
        var examinedAt = Stopwatch.GetTimestamp();
        while (await pause(current, pace).ConfigureAwait(false) && IsThere(socket) == true)
        {
            // It may have got another option or device meanwhile: what no process holds does not.
            if (socket.IsWithoutProcess || Stopwatch.GetElapsedTime(examinedAt) < ProbePace)
                continue;
            if (await AskWithoutProbeAsync().ConfigureAwait(false) is not { Verdict: Verdict.Blocked } now
                || FollowPlan.IsChange(current, now))
                return;
            examinedAt = Stopwatch.GetTimestamp();
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
