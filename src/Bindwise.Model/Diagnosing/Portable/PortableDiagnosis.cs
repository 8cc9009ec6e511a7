using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;
using Bindwise.Model.Targets;

namespace Bindwise.Model.Diagnosing.Portable;

/// <summary>The answer where only .NET itself was asked: a pure function too, so that a snapshot from macOS or Windows is answered anywhere.</summary>
internal static class PortableDiagnosis
{
    public static Diagnosis Of(Target target, ProgramOptions options, Snapshot snapshot, PortableRecord record)
    {
        var f = PortableContext.Of(target, options, snapshot, record);
        var causes = PortableCause.Of(f);
        return new Diagnosis
        {
            Target = target,
            Port = f.Plan.Port,
            Verdict = f.Verdict,
            // A number without a name is told in the summary.
            Errno = f.Errno is ['E', ..] ? f.Errno : null,
            Cause = causes[0],
            Factors = causes[1..],
            Summary = PortableSentences.Summary(f, causes[0]),
            Why = [.. PortableSentences.Reasons(f, causes[0])],
            Attempts = [.. f.Plan.Asked.Select(r => AttemptOf(f, r, isAsked: true)), .. Others(f)],
            Remedies = [.. PortableAdvice.Of(f.System, f, causes[0])],
            Warnings = [.. PortableRemarks.Warnings(f)],
            Limits = [.. PortableRemarks.Limits(f)],
            Interfaces = snapshot.Interfaces,
            Portable = record,
            TakenAt = snapshot.TakenAt,
            Coverage = snapshot.Coverage,
        };
    }

    private static Attempt AttemptOf(PortableContext f, BindRequest request, bool isAsked)
    {
        // A path is looked at, not bound.
        var result = f.Target.Protocol == Addresses.Protocol.Unix ? f.Verdict == Verdict.Free ? "ok" : f.Errno
            : f.AnswerOf(request) is { } probe ? PortableErrors.NameOf(probe) : null;
        return new Attempt(request, new CallResult(result, IsProbed: f.AnswerOf(request) is not null), null, isAsked, null);
    }

    private static IEnumerable<Attempt> Others(PortableContext f) =>
        f.Plan.Others.Where(r => f.AnswerOf(r) is not null).Select(r => AttemptOf(f, r, isAsked: false));
}
