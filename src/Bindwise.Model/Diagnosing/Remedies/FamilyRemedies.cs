using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Snippets;
using Bindwise.Model.Rules;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Remedies;

/// <summary>What helps where only one of IPv4 and IPv6 is taken: the other family alone.</summary>
internal static class FamilyRemedies
{
    public static IEnumerable<Remedy> Of(DiagnosisContext f)
    {
        if (f.Main is not { Socket.Protocol: not Protocol.Unix } || f.Decisive.Errno != "EADDRINUSE")
            yield break;
        if (IsFreeOn(f, IpFamily.IPv4))
        {
            yield return Remedy.Of("use-ipv4", $"Have your server bind 0.0.0.0; port {Wording.Number(f.Plan.Port ?? 0)} is free on IPv4.", null,
                "where the program listens", "IPv6 clients reach the other program");
        }
        else if (LeavesIPv4(f))
        {
            yield return CodeRemedies.Of(
                "set-v6-only-here",
                "Set IPV6_V6ONLY on your [::] socket; it then leaves IPv4 to the other program.",
                SnippetKind.SetV6Only, TargetLanguage.Starting(f),
                "your server no longer takes IPv4 clients",
                "IPv4 clients reach the other program");
        }
    }

    private static bool IsFreeOn(DiagnosisContext f, IpFamily family) => f.Asked.Length > 1
        && f.Asked.Any(j => j.Request.Address.Family == family && j.Outcome == Outcome.Allowed);

    /// <summary>[::] is asked about, and with IPV6_V6ONLY nothing would be in its way.</summary>
    private static bool LeavesIPv4(DiagnosisContext f) => f.Target.Address == IpAddress.AnyIPv6 && f.Main is { Socket.State: not TcpState.TimeWait }
        && f.Asked.FirstOrDefault(static j => j.Request.Address == IpAddress.AnyIPv6) is { Outcome: Outcome.Blocked } judgement
        && f.Blockers.Any(static b => b.Socket.Local.Address.AsIPv4 is not null)
        && BindRules.Decide(judgement.Request with { V6Only = true }, f.Snapshot).Outcome == Outcome.Allowed;
}
