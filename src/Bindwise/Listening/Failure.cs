using System.Diagnostics.CodeAnalysis;
using Bindwise.Linux;
using Bindwise.Linux.Processes;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Secrets;
using Bindwise.Model.Targets;
using Bindwise.Rendering.Escaping;

namespace Bindwise;

/// <summary>What is asked about an endpoint that could not be bound, or (IsConnect) to which no connection got a port.</summary>
internal sealed record FailureQuestion(EndPoint EndPoint, Transports Transport, ProgramOptions Options, bool IsPortable,
    bool IsConnect = false)
{
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
    private static int s_reads;

    /// <summary>How often the system was looked at.</summary>
    internal static int Reads => Volatile.Read(ref s_reads);

    /// <summary>Asks the system why; blocks.</summary>
    public static FailureAnswer Ask(FailureQuestion question)
    {
        if (FindKept(question) is { } kept)
            return kept;
        var inspection = Join(question, out var isFirst, out var before);
        if (isFirst)
        {
            if (before is not null)
                _ = ((IAsyncResult)before.Answer.Task).AsyncWaitHandle.WaitOne();
            Run(inspection, question);
        }
        return inspection.Answer.Task.GetAwaiter().GetResult();
    }

    /// <summary>Asks the system why, on a thread of the pool; no thread waits for a look of another.</summary>
    public static Task<FailureAnswer> AskAsync(FailureQuestion question, CancellationToken cancellationToken) =>
        FindKept(question) is { } kept ? Task.FromResult(kept) : Begin(question).Answer.Task.WaitAsync(cancellationToken);

    // Whoever causes another look at an old answer does not wait for it.
    private static FailureAnswer? FindKept(FailureQuestion question)
    {
        var kept = Kept.Find(question, out var isRenewed);
        if (isRenewed)
            _ = Begin(question);
        return kept;
    }

    private static Inspection Begin(FailureQuestion question)
    {
        var inspection = Join(question, out var isFirst, out var before);
        if (isFirst)
            _ = Task.Run(() => LeadAsync(inspection, before, question), CancellationToken.None);
        return inspection;
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

    private static async Task LeadAsync(Inspection inspection, Inspection? before, FailureQuestion question)
    {
        if (before is not null)
            await ((Task)before.Answer.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Run(inspection, question);
    }

    private static void Run(Inspection inspection, FailureQuestion question)
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
            if (inspection.Next is { } next)
                UnderWay[question] = next;
            else
                _ = UnderWay.Remove(question);
        }
        if (fault is null)
            inspection.Answer.SetResult(answer);
        else
            inspection.Answer.SetException(fault);
    }

    private static FailureAnswer AskNow(FailureQuestion question)
    {
        _ = Interlocked.Increment(ref s_reads);
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

/// <summary>What a failure looks like to who asked: each candidate with its diagnosis, and one sentence of it all.</summary>
internal sealed record FailureReport(BindFailure Failure, Diagnosis?[] Diagnoses, string? Obstacle)
{
    /// <summary>Asks the system about each candidate; blocks.</summary>
    public static FailureReport Explained(BindFailure failure)
    {
        var report = Unexplained(failure);
        for (var index = 0; index < report.Diagnoses.Length; index++)
        {
            if (QuestionOf(failure, index) is { } question)
                report = report.With(index, FailureDiagnosis.Ask(question));
        }
        return report;
    }

    /// <summary>Asks the system about each candidate; no thread waits while another asks the same.</summary>
    public static async Task<FailureReport> ExplainedAsync(BindFailure failure, CancellationToken cancellationToken)
    {
        var report = Unexplained(failure);
        for (var index = 0; index < report.Diagnoses.Length; index++)
        {
            if (QuestionOf(failure, index) is { } question)
                report = report.With(index, await FailureDiagnosis.AskAsync(question, cancellationToken).ConfigureAwait(false));
        }
        return report;
    }

    public static FailureReport Unexplained(BindFailure failure) => new(failure, new Diagnosis?[failure.Faults.Length], null);

    public BindException ToException(string? waited)
    {
        var explain = Failure.Request.ExplainFailures;
        return new BindException(Failure.First.Error, Message(explain, waited), Failure.Request,
            explain ? Diagnoses[0] : null)
        { ErrorName = Failure.First.ErrorName };
    }

    private static FailureQuestion? QuestionOf(BindFailure failure, int index) => failure.Faults[index] is { IsAboutAddress: true } fault
        ? new FailureQuestion(fault.EndPoint, fault.Transport, failure.Request.Settings.ToOptions(fault.Transport),
            failure.Request.IsPortable)
        : null;

    private FailureReport With(int index, FailureAnswer answer)
    {
        Diagnoses[index] = answer.Diagnosis;
        return this with { Obstacle = Obstacle ?? answer.Obstacle };
    }

    internal static string Sentence(BindFault fault, Diagnosis? diagnosis, string? obstacle)
    {
        if (diagnosis is null)
            return $"{Escaper.EscapeSentence(fault.Name)} {Refused(fault)}"
                + (Shortage(fault) is { } shortage ? $"; {shortage}."
                    : obstacle is null ? "." : $"; the reason is not known: {Escaper.Escape(obstacle)}.");
        var summary = Escaper.EscapeSentence(diagnosis.Summary);
        if (diagnosis.Verdict == Verdict.Blocked && diagnosis.Errno == fault.ErrorName)
            return summary + PartOfThisProcess(diagnosis);
        if (diagnosis.Verdict == Verdict.Free)
            return $"{Escaper.EscapeSentence(fault.Name)} {Refused(fault)}"
                + (fault.MayHavePassed ? ", and was free again a moment later." : ", but nothing found explains it.");
        return $"{Escaper.EscapeSentence(fault.Name)} {Refused(fault)}. {summary}";
    }

    private static string Refused(BindFault fault) => fault.ErrorName == "EADDRINUSE"
        ? $"is taken (EADDRINUSE, from {fault.Call})"
        : $"cannot be bound ({fault.ErrorName}, from {fault.Call})";

    // Without a descriptor left no further assembly can be loaded, such as the one that tells the command line's users the same.
    private static string? Shortage(BindFault fault) => fault.ErrorName switch
    {
        "EMFILE" => "this process may open no more files: raise its limit (ulimit -n)",
        "ENFILE" => "the whole system has no open file left: raise its limit (sysctl fs.file-max)",
        _ => null,
    };

    private static string PartOfThisProcess(Diagnosis diagnosis)
    {
        var holders = diagnosis.Blockers.SelectMany(static one => one.Owners).Select(static owner => owner.Process.Id).Distinct().ToList();
        return !holders.Contains(Environment.ProcessId) ? ""
            : holders is [_] && diagnosis.Blockers.All(static one => !one.Owners.IsEmpty) ? " That is this process itself."
            : " This process is one of them.";
    }

    private string Message(bool explain, string? waited)
    {
        var text = new StringBuilder();
        if (Failure.Candidates > 1)
            _ = text.Append(CultureInfo.InvariantCulture, $"None of {Failure.Candidates} ports ({Failure.Request.Port}) could be bound. ");
        if (Failure.Faults[^1].Offered is var offered and > 0)
            _ = text.Append(CultureInfo.InvariantCulture,
                $"The system offered {offered} port{(offered == 1 ? "" : "s")}, but none worked for all sockets; the last: ");
        for (var index = 0; index < Failure.Faults.Length; index++)
            _ = text.Append(index > 0 ? " " : "")
                .Append(Sentence(Failure.Faults[index], explain ? Diagnoses[index] : null, explain ? Obstacle : null));
        if (Failure.Candidates > Failure.Faults.Length)
            _ = text.Append(CultureInfo.InvariantCulture, $" And {Failure.Candidates - Failure.Faults.Length} more.");
        return waited is null ? text.ToString() : text.Append(' ').Append(waited).ToString();
    }
}

/// <summary>
/// The last answers about failures, so that a loop which fails a thousand times a second does not look at the system as often: exceptions
/// then come as fast as the socket's own errors. Which of an exhausted range's ports are whose is told as it was a second before, or ten
/// times as long before as the look takes; the next look is made beside the failures. What is in the way of bind() is told again only while
/// it is still there.
/// </summary>
internal sealed class KeptAnswers(TimeProvider time)
{
    /// <summary>Questions beyond these push the oldest out.</summary>
    private const int Most = 256;

    /// <summary>A loop that binds is looked after so often a second before it gets an answer again: what changes between is told.</summary>
    private const int ReadsBeforeBindsShare = 4;

    /// <summary>Looks take one part in so many of the time.</summary>
    private const int ShareOfTime = 10;

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<FailureQuestion, Kept> _kept = [];

    /// <summary>The answer to give again, old where the caller shall look again; null where the system has to be looked at.</summary>
    public FailureAnswer? Find(FailureQuestion question, out bool isRenewed)
    {
        isRenewed = false;
        FailureAnswer answer;
        lock (_lock)
        {
            if (!_kept.TryGetValue(question, out var kept))
                return null;
            var age = time.GetElapsedTime(kept.At);
            var fresh = FreshFor(kept);
            if (question.IsConnect)
            {
                if (age > 2 * fresh)
                    return null;
                if (age > fresh && !kept.IsBeingRenewed)
                    isRenewed = kept.IsBeingRenewed = true;
                return kept.Answer;
            }
            if (age > fresh || kept.Reads < ReadsBeforeBindsShare)
                return null;
            answer = kept.Answer;
        }
        return IsStillThere(answer.Diagnosis) ? answer : null;
    }

    public void Add(FailureQuestion question, FailureAnswer answer, TimeSpan cost)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            var isLoop = _kept.TryGetValue(question, out var last) && time.GetElapsedTime(last.Since) <= FreshFor(last);
            if (last is null && _kept.Count >= Most)
                _ = _kept.Remove(_kept.MinBy(static one => one.Value.At).Key);
            _kept[question] = new Kept(answer, now, cost) { Since = isLoop ? last!.Since : now, Reads = isLoop ? last!.Reads + 1 : 1 };
        }
    }

    private static TimeSpan FreshFor(Kept kept) => kept.Cost * ShareOfTime > Fresh ? kept.Cost * ShareOfTime : Fresh;

    // One exact question for a socket, which takes microseconds.
    private static bool IsStillThere([NotNullWhen(true)] Diagnosis? diagnosis)
    {
        if (!OperatingSystem.IsLinux() || diagnosis is null || FollowPlan.SocketToWatch(diagnosis) is not { } socket
            || !SocketWatch.IsCheap(socket))
            return false;
        using var watch = SocketWatch.TryOpen();
        return watch?.IsThere(socket) == true;
    }

    private sealed record Kept(FailureAnswer Answer, long At, TimeSpan Cost)
    {
        /// <summary>When the first of the looks was made that belong to one loop.</summary>
        public long Since { get; init; }

        public int Reads { get; init; }
        public bool IsBeingRenewed { get; set; }
    }
}

/// <summary>Recognises this very program in an older process: a restart overlaps with the instance that it follows.</summary>
internal static class FormerInstance
{
    /// <summary>Whether former instances of this program, and nobody else, hold what is in the way.</summary>
    public static bool Holds(Diagnosis diagnosis)
    {
        if (!OperatingSystem.IsLinux() || diagnosis.Blockers.IsEmpty || diagnosis.Blockers.Any(static one => one.Owners.IsEmpty))
            return false;
        // Masked as those of the diagnosis are.
        return new ProcessReader(static _ => null).Read(Environment.ProcessId) is { } self
            && diagnosis.Blockers.All(one => one.Owners.All(owner => IsFormer(owner.Process, SecretMask.Of(self))));
    }

    /// <summary>
    /// The same executable with the same arguments (so, under <c>dotnet</c>, also the same entry assembly) and user, in another process
    /// that was started no later. The executable may have been replaced since: a deployment does that.
    /// </summary>
    internal static bool IsFormer(ProcessRecord holder, ProcessRecord self) =>
        holder.Id != self.Id
        && holder.Executable is { } program && program == self.Executable
        && holder.UserId == self.UserId
        && holder.StartTicks <= self.StartTicks
        && holder.Arguments.SequenceEqual(self.Arguments);
}
