using System.Collections.Immutable;
using static System.FormattableString;

namespace Bindwise.Model.Auditing;

/// <summary>The rule about a bind() that failed, and a program that goes on as if it had worked.</summary>
internal static class IgnoredErrorChecks
{
    public static AuditFinding? Of(AuditRecord record, SocketStory story, ImmutableArray<SocketStory> all)
    {
        if (story.FailedBind() is not var (bind, listen) || Outcome(record, story, all, bind, listen) is not var (severity, what, evidence))
            return null;
        return new AuditFinding(AuditRuleBook.ErrorIgnored, severity,
            $"bind() to {SocketStory.Named(bind.Asked, bind)} failed with {bind.Error}, and {what}",
            severity == AuditSeverity.Error
                ? "Check what bind() returns, and end with its error: without an address the kernel gives the socket a free port, which "
                    + "nobody knows."
                : "Check what bind() returns, and end with another exit code than 0: whoever started the program cannot tell otherwise "
                    + "that it does not serve.")
        {
            Event = bind,
            Evidence = [evidence],
        }.WithCode(AuditCode.OfError(bind.Language));
    }

    // What the socket was used for without its address is certain; that nobody minds its lack is
    // inferred, where no other bind() was the way out.
    private static (AuditSeverity Severity, string What, string Evidence)? Outcome(AuditRecord record, SocketStory story,
        ImmutableArray<SocketStory> all, AuditEvent bind, AuditEvent? listen)
    {
        if (listen is not null)
            return (AuditSeverity.Error, "listen() went on without it",
                listen.Local is { } there ? $"the program listens on {there} instead" : "where the program listens instead was not seen");
        if (record.Connected.TryGetValue(story.Cookie, out var remote))
            return (AuditSeverity.Error, "the socket connected without it", $"it connected to {remote} from a port that the kernel chose");
        if (record.KernelPorts.TryGetValue(story.Cookie, out var local))
            return (AuditSeverity.Error, "the socket was used without it", $"the kernel gave it {local}");
        if (all.Any(other => other.Binding is { } made && IsWayOut(made, bind)))
            return null;
        if (record is { End: AuditEnd.ByItself, ExitCode: 0 } && bind.Process == record.Process)
            return (AuditSeverity.Warning, "the program ended with 0", "nothing else was bound in its place");
        // Who tries more than once waits for the port.
        var tries = record.Events.Count(
            one => one.Act == AuditAct.Bind && one.Process == bind.Process && one.Asked == bind.Asked && one.Protocol == bind.Protocol);
        return tries == 1 && record.GoingOn.Contains(bind.Process)
            ? (AuditSeverity.Warning, "the program goes on without it",
                Invariant($"nothing else was bound in its place in the {(record.Duration - bind.At).TotalSeconds:0.0} s until the end"))
            : null;
    }

    // The next port of a list, or the other family's socket of the same port.
    private static bool IsWayOut(AuditEvent made, AuditEvent failed) =>
        made.Process == failed.Process && made.Protocol == failed.Protocol
            && (made.At > failed.At || (made.Asked?.Port == failed.Asked?.Port && made.Asked != failed.Asked));
}
