using System.Diagnostics.CodeAnalysis;
using Bindwise.Linux;
using Bindwise.Linux.Processes;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Secrets;
using Bindwise.Rendering.Escaping;

namespace Bindwise;

/// <summary>What a failure looks like to who asked: each candidate with its diagnosis, and one sentence of it all.</summary>
/// <param name="Failure">What failed.</param>
/// <param name="Diagnoses">One for each of <see cref="BindFailure.Faults"/>; null where none was asked for or could be made.</param>
/// <param name="Obstacle">Why a diagnosis is missing, without a stop; null where none is, or none was asked for.</param>
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

    /// <param name="waited">How it was tried again, as <c>; tried for 5 s</c>; null for one attempt.</param>
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
                + (obstacle is null ? "." : $"; the reason is not known: {Escaper.Escape(obstacle)}.");
        var summary = Escaper.EscapeSentence(diagnosis.Summary);
        if (diagnosis.Verdict == Verdict.Blocked && diagnosis.Errno == fault.ErrorName)
            return summary + (IsHeldHere(diagnosis) ? " That is this process itself." : "");
        if (diagnosis.Verdict == Verdict.Free)
            return $"{Escaper.EscapeSentence(fault.Name)} {Refused(fault)}"
                + (fault.MayHavePassed ? ", and was free again a moment later." : ", but nothing found explains it.");
        return $"{Escaper.EscapeSentence(fault.Name)} {Refused(fault)}. {summary}";
    }

    private static string Refused(BindFault fault) => fault.ErrorName == "EADDRINUSE"
        ? $"is taken (EADDRINUSE, from {fault.Call})"
        : $"cannot be bound ({fault.ErrorName}, from {fault.Call})";

    private static bool IsHeldHere(Diagnosis diagnosis) =>
        diagnosis.Blockers.Any(static one => one.Owners.Any(static owner => owner.Process.Id == Environment.ProcessId));

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

    /// <summary>
    /// A loop that tries to bind is looked after so often a second before it gets an answer again: what changes between two tries is told.
    /// </summary>
    private const int LooksBeforeBindsShare = 4;

    /// <summary>Looks take one part in so many of the time.</summary>
    private const int ShareOfTime = 10;

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<FailureQuestion, Kept> _kept = [];

    /// <summary>The answer to give again; null where the system has to be looked at.</summary>
    /// <param name="question">What failed.</param>
    /// <param name="isRenewed">It is old: the caller looks again, and nobody waits for that.</param>
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
            if (age > fresh || kept.Looks < LooksBeforeBindsShare)
                return null;
            answer = kept.Answer;
        }
        return IsStillThere(answer.Diagnosis) ? answer : null;
    }

    /// <param name="question">What failed.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="cost">How long the look took.</param>
    public void Add(FailureQuestion question, FailureAnswer answer, TimeSpan cost)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            var isLoop = _kept.TryGetValue(question, out var last) && time.GetElapsedTime(last.Since) <= FreshFor(last);
            if (last is null && _kept.Count >= Most)
                _ = _kept.Remove(_kept.MinBy(static one => one.Value.At).Key);
            _kept[question] = new Kept(answer, now, cost) { Since = isLoop ? last!.Since : now, Looks = isLoop ? last!.Looks + 1 : 1 };
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

        public int Looks { get; init; }
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
