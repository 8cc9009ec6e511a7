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
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
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
