using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Snippets;
using Bindwise.Model.Diagnosing.Topics;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing;

/// <summary>What SO_REUSEADDR and SO_REUSEPORT change of the answer, whatever socket is in the way.</summary>
internal static class SharingOptions
{
    /// <summary>The remedy that shares the port now.</summary>
    public const string SetReuseAddress = "set-reuse-address";

    private const string LastGetsUnicast = "unicast reaches only the one that was bound last";

    private const string NoRisk = "none on Linux; on Windows the option means something else";

    /// <summary>Who sets SO_REUSEADDR: each of these by its own source (RuntimeProfiles).</summary>
    private const string ReuseAddressServers = "Servers that set SO_REUSEADDR (Node.js, Go, Java, .NET, nginx, Python's http.server…)";

    /// <summary>Free for those that set SO_REUSEADDR, and not for others: both halves in one line.</summary>
    public static string OwnFirstLine(DiagnosisContext context)
    {
        var what = context.Blockers.All(static b => b.Socket.State == TcpSocketState.TimeWait) ? "only TIME_WAIT is left"
            : FirstLine.Holding(context);
        var others = context.FreeAt is not null ? $"others in {(context.MayOutlastCountdown ? "at least " : "")}{context.SecondsLeft} s"
            : context.CountOfAll > 1 ? "others have to wait until all of them are closed" + AfterClose(context)
            : context.Main!.Owners.IsEmpty ? "others have to wait for it to end"
            : $"others have to wait until that {(context.Main.Socket.State == TcpSocketState.Bound ? "socket" : "connection")} is closed"
                + AfterClose(context);
        return $"{context.Name}: {what}. {ReuseAddressServers} can start now; {others}.";
    }

    /// <summary>TIME_WAIT follows for certain where this side has closed first, and where it does so yet.</summary>
    private static string AfterClose(DiagnosisContext context)
    {
        var states = context.Blockers.Select(static b => b.Socket.State).ToList();
        return states.Exists(static s => s is TcpSocketState.FinWait1 or TcpSocketState.FinWait2 or TcpSocketState.Closing)
                ? ", and about a minute more"
            : states.Contains(TcpSocketState.Established) ? ", and up to a minute more" : "";
    }

    /// <summary>
    /// The end of the first line: told where people expect SO_REUSEADDR to help, and where the question was about a socket without it.
    /// </summary>
    public static string FirstLineClause(DiagnosisContext context)
    {
        if (context.Target.Protocol != Protocol.Tcp)
            return "";
        var withIt = context.With(reuseAddress: true, reusePort: false);
        if (withIt == Outcome.Allowed && !context.Asked[0].Request.ReuseAddress)
            return "; a server that sets SO_REUSEADDR can start now";
        if (ConnectionTopic.IsLeftOfClient(context))
            return "; the port was the source port of that connection";
        return withIt == Outcome.Blocked && context.Main!.Socket.State is TcpSocketState.TimeWait or TcpSocketState.FinWait2
            or TcpSocketState.FinWait1 && context.Blockers.All(static b => b.Socket.State != TcpSocketState.Listen)
            ? $"; the old {Before(context)} had not set SO_REUSEADDR, so setting it now does not help" : "";
    }

    /// <summary>Why a server that sets SO_REUSEADDR can start; null where that is not the answer.</summary>
    public static string? Reason(DiagnosisContext context, HeldSocket held) =>
        !context.DependsOnReuseAddress ? null
        : held.State == TcpSocketState.Bound ? "Both set SO_REUSEADDR, so both may bind the port; only one of them can listen."
        : "The old socket had set SO_REUSEADDR, so a new one that sets it too may share the port with it.";

