using Bindwise.Model.Targets;

namespace Bindwise;

/// <summary>What is asked about an endpoint that could not be bound.</summary>
/// <param name="EndPoint">Where it was to be bound: an IP or a UNIX endpoint.</param>
/// <param name="Transport">TCP or UDP; no effect for UNIX.</param>
/// <param name="Options">What was set before bind().</param>
/// <param name="IsPortable">Asks .NET alone.</param>
/// <param name="IsConnect">It was connect(), to that endpoint, that got no port of this side; false: bind() at it.</param>
internal sealed record FailureQuestion(EndPoint EndPoint, Transports Transport, ProgramOptions Options, bool IsPortable,
    bool IsConnect = false)
{
    /// <summary>The question of <see cref="PortDiagnostics.Diagnose"/>.</summary>
    public PortQuery Asked => (IsConnect && EndPoint is IPEndPoint remote ? PortQuery.OfConnect(remote)
        : PortQuery.Of(EndPoint, Transport)) with
    { Options = Options, Portable = IsPortable };
}

/// <param name="Diagnosis">Why; null where the system cannot answer.</param>
/// <param name="Obstacle">Why there is no diagnosis, without a stop; null where there is one.</param>
internal readonly record struct FailureAnswer(Diagnosis? Diagnosis, string? Obstacle);

/// <summary>
/// The diagnosis of an endpoint that could not be bound: the answer of <see cref="PortDiagnostics.Diagnose"/>. A thousand that fail at the
/// same time over one endpoint look at the system twice: whoever comes while a look is under way shares the next one, which begins after
/// all their failures. A thousand that fail one after the other share what <see cref="KeptAnswers"/> has.
/// </summary>
internal static class FailureDiagnosis
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<FailureQuestion, Inspection> UnderWay = [];
    private static readonly KeptAnswers Kept = new(TimeProvider.System);
    private static int s_looks;

    /// <summary>How often the system was looked at.</summary>
    internal static int Looks => Volatile.Read(ref s_looks);

    /// <summary>Asks the system why; blocks.</summary>
    public static FailureAnswer Ask(FailureQuestion question)
    {
        if (Kept.Find(question, out var isRenewed) is { } kept)
        {
            if (isRenewed)
                Renew(question);
            return kept;
        }
        var look = Join(question, out var isFirst, out var before);
        if (isFirst)
        {
            if (before is not null)
                _ = ((IAsyncResult)before.Answer.Task).AsyncWaitHandle.WaitOne();
            Run(look, question);
        }
        return look.Answer.Task.GetAwaiter().GetResult();
    }

    /// <summary>Asks the system why, on a thread of the pool; no thread waits for a look of another.</summary>
    /// <param name="question">What failed.</param>
    /// <param name="cancellationToken">Ends the wait at once; the look goes on for whoever shares it.</param>
    public static Task<FailureAnswer> AskAsync(FailureQuestion question, CancellationToken cancellationToken)
    {
        if (Kept.Find(question, out var isRenewed) is { } kept)
        {
            if (isRenewed)
                Renew(question);
            return Task.FromResult(kept);
        }
        var look = Join(question, out var isFirst, out var before);
        if (isFirst)
            _ = Task.Run(() => LeadAsync(look, before, question), CancellationToken.None);
        return look.Answer.Task.WaitAsync(cancellationToken);
    }

    private static Inspection Join(FailureQuestion question, out bool isFirst, out Inspection? before)
    {
        lock (Gate)
        {
            isFirst = true;
            if (!UnderWay.TryGetValue(question, out before))
                return UnderWay[question] = new Inspection();
            isFirst = before.Next is null;
            return before.Next ??= new Inspection();
        }
    }

    // Whoever caused it does not wait for it.
    private static void Renew(FailureQuestion question)
    {
        var look = Join(question, out var isFirst, out var before);
        if (isFirst)
            _ = Task.Run(() => LeadAsync(look, before, question));
    }

    private static async Task LeadAsync(Inspection look, Inspection? before, FailureQuestion question)
    {
        if (before is not null)
            await ((Task)before.Answer.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Run(look, question);
    }

    private static void Run(Inspection look, FailureQuestion question)
    {
        FailureAnswer answer = default;
        Exception? fault = null;
        var started = Stopwatch.GetTimestamp();
        try
        {
            answer = AskNow(question);
            Kept.Add(question, answer, Stopwatch.GetElapsedTime(started));
        }
#pragma warning disable CA1031 // It goes on at everybody who asked.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            fault = exception;
        }
        lock (Gate)
        {
            if (look.Next is { } next)
                UnderWay[question] = next;
            else
                _ = UnderWay.Remove(question);
        }
        if (fault is null)
            look.Answer.SetResult(answer);
        else
            look.Answer.SetException(fault);
    }

    private static FailureAnswer AskNow(FailureQuestion question)
    {
        _ = Interlocked.Increment(ref s_looks);
        try
        {
            return new FailureAnswer(PortDiagnostics.Diagnose(question.Asked), null);
        }
        catch (PortQueryException exception)
        {
            return new FailureAnswer(null, exception.Message);
        }
    }

    /// <summary>One look at the system, and the one that begins when it has ended.</summary>
    private sealed class Inspection
    {
        public TaskCompletionSource<FailureAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public Inspection? Next { get; set; }
    }
}
