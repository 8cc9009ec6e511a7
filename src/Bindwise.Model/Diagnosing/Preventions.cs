using Bindwise.Model.Diagnosing.Idioms;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing;

/// <summary>What keeps it from happening again: mostly a change of the program's code, in its own language.</summary>
internal static class Preventions
{
    public static IEnumerable<Remedy> Of(Findings f)
    {
        if (f.Cause == CauseId.TimeWait || f.Cause == CauseId.FinWait || f.Cause == CauseId.SurvivingConnection)
        {
            if (ReuseAddressFromNow(f) is { } reuse)
                yield return reuse;
            yield return CodeRemedies.Of(
                "client-closes-first",
                "Let the client close first: the server reads to the client's end and closes after it, so that TIME_WAIT stays at the client's end, on a port of its own.",
                Thought.CloseLast, Speaker.Holding(f),
                "the server's way of ending a connection",
                "a client that never closes has to be cut off by a time limit");
        }
        if (f.Cause == CauseId.SurvivingConnection || f.Cause == CauseId.SameProgramTwice)
        {
            yield return CodeRemedies.Of(
                "end-on-sigterm",
                "Have the server end in order on SIGTERM: close the listener, finish what is open, exit; and start its successor when it has ended.",
                Thought.EndOnSigterm, Speaker.Holding(f),
                "the server's code",
                "a client that never ends delays the exit: bound it by a time limit");
        }
        if (f.Cause == CauseId.OutgoingConnection && CauseFinder.IsEphemeral(f.Plan.Port ?? 0, f.Snapshot))
            yield return RemedyFinder.Reserve(f);
        if (f.Cause == CauseId.InheritedDescriptor)
        {
            yield return CodeRemedies.Of(
                "close-on-exec",
                "Open the listening socket with close-on-exec, so that programs it starts do not inherit it.",
                Thought.CloseOnExec, Speaker.Starting(f),
                "the server's code",
                "a program that hands its socket over on purpose must pass it another way");
        }
        if (f.Cause == CauseId.DualStackListener && f.Asked.Any(static j => j.Request.Address.AsIPv4 is not null))
        {
            yield return CodeRemedies.Of(
                "set-v6-only",
                "Have the server on [::] set IPV6_V6ONLY, if it is to leave IPv4 to another program.",
                Thought.SetV6Only, Speaker.Holding(f),
                "the server on [::] no longer takes IPv4 clients",
                "its IPv4 clients have to be served by the other program");
        }
    }

    /// <summary>Where it would not help yet; null where it helps already, was asked for, or the runtime does so by itself.</summary>
    private static Remedy? ReuseAddressFromNow(Findings f)
    {
        if (f.With(reuseAddress: true, reusePort: false) == Outcome.Allowed || f.Asked[0].Request.ReuseAddress)
            return null;
        var remedy = CodeRemedies.Of(
            "set-reuse-address-from-now",
            "Set SO_REUSEADDR before bind() in the server from now on: it has to be set on the old socket and on the new one, so it helps from the restart after the next.",
            Thought.ReuseAddress, Speaker.Starting(f),
            "the server's code",
            "none on Linux; on Windows the option means something else");
        return remedy.Command is null ? null : remedy;
    }
}
