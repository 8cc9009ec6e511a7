using Bindwise.Model.Diagnosing.Causes;
using Bindwise.Model.Diagnosing.Snippets;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing.Remedies;

/// <summary>What keeps it from happening again: mostly a change of the program's code, in its own language.</summary>
internal static class Preventions
{
    public static IEnumerable<Remedy> Of(DiagnosisContext f)
    {
        if (f.Cause == CauseId.TimeWait || f.Cause == CauseId.FinWait || f.Cause == CauseId.SurvivingConnection)
        {
            if (ReuseAddressFromNow(f) is { } reuse)
                yield return reuse;
            yield return CodeRemedies.Of(
                "client-closes-first",
                "From now on, have the server read until the client closes, and close after it; TIME_WAIT then stays on the client's side.",
                SnippetKind.CloseLast, TargetLanguage.Holding(f),
                "the server's way of ending a connection",
                "a client that never closes has to be cut off by a time limit");
        }
        if (f.Cause == CauseId.SurvivingConnection || f.Cause == CauseId.SameProgramTwice)
        {
            yield return CodeRemedies.Of(
                "end-on-sigterm",
                "From now on, have the server close its listener on SIGTERM, finish what is open and exit, and start the next one after that.",
                SnippetKind.EndOnSigterm, TargetLanguage.Holding(f),
                "the server's code",
                "a client that never ends delays the exit; set a time limit");
        }
        if (f.Cause == CauseId.OutgoingConnection && CauseFinder.IsEphemeral(f.Plan.Port ?? 0, f.Snapshot))
            yield return RemedyFinder.Reserve(f);
        if (f.Cause == CauseId.InheritedDescriptor)
        {
            yield return CodeRemedies.Of(
                "close-on-exec",
                "From now on, open the listening socket with close-on-exec, so the programs it starts do not inherit it.",
                SnippetKind.CloseOnExec, TargetLanguage.Starting(f),
                "the server's code",
                "a program that passes its socket on deliberately needs another way");
        }
        // A server that wants both families, as a bare port asks for, would still not get [::].
        if (f.Cause == CauseId.DualStackListener && f.Asked.All(static j => j.Request.Address.AsIPv4 is not null))
        {
            yield return CodeRemedies.Of(
                "set-v6-only",
                "Have the server on [::] set IPV6_V6ONLY, to leave IPv4 to another program.",
                SnippetKind.SetV6Only, TargetLanguage.Holding(f),
                "the server on [::] no longer takes IPv4 clients",
                "the other program has to serve its IPv4 clients");
        }
    }

    /// <summary>Where it would not help yet; null where it helps already, was asked for, or the runtime does this by default.</summary>
    private static Remedy? ReuseAddressFromNow(DiagnosisContext f)
    {
        // Assumed of a usual server, it may be missing in this one: the old one did not set it.
        if (f.With(reuseAddress: true, reusePort: false) == Outcome.Allowed || (f.Asked[0].Request.ReuseAddress && !f.Plan.AssumesReuseAddress))
            return null;
        var remedy = CodeRemedies.Of(
            "set-reuse-address-from-now",
            "From now on, set SO_REUSEADDR before bind() in your server; both sockets need it, so it helps from the restart after the next.",
            SnippetKind.ReuseAddress, TargetLanguage.Starting(f),
            "the server's code",
            "none on Linux; on Windows the option means something else");
        return remedy.Command is null ? null : TargetLanguage.Starting(f).IsKnown ? remedy : remedy.Running(null) with { Language = null };
    }
}