    /// <summary>What the attempts with SO_REUSEADDR reveal of the old sockets.</summary>
    public static string? OfOldSocket(DiagnosisContext context)
    {
        if (context.Main is not { Socket: { Protocol: Protocol.Tcp, State: not TcpSocketState.Listen } socket }
            || context.Decisive.Errno is not (null or "EADDRINUSE"))
            return null;
        var until = context is { FreeAt: { } at, MayOutlastCountdown: false } ? $" before {context.Moments.Until(at)}" : " while it stands";
        return context.With(reuseAddress: true, reusePort: false) switch
        {
            Outcome.Allowed => "The old socket had set SO_REUSEADDR, so a new one that sets it before bind() can have the port now.",
            Outcome.Blocked => context.Blockers.All(static b => b.Socket.State != TcpSocketState.Listen)
                ? $"The old {(socket.State == TcpSocketState.TimeWait ? Before(context) : "socket")} had not set SO_REUSEADDR, so setting "
                    + $"it now does not help{until}."
                : null,
            _ when context.Snapshot.Coverage.IsPast => "The record does not tell whether the old socket had set SO_REUSEADDR.",
            _ => "The kernel's table does not show whether the old socket had set SO_REUSEADDR; only a probe can tell.",
        };
    }

    private static string Before(DiagnosisContext context) => ConnectionTopic.IsLeftOfClient(context) ? "client"
        : ConnectionTopic.MayBeOfClient(context) ? "program" : "server";

    /// <summary>A server that sets SO_REUSEADDR can start now.</summary>
    public static Remedy Start(DiagnosisContext context)
    {
        // A pasted error is answered so only where its runtime sets the option.
        if (context.Target.Pasted is { } pasted)
            return Remedy.Of(SetReuseAddress,
                $"Start your server now; {pasted.Runtime} sets SO_REUSEADDR before bind(), unless the program clears it.", null,
                "the program that starts", NoRisk);
        var start = ReuseAddress(context,
            IsBound(context) ? "Start your server; it has to set SO_REUSEADDR before bind()."
                : "Start your server now; if it fails, have it set SO_REUSEADDR before bind().");
        return WithoutGuessedCode(context, start);
    }

    /// <summary>SO_REUSEADDR where it helps right now, by the rules or by the probe.</summary>
    public static IEnumerable<Remedy> ReuseAddress(DiagnosisContext context) => !HelpsReuseAddress(context) ? []
        : context.Target.Protocol == Protocol.Udp
        ? [Remedy.OfCode(SetReuseAddress, "Set SO_REUSEADDR before bind() to share the port; the other program set it too.",
            SnippetKind.ReuseAddressOfDatagrams, TargetLanguage.Starting(context), "the program that starts",
            GetsUnicast(context)) with
        { IsRiskNotable = true }]
        : [ReuseAddress(context, IsBound(context) ? "Set SO_REUSEADDR before bind(); the other socket set it too."
            : "Set SO_REUSEADDR before bind(); it works now, because the old socket had set it too.")];

    // An IPv4 socket comes before an IPv6 wildcard, whichever was first (compute_score(), net/ipv4/udp.c).
    private static string GetsUnicast(DiagnosisContext context) =>
        context.Asked.Any(asked => asked.Request.Address.AsIPv4 is null == context.Main!.Socket.Local.Address.AsIPv4 is null)
            ? LastGetsUnicast : "unicast over IPv4 reaches only the socket on IPv4, and over IPv6 the other one";

    private static bool HelpsReuseAddress(DiagnosisContext context) => !context.Asked[0].Request.ReuseAddress
        && context.With(reuseAddress: true, reusePort: false) == Outcome.Allowed;

    /// <summary>
    /// Two programs are meant to have the port at the same time: what is sent to a group reaches every socket that is bound there.
    /// </summary>
    public static bool IsMulticast(DiagnosisContext context) => context.Target.Protocol == Protocol.Udp
        && (ProtocolPorts.IsMulticast(context.Plan.Port ?? 0) || context.Asked.Any(static a => a.Request.Address.IsMulticast)
            || context.Blockers.Any(static b => b.Socket.Local.Address.IsMulticast));

    private static Remedy ReuseAddress(DiagnosisContext context, string text) => Remedy.OfCode(SetReuseAddress, text,
        SnippetKind.ReuseAddress, TargetLanguage.Starting(context), "the program that starts",
        IsBound(context) ? "only one of the two can listen: the second to call listen() gets EADDRINUSE" : NoRisk);

    /// <summary>
    /// Where the other program did not set the option: another port or address would get none of the group's datagrams.
    /// </summary>
    public static Remedy ShareMulticast(DiagnosisContext context) => Remedy.OfCode("share-multicast",
        "To run both, set SO_REUSEADDR before bind() in both programs; multicast then reaches both.",
        SnippetKind.ReuseAddressOfDatagrams, TargetLanguage.Starting(context), "both programs", LastGetsUnicast);

