using Bindwise.Model.Diagnosing.Policies;

namespace Bindwise.Model.Diagnosing.Sentences;

/// <summary>A pasted error that what is seen now does not bear out: over by now, or of another user.</summary>
internal static class PastedErrors
{
    /// <summary>It said that the address is in use, and nothing is in the way any more.</summary>
    public static bool IsOver(DiagnosisContext f) => f is { Verdict: Verdict.Free, Target.Pasted.Errno: "EADDRINUSE" } && f.Snapshot.Elsewhere is not { Sockets.IsEmpty: false };

    /// <summary>It said EACCES for a low port, and who asks may bind that port.</summary>
    public static bool IsOfOtherUser(DiagnosisContext f) => f is { Verdict: Verdict.Free, Target.Pasted.Errno: "EACCES" }
        && f.Plan.Port is > 0 and var port && port < (f.Snapshot.Settings.UnprivilegedPortStart ?? 1024);

    /// <summary>What to do then.</summary>
    public static IEnumerable<Remedy> Remedies(DiagnosisContext f)
    {
        if (IsOver(f))
        {
            yield return Remedy.Of("start-again", "Start your server again. If it fails again although the port is free here, it may bind the port twice itself.", null, "nothing", "none");
        }
        else if (IsOfOtherUser(f))
        {
            foreach (var remedy in PolicyRemedies.Privileged(f).Where(static r => r.Id != "other-port"))
                yield return remedy;
            yield return Remedy.Of("ask-as-user", "Ask for the user that runs the server.", $"bindwise why {f.Argument} --user NAME", "nothing", "none");
        }
    }
}
