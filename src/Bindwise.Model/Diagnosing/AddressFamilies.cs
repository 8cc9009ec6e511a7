using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Snippets;
using Bindwise.Model.Diagnosing.Topics;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing;

/// <summary>Why two addresses meet that do not look alike: wildcards, IPv4 and IPv6; what helps where only one family is taken.</summary>
internal static class AddressFamilies
{
    /// <summary>Of a question about both families, the one that is taken while the other is free: a part of the first line.</summary>
    public static string FirstLineClause(DiagnosisContext context)
    {
        if (context.Target.Host is not (null or "*" or "+") || context.Asked.Length != 2)
            return "";
        var free = context.Asked.Where(static j => j.Outcome == Outcome.Allowed).Select(static j => j.Request.Address.Family).ToList();
        return free.Count != 1 ? "" : free[0] == IpFamily.IPv4 ? " on IPv6 and free on IPv4" : " on IPv4 and free on IPv6";
    }

    private const string SetV6OnlyHere = "set-v6-only-here";

    /// <summary>
    /// What helps a program whose own socket of one family is in the way of its other one; null where families are not why.
    /// </summary>
    public static (string Text, string? Code)? WithinOneProgram(Diagnosis diagnosis, int process)
    {
        if (diagnosis.Remedies.FirstOrDefault(static r => r.Id is SetV6OnlyHere or ListenerTopic.SetV6Only) is not { } remedy)
            return null;
        const string Otherwise = ", or bind [::] alone, which takes both";
        var program = diagnosis.Blockers.SelectMany(static b => b.Owners).First(o => o.Process.Id == process).Process;
        // A server that sets it unasked was told not to, in its settings: there is no code to change.
        return ProgramFamilies.Of(program, null)?.Describe(Protocol.Tcp, IpAddress.AnyIPv6) is { SetsV6Only: true }
            ? ($"{ProcessNames.NameOf(program)} sets IPV6_V6ONLY by itself: drop what switches it off (such as ipv6only=off){Otherwise}",
                null)
            : ($"set IPV6_V6ONLY on the socket on [::] before bind(), so that it leaves IPv4 to the other one{Otherwise}", remedy.Command);
    }

    /// <summary>Why the two addresses meet, when it is not plain to see; null when it is.</summary>
    public static string? Reason(DiagnosisContext context, HeldSocket held)
    {
        var address = held.Local.Address;
        var meets = context.Asked.Where(j => j.Decision.Blockers.Any(b => b.Socket == held)).Select(static j => j.Request.Address).ToList();
        if (meets.Count == 0)
            return null;
        var want = meets[0];
        var free = context.Asked.FirstOrDefault(static j => j.Outcome == Outcome.Allowed)?.Request;
        var taken = TakenAddresses.Of(context);
        // What its program binds is not known: many bind localhost where they are told no address.
        if (context.Target is { Host: null, Address: null } && want.IsAny && !address.Unmapped.IsAny
            && (free is not null || taken.Others is not null))
            return $"The {(context.Target.Pasted is null ? "question" : "text")} names no address: a server that binds "
                + Wording.Alternatives([.. taken.Named, free is null ? "every address" : want.Bracketed])
                + $" cannot start; one that binds {(free is null ? taken.Others : free.Address.Bracketed)} can.";
        if (free is not null)
        {
            var alone = free.Address == IpAddress.AnyIPv4 && OverIPv4Alone(context) is not null ? " over IPv4 alone" : "";
            return $"A server that binds {free.Address.Bracketed}{alone} can start; one that binds {want.Bracketed} cannot.";
        }
        if (context.Asked.Length > meets.Count || meets.Contains(address))
            return null;
        if (address == IpAddress.AnyIPv6 && want.AsIPv4 is not null)
            return $"A socket on [::] without IPV6_V6ONLY takes IPv4 as well, so it is in the way of {want}.";
        if (want == IpAddress.AnyIPv6 && address.AsIPv4 is not null)
            return $"A socket on [::] without IPV6_V6ONLY takes IPv4 as well, and there {held.Local} is taken.";
        if (address.IsAny)
            return $"A socket on {address} covers every address of the host, {want} too.";
        if (want.IsAny)
            return taken.Others is null ? null : $"{context.Target.Host ?? want.ToString()} means every address, and "
                + (taken.Named is [_] ? $"another program already has {address}" : $"{Wording.List(taken.Named)} are taken")
                + $"; your server can still bind {taken.Others}.";
        return address.AsIPv4 is { } mapped && mapped == want.AsIPv4 ? $"{address} and {want} are the same IPv4 address." : null;
    }

    /// <summary>Where a port is taken, and where it is not.</summary>
    /// <param name="Named">The addresses that cannot be bound.</param>
    /// <param name="Others">What is left: <c>another address of this host</c>; null for nothing.</param>
    private sealed record TakenAddresses(ImmutableArray<string> Named, string? Others)
    {
        private const int MostNamed = 4;