    private static bool IsBound(DiagnosisContext context) => context.Main!.Socket.State == TcpSocketState.Bound;

    // In whose language the server is written is not known: code in C would help few.
    private static Remedy WithoutGuessedCode(DiagnosisContext context, Remedy remedy) =>
        TargetLanguage.Starting(context).IsKnown ? remedy : remedy.Running(null) with { Language = null };

    /// <summary>SO_REUSEPORT where it helps right now.</summary>
    public static IEnumerable<Remedy> ReusePort(DiagnosisContext context)
    {
        // It would split what is sent to one address; SO_REUSEADDR is what these programs agree on.
        if (context.Asked[0].Request.ReusePort || PastedErrors.IsOfProduct(context) || (IsMulticast(context) && HelpsReuseAddress(context))
            || context.With(reuseAddress: false, reusePort: true) != Outcome.Allowed
            || context.Main!.Socket.State is not (TcpSocketState.Listen or TcpSocketState.Close)
            // UDP: beside SO_REUSEADDR it may share less (udp_lib_lport_inuse() ends at the first socket that shares it).
            || context.Asked.Any(a => BindRules.Decide(a.Request with { ReusePort = true }, context.Snapshot).Outcome == Outcome.Blocked))
            return [];
        var isTcp = context.Target.Protocol == Protocol.Tcp;
        return [Remedy.OfCode("set-reuse-port",
            "Set SO_REUSEPORT before bind() to share the port; the other program set it too, as the same user.",
            isTcp ? SnippetKind.ReusePort : SnippetKind.ReusePortOfDatagrams, TargetLanguage.Starting(context),
            "the program that starts",
            isTcp ? "the kernel spreads new connections over both programs" : "the kernel spreads datagrams over both programs")];
    }

    /// <summary>
    /// SO_REUSEADDR where it would not help yet; none where it helps already, was asked for, or the runtime does this by default.
    /// </summary>
    public static IEnumerable<Remedy> ReuseAddressFromNow(DiagnosisContext context)
    {
        var outcome = context.With(reuseAddress: true, reusePort: false);
        // Assumed of a usual server, it may be missing in this one: the old one did not set it. A pasted error's wording tells.
        if (outcome == Outcome.Allowed
            || (context.Asked[0].Request.ReuseAddress && (context.Target.Pasted is not null || !context.Plan.AssumesReuseAddress)))
            yield break;
        var remedy = Remedy.OfCode("set-reuse-address-from-now",
            ConnectionTopic.MayBeOfClient(context)
                ? "From now on, set SO_REUSEADDR before bind() in the program that had the port; if that is a client, leave out the "
                    + "bind(), and it gets another source port each time."
                : "From now on, set SO_REUSEADDR before bind() in your server; both sockets need it, so it helps "
                    + $"{(outcome == Outcome.Undetermined ? "at once if the old one had it, else " : "")}from the restart after the next.",
            SnippetKind.ReuseAddress, TargetLanguage.Starting(context), "the program's code", NoRisk);
        if (remedy.Command is not null)
            yield return WithoutGuessedCode(context, remedy);
    }

    /// <summary>A socket that is bound to the port too, and does not listen: the first of the two to call listen() gets the port.</summary>
    public static Remark? OnlyOneMayListen(DiagnosisContext context)
    {
        var bound = context.Snapshot.Sockets.FirstOrDefault(
            s => s.Protocol == Protocol.Tcp && s.State == TcpSocketState.Bound && s.Local.Port == context.Plan.Port);
        if (bound is null || context.Decisive.Rule != RuleBook.BothReuseAddress)
            return null;
        var owners = context.Holders.OwnersOf(bound.Inode);
        return Remark.Of("only-one-may-listen", Keepers.PickedFor(owners) is { } program
            ? $"The port was picked for {program}: if another server listens on it first, {program} cannot."
            : $"{ProcessNames.Of(owners, "Another socket")} is bound to {bound.Local} too; only the first of the two to call listen() gets "
                + "the port.");
    }
}