        public static TakenAddresses Of(DiagnosisContext context)
        {
            // A socket whose options are unknown, such as one in TIME_WAIT, may let a server pass: only without others are these named.
            var certain = context.Asked.SelectMany(static j => j.Decision.Blockers).Where(static b => b.IsCertain)
                .Select(static b => b.Socket).ToHashSet();
            var sockets = context.Blockers.Select(static b => b.Socket).Where(held => certain.Count == 0 || certain.Contains(held))
                .Select(static held => (Address: held.Local.Address.Unmapped, held.V6Only)).ToList();
            var allIPv6 = sockets.Exists(static s => s.Address == IpAddress.AnyIPv6);
            var allIPv4 = sockets.Exists(static s => s.Address == IpAddress.AnyIPv4
                || (s.Address == IpAddress.AnyIPv6 && s.V6Only != Fact.Yes));
            var single = sockets.Select(static s => s.Address)
                .Where(a => !a.IsAny && !(a.AsIPv4 is null ? allIPv6 : allIPv4)).Distinct().ToList();
            var named = single.ConvertAll(static a => a.Bracketed);
            if (named.Count > MostNamed)
                named = [.. named.Take(MostNamed - 1), $"{Wording.Number(named.Count - MostNamed + 1)} other addresses"];
            if (allIPv4)
                named.Add("any IPv4 address");
            if (allIPv6)
                named.Add("any IPv6 address");
            var family = allIPv4 ? "IPv6 " : allIPv6 ? "IPv4 " : "";
            return new([.. named], allIPv4 && allIPv6 ? null
                : single.Count == 0 ? $"an {family}address of this host" : $"another {family}address of this host");
        }
    }

    /// <summary>What helps where only one of IPv4 and IPv6 is taken: the other family alone.</summary>
    public static IEnumerable<Remedy> Remedies(DiagnosisContext context)
    {
        if (context.Main is not { Socket.Protocol: not Protocol.Unix } || context.Decisive.Errno != "EADDRINUSE")
            yield break;
        if (FreeIPv4(context) is { } free)
            yield return Remedy.Of("use-ipv4",
                $"Have your server bind {free}{(free.IsAny ? OverIPv4Alone(context) : null)}; port "
                    + $"{Wording.Number(context.Plan.Port ?? 0)} is free on IPv4.", null,
                "where the program listens", "IPv6 clients reach the other program");
        else if (LeavesIPv4(context))
            yield return Remedy.OfCode(SetV6OnlyHere,
                "Set IPV6_V6ONLY on your [::] socket; it then leaves IPv4 to the other program.",
                SnippetKind.SetV6Only, TargetLanguage.Starting(context),
                "your server no longer takes IPv4 clients", "IPv4 clients reach the other program");
    }

    /// <summary>
    /// Where this host alone is meant, because it is asked about or because the other program serves nobody else: the address that keeps
    /// your server to it. 0.0.0.0 would open it to the network. Null where none is free.
    /// </summary>
    private static IpAddress? FreeIPv4(DiagnosisContext context)
    {
        var known = context.Asked.Length > 1
            ? context.Asked.Where(static j => j is { Request.Address.Family: IpFamily.IPv4, Outcome: Outcome.Allowed })
                .Select(static j => (IpAddress?)j.Request.Address).FirstOrDefault()
            : MeantIPv4(context);
        return known is { IsAny: true } && context.Blockers.All(static b => b.Socket.Local.Address.IsLoopback) ? IpAddress.LoopbackIPv4
            : known;
    }

    /// <summary>The runtime made one [::] of what its error calls 0.0.0.0, which is free.</summary>
    private static IpAddress? MeantIPv4(DiagnosisContext context) =>
        context.Target.Address == IpAddress.AnyIPv4 && context.Asked is [{ Request: { Address.Family: IpFamily.IPv6 } asked }]
            && BindRules.Decide(asked with { Address = IpAddress.AnyIPv4, V6Only = null }, context.Snapshot).Outcome == Outcome.Allowed
            ? IpAddress.AnyIPv4 : null;

    /// <summary>
    /// How a runtime gets a socket of IPv4 that opens one of both families where it is told 0.0.0.0; null for those that open what they are
    /// told.
    /// </summary>
    private static string? OverIPv4Alone(DiagnosisContext context) => TargetLanguage.Starting(context) switch
    {
        { IsKnown: true, Runtime: Runtime.Go } => ", by the network \"tcp4\"",
        { IsKnown: true, Runtime: Runtime.Java } => ", by the option -Djava.net.preferIPv4Stack=true",
        _ => null,
    };

    /// <summary>[::] is asked about, and with IPV6_V6ONLY nothing would be in its way.</summary>
    private static bool LeavesIPv4(DiagnosisContext context) =>
        context.Target.Address == IpAddress.AnyIPv6 && context.Main is { Socket.State: not TcpSocketState.TimeWait }
        && context.Asked.FirstOrDefault(static j => j.Request.Address == IpAddress.AnyIPv6) is { Outcome: Outcome.Blocked } assessment
        && context.Blockers.Any(static b => b.Socket.Local.Address.AsIPv4 is not null)
        && BindRules.Decide(assessment.Request with { V6Only = true }, context.Snapshot).Outcome == Outcome.Allowed;
}
