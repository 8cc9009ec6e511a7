using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Snippets;
using Bindwise.Model.Rules;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>The ports that the kernel gives out by itself, for port 0 and for connect(), and what helps when they run out.</summary>
internal sealed class EphemeralPortTopic : Topic
{
    private const int WidestFirst = 15000;
    private const int WidestLast = 64999;
    private const int DestinationsShown = 4;
    private const int GroupsShown = 4;
    private const int HoldersShown = 3;

    public override Cause? CauseOf(BindAssessment assessment, Snapshot snapshot) =>
        assessment.Rule == RuleBook.EphemeralPortsExhausted || assessment.Rule == ConnectionRuleBook.ConnectPortsExhausted
            || assessment.Rule == RuleBook.UdpPortsExhausted || assessment.Rule == ConnectionRuleBook.FourTupleTaken
            || assessment.Rule == ConnectionRuleBook.FourTupleReused
            ? Cause.PortsExhausted : null;

    /// <summary>
    /// Whether connect() finds a port of its own. On a port without any socket it does. What bind(0) answers does not tell: connect() is
    /// given no port that another socket has bound, not even on another address, in the other family or on another interface, where bind()
    /// may be; and it may share one with connections to elsewhere, but only one that connect() itself gave them, and the socket table does
    /// not tell which those are (__inet_hash_connect(), net/ipv4/inet_hashtables.c).
    /// </summary>
    /// <param name="decisive">What bind(0) answers.</param>
    public static BindAssessment OfConnect(RequestPlan plan, BindAssessment decisive, Snapshot snapshot)
    {
        // What a policy says of bind() it does not say of connect().
        var isPortsOnly = decisive.Outcome != Outcome.Blocked || decisive.Errno == "EADDRINUSE" || decisive.IsDeniedByPolicy;
        if (plan.Destinations.IsEmpty || !(isPortsOnly || decisive.Rule == RuleBook.AddressNotLocalIPv6))
            return decisive;
        if (AddressTopic.OfConnect(plan, snapshot) is { } refused)
            return Answer(refused) with { Request = decisive.Request with { Address = plan.Destinations[0].Address } };
        if (!isPortsOnly || snapshot.Ephemeral is null)
            return decisive;
        // Without a destination of its own, its port is like one of bind(0), and one that it has serves for every destination.
        if (decisive.Request.Protocol == Protocol.Udp)
            return plan.IsSourcePortBound ? Answer(Decision.Allow(ConnectionRuleBook.UdpConnected))
                : decisive.Errno == "EADDRINUSE" ? Answer(Decision.Block("EAGAIN", RuleBook.UdpPortsExhausted))
                : decisive.Outcome == Outcome.Blocked ? Answer(Decision.Unsettled(RuleBook.UdpPortsExhausted)) : decisive;
        if (plan.IsSourcePortBound)
            return Answer(BoundSourcePort.Decide(plan, snapshot.Ephemeral));
        if ((decisive.Outcome == Outcome.Allowed || decisive.IsDeniedByPolicy) && BindRules.IsPortLeft(decisive.Request.Protocol, snapshot))
            return decisive.Outcome == Outcome.Allowed ? decisive : Answer(Decision.Allow(RuleBook.EphemeralPortFree));
        var isClosed = snapshot.Ephemeral is { Usable: var usable, ClosedToAsked: var closed } && closed >= usable;
        return Answer(isClosed ? Decision.Block(BoundSourcePort.NotAvailable, ConnectionRuleBook.ConnectPortsExhausted)
            : Decision.Unsettled(ConnectionRuleBook.ConnectPortsExhausted));

        BindAssessment Answer(Decision decision) => new(decisive.Request, decision, null);
    }

    public override string? OwnFirstLine(DiagnosisContext context) =>
        context is not { Verdict: Verdict.Blocked, Decisive.Errno: "EADDRINUSE" } ? null
        : ReservedPorts.In(context.Snapshot) is { IsMost: true } reserved
            ? $"Port 0 fails (EADDRINUSE): {(reserved.IsAll ? "" : "every port of the ephemeral range is reserved or in use: ")}{reserved}."
        : "Port 0 fails (EADDRINUSE): every port of the ephemeral range is in use"
            + (IsOneSkipped(context) ? ", but for one: of an odd number the kernel tries one fewer" : "")
            + (MostOf(context) is { } most && 2 * most.PortsAtLeast > context.Snapshot.Ephemeral!.Used
                ? $", most by {ProcessNames.Of(most.Owners, "")}." : ".");

    /// <summary>The first line of an answer about connect().</summary>
    public static string FirstLineOf(DiagnosisContext context, Destination destination)
    {
        var errno = context.Decisive.Errno ?? BoundSourcePort.NotAvailable;
        var use = context.Snapshot.Ephemeral;
        if (context is { Cause: Cause.PortsExhausted, Verdict: not Verdict.Free }
            && ReservedPorts.In(context.Snapshot) is { IsAll: true } reserved)
            return $"A connection to {destination} gets no source port ({errno}): {reserved}.";
        if (context is { Plan.IsSourcePortBound: true, Cause: Cause.PortsExhausted or Cause.Free })
            return BoundSourcePort.FirstLine(context.Verdict, destination);
        // Connections to the destination, from the address that has the most. Some may share a port, as those of two interfaces.
        var taken = use is null ? 0 : Math.Min(use.Usable, use.Destinations.Where(d => context.Plan.IsAsked(d.Remote, d.Local))
            .Select(static d => d.Count).DefaultIfEmpty(0).Max());
        var used = use is null ? "" : $": {Wording.Number(taken)} of {Wording.Number(use.Usable)} are used for it";
        return context.Verdict switch
        {
            Verdict.Free => $"A connection to {destination} can get a source port now{used}.",
            // Which ports bind() chose is in no table: connect() is given none of them.
            Verdict.Undetermined when use is { ReusableByAsked: > 0 and var old } =>
                $"A connection to {destination} gets a source port now, unless bind() chose those in use{used}; connect() takes over "
                    + $"the {Wording.Number(old)} that {(old == 1 ? "is" : "are")} in TIME_WAIT for over {ReuseDelay(context)}.",
            Verdict.Undetermined =>
                $"A connection to {destination} may get no source port{used}, and "
                    + (IsOneSkipped(context) ? "of an odd number of ports the kernel tries one fewer."
                        : "no port of the range is entirely free."),
            _ when context.Cause == Cause.PortsExhausted =>
                $"A connection to {destination} gets no source port ({errno}){used}"
                    + (use is not null && taken < use.Usable ? ", and the rest are bound." : "."),
            _ => $"A connection to {destination} cannot be opened ({context.Decisive.Errno}): {context.Topic.Refusal(context)}.",
        };
    }

    /// <summary>A port is free, which the kernel may not try.</summary>
    private static bool IsOneSkipped(DiagnosisContext context) => context.Target.Protocol == Protocol.Tcp
        && context.Snapshot is { Settings.IsOnePortSkipped: true, Ephemeral: { } use } && use.Usable - 1L == use.Used;

    private static string ReuseDelay(DiagnosisContext context) => context.Snapshot.Settings.TimeWaitReuseDelay is var delay
        && delay % 1000 == 0 ? $"{Wording.Number(delay / 1000)} s" : $"{Wording.Number(delay)} ms";

    /// <summary>Who uses up the range, in sentences: per destination, since a port counts for each of them apart.</summary>
    public static IEnumerable<string> Notes(DiagnosisContext context)
    {
        var snapshot = context.Snapshot;
        if (snapshot.Ephemeral is not { } use || PortUse.Of(snapshot) is not { } ports)
            yield break;
        if (context.Plan.IsSourcePortBound)
        {
            foreach (var one in ports.Destinations.Where(one => context.Plan.IsAsked(one.Remote, one.Local)))
                yield return BoundSourcePort.Holding(one);
            yield break;
        }
        var reserved = ReservedPorts.In(snapshot);
        if (reserved is { IsAll: true })
        {
            yield return "The system gives out no reserved port by itself; a bind() that names one still gets it.";
            yield break;
        }
        var (may, kept) = context.Plan.SourcePorts.IsEmpty ? ("the system may give out", "in " + ReservedPorts.Setting)
            : ("the program may use", "that it keeps for listeners, or the system reserves");
        var without = reserved is null ? "" : $" without the {Wording.Number(reserved.Count)} {kept}";
        var isOnly = ports is { Used: 1, Usable: 1 };
        var inUse = $"{(isOnly ? "The one port" : $"{Wording.Number(ports.Used)} of the {Wording.Count(ports.Usable, "port", "ports")}")} "
            + $"that {may} ({Wording.Number(ports.First)} to {Wording.Number(ports.Last)}{without}) "
            + $"{(ports.Used == 1 ? "is" : "are")} in use";
        var index = new OwnerIndex(snapshot);
        var groups = Shown(use).Take(GroupsShown)
            .Select(g => Sentence(g, index)).ToList();
        // One sentence with the first of those who use them: a short answer has room for one.
        var users = ports.Destinations.OrderByDescending(d => context.Plan.Sources.Contains(d.Local)).Take(DestinationsShown)
            .Select(destination => Sentence(destination, ports.Usable, use.DestinationsCut)).Concat(groups).ToList();
        yield return users.Count > 0 ? $"{inUse}: {users[0]}" : inUse + ".";
        foreach (var user in users.Skip(1))
            yield return user;
    }

    /// <summary>Connections are told by their destinations, where these were counted.</summary>
    private static IEnumerable<EphemeralGroup> Shown(EphemeralUse use) =>
        use.Groups.Where(g => use.Destinations.IsEmpty || g.RemotePort is null && !g.IsConnection);

    /// <summary>Who certainly holds more ports of it than any other; null for nobody.</summary>
    private static PortHolder? MostOf(DiagnosisContext context)
    {
        if (context.Snapshot.Ephemeral is not { } use)
            return null;
        var bound = Shown(use)
            .SelectMany(g => SocketShare.Of(g.Samples, g.Count, context.Holders).Select(s => (Share: s, g.IsConnection)));
        var connected = use.Destinations.SelectMany(d => SocketShare.Of(d.Samples, d.Held, context.Holders))
            .Select(static s => (Share: s, IsConnection: true));
        // Sockets are counted, not ports: so many stand beside another one on its port, on other addresses or by SO_REUSEPORT.
        var doubles = Math.Max(0, use.Groups.Sum(static g => (long)g.Count) - use.Used);
        var holders = bound.Concat(connected).GroupBy(static one => one.Share.Process.Id)
            .Select(one => (Count: one.Sum(static part => (long)part.Share.Count), Parts: one))
            .OrderByDescending(static one => one.Count).Take(2)
            .Select(one => new PortHolder(one.Parts.First().Share.Owners, one.Count, one.Count - doubles,
                one.Parts.All(static part => part.Share.IsCounted), one.Parts.MaxBy(static part => part.Share.Count).IsConnection))
            .ToList();
        return holders.Count > 0 && holders[0].PortsAtLeast > (holders.Count > 1 ? holders[1].Count : 0) ? holders[0] : null;
    }

    private static string Sentence(DestinationUse use, int usable, bool isCut)
    {
        var waiting = use.TimeWait == 0 ? ""
            : use.TimeWait == use.Count ? ", all in TIME_WAIT" : $", {Wording.Number(use.TimeWait)} of them in TIME_WAIT";
        var ending = use.Ending == 0 ? ""
            : $", {(use.Ending == use.Count ? "all" : Wording.Number(use.Ending) + " of them")} closed here and held by no process "
                + "(FIN_WAIT, LAST_ACK), which the kernel ends by itself, mostly within a minute";
        var held = (long)use.Count - use.TimeWait - use.Ending;
        var holders = use.Owners.IsEmpty ? ""
            : held == 1 || (use.Holders is [{ IsCounted: true } only] && only.Count == held)
                ? $", {(held == use.Count || held == 1 ? "" : "the others ")}held by {ProcessNames.Of(use.Owners, "")}"
            : use.Holders.IsEmpty ? $", one of them held by {ProcessNames.Of(use.Owners, "")}"
            : $", held by {Parts([.. use.Holders.Select(static h => (h.Count, h.IsCounted, ProcessNames.Short(h.Process)))], held)}";
        return $"{(isCut ? "At least " : "")}{Wording.Number(use.Count)} of {Wording.Number(usable)} ports: from {use.Local} to "
            + $"{use.Remote}{waiting}{holders}{ending}.";
    }

    private static string Sentence(EphemeralGroup group, OwnerIndex index)
    {
        var where = group.RemotePort is { } port and not 0 ? $" to port {Wording.Number(port)}" : "";
        var kind = group.State switch { "LISTEN" => "listening ", "BOUND" => "bound ", "CLOSE" or "UNCONN" => "unconnected ", _ => "" };
        var state = kind.Length == 0 ? " in " + group.State : "";
        return $"{Wording.Count(group.Count, kind + "socket", kind + "sockets")}{state}{where}{Whose(group, index)}.";
    }

    private static string Whose(EphemeralGroup group, OwnerIndex index)
    {
        var shares = SocketShare.Of(group.Samples, group.Count, index);
        if (shares is [var only] && only.Count == group.Count)
            return $", of {ProcessNames.Of(only.Owners, "")}";
        if (!shares.IsEmpty)
        {
            var parts = shares.Select(static s => (s.Count, s.IsCounted, "of " + ProcessNames.Of(s.Owners, ""))).ToList();
            return ": " + Parts(parts, group.Count);
        }
        return index.OwnersOf(group.SampleInode) is { IsEmpty: false } owners ? $", one of them of {ProcessNames.Of(owners, "")}"
            : group.UserId is not { } user ? ", of no process" : user == 0 ? ", of root" : $", of uid {Wording.Number(user)}";
    }

    /// <summary><c>12 of a (pid 5), 5 of b (pid 6) and 3 of others</c>.</summary>
    private static string Parts(List<(int Count, bool IsCounted, string Whose)> parts, long all)
    {
        var shown = parts.Take(parts.Count == HoldersShown + 1 ? parts.Count : HoldersShown).ToList();
        var words = shown.ConvertAll(static one => $"{(one.IsCounted ? "" : "about ")}{Wording.Number(one.Count)} {one.Whose}");
        if (all - shown.Sum(static one => (long)one.Count) is > 0 and var rest)
            words.Add($"{Wording.Number(rest)} of others");
        return Wording.List(words);
    }

    /// <summary>It depends on whether one destination takes them, and in which state.</summary>
    public override IEnumerable<Remedy> Remedies(DiagnosisContext context)
    {
        if (context.Plan.IsSourcePortBound)
        {
            if (context.Verdict != Verdict.Free)
                yield return BindLate(TargetLanguage.Starting(context));
            yield break;
        }
        var reserved = context.Verdict == Verdict.Free || !context.Plan.SourcePorts.IsEmpty ? null : ReservedPorts.In(context.Snapshot);
        if (reserved is { IsMost: true })
            yield return reserved.Shorten(context);
        if (reserved is { IsAll: true })
        {
            // Nothing that a client does differently brings a port.
            if (Widen(context, context.Snapshot.Settings) is { } instead)
                yield return instead;
            yield break;
        }
        // Sockets that were bound stay until their program ends; connections may be needed, and there are other ways.
        if (context.Verdict != Verdict.Free && MostOf(context) is { IsConnection: false } holder
            && !EndSignal.Of(holder.Owners[0].Process).IsNothing)
        {
            foreach (var remedy in CallersOwn.Or(context, holder.Owners, others => End(context, holder with { Owners = others })))
                yield return remedy;
            if (EndRemedies.WithParent(context, holder.Owners, []) is { } withParent)
                yield return withParent;
        }
        else if (context.Verdict != Verdict.Free && AreMostlyBound(context.Snapshot))
        {
            yield return SeeHolders(context);
        }
        // A datagram socket has no destination by which ports could be shared.
        if (context.Target.Protocol == Protocol.Udp)
        {
            if (Widen(context, context.Snapshot.Settings) is { } more)
                yield return more;
            yield break;
        }
        var use = context.Snapshot.Ephemeral;
        var top = TopOf(context);
        // From half of the range on one destination is the matter; below, it is that ports are not shared between destinations.
        var isOneDestination = use is not null && top is not null && 2L * top.Count >= use.Usable;
        var language = SpeakerOf(context, top);
        // connect() shares no port of a socket that listens or is only bound, whatever a client does.
        var isBound = context.Verdict != Verdict.Free && AreMostlyBound(context.Snapshot);
        var isClosedMostly = top is not null && 2 * ((long)top.TimeWait + top.Ending) >= top.Count;
        if (isOneDestination && isClosedMostly)
        {
            yield return KeepAlive(language);
            if (top!.TimeWait > 0 && context.Snapshot.Settings.TimeWaitReuse is { } reuse and not 1
                && (reuse == 0 || !top.Remote.Address.IsLoopback))
                yield return ReuseTimeWait(context);
        }
        if (isOneDestination)
            yield return context.Plan.Sources.IsEmpty ? MoreAddresses(language) : MoreSources();
        else if (!isBound)
            yield return BindLate(language);
        if (Widen(context, context.Snapshot.Settings) is { } widen)
            yield return widen;
        if (!isBound && (!isOneDestination || !isClosedMostly))
            yield return KeepAlive(language);
    }

    private static bool AreMostlyBound(Snapshot snapshot) => snapshot.Ephemeral is { } use
        && 2 * use.Groups.Where(static group => !group.IsConnection).Sum(static group => (long)group.Count) > use.Used;

    // Nobody has more than all others, or who has them cannot be seen.
    private static Remedy SeeHolders(DiagnosisContext context)
    {
        var range = context.Snapshot.Settings.LocalPorts;
        var unseen = context.Snapshot is { Caller.UserId: not 0, Coverage: { UnreadableProcesses: > 0 } or { ProcessesHidden: true } };
        return Remedy.Of("see-port-holders", "See who has them, and stop what is not needed.",
            $"{(unseen ? RunAs.Root(context) : ShellCommand.Empty)}bindwise ls :{range.First}-{range.Last}", "nothing",
            "none");
    }

    private static Remedy End(DiagnosisContext context, PortHolder holder)
    {
        var (name, command, isOne) = EndRemedies.Stop(context, holder.Owners);
        var signal = EndSignal.Of(holder.Owners[0].Process);
        return Remedy.Of("end-port-holder",
            $"Stop {name}{(isOne ? ", which holds" : "; they hold")} the most of them ({(holder.IsCounted ? "" : "about ")}"
                + $"{Wording.Count(holder.Count, "socket", "sockets")}){(signal.Why.Length > 0 && isOne ? $"; it {signal.Why}" : "")}.",
            command, $"{(isOne ? "one process ends, and its" : "these processes end, and their")} ports are free again",
            EndRemedies.CutsOff(isOne));
    }

    /// <summary>A connect() found no port a while ago, and half of the range is still used for where it was to go.</summary>
    public static bool IsNearlyExhausted(DiagnosisContext context) =>
        context is { Target.Destination: not null, Plan.IsSourcePortBound: false, Snapshot.Ephemeral: { } use } && TopOf(context) is { } top
            && 2L * top.Count >= use.Usable;

    /// <summary>The destination in question, else the one with the most connections.</summary>
    private static EphemeralDestination? TopOf(DiagnosisContext context)
    {
        var destinations = context.Snapshot.Ephemeral?.Destinations ?? [];
        return destinations.FirstOrDefault(d => context.Plan.IsAsked(d.Remote, d.Local)) ?? destinations.FirstOrDefault();
    }

    private static TargetLanguage SpeakerOf(DiagnosisContext context, EphemeralDestination? top)
    {
        var starting = TargetLanguage.Starting(context);
        return starting.IsKnown || top is null ? starting
            : TargetLanguage.Of(OwnerRoles.Assign(top.SampleInode, context.Snapshot)) ?? starting;
    }

    private static Remedy KeepAlive(TargetLanguage language) => Remedy.OfCode(
        "keep-alive", "Reuse connections from a pool instead of opening one for each request.", SnippetKind.KeepAlive, language,
        "how clients connect", "the other side may close idle connections; retry once");

    private static Remedy ReuseTimeWait(DiagnosisContext context) => Remedy.Of(
        "reuse-time-wait", "Let outgoing connections reuse a port whose connection to the same destination is in TIME_WAIT (after one "
            + "second, with timestamps).",
        $"{RunAs.Root(context)}sysctl -w net.ipv4.tcp_tw_reuse=1", "the whole network namespace, until the next boot",
        "a late segment of the old connection may arrive; timestamps tell it apart");

    private static Remedy MoreAddresses(TargetLanguage language) => Remedy.OfCode(
        "more-source-addresses",
        "Connect from more addresses of this host, or to more addresses or ports of the other side; ports are counted separately for each "
            + "pair. Set IP_BIND_ADDRESS_NO_PORT before bind(source, 0).",
        SnippetKind.BindAddressNoPort, language, "the client's code; the host needs the addresses",
        "the other side sees several addresses");

    private static Remedy MoreSources() => Remedy.Of(
        "more-source-addresses",
        "Give the connector more sources, or connect to more addresses or ports of the other side; ports are counted separately for each "
            + "pair.",
        null, "the client's code; the host needs the addresses", "the other side sees several addresses");

    private static Remedy BindLate(TargetLanguage language) => Remedy.OfCode(
        "bind-late", "For outgoing connections, do not bind() before connect(), or set IP_BIND_ADDRESS_NO_PORT before bind(source, 0); "
            + "ports are then counted separately for each destination.",
        SnippetKind.BindAddressNoPort, language, "the client's code", "none");

    private static Remedy? Widen(DiagnosisContext context, HostSettings settings)
    {
        if (!context.Plan.SourcePorts.IsEmpty)
            return Remedy.Of("widen-own-range", "Let the program use more source ports, or keep fewer for listeners.", null,
                "which ports its connections have", "none");
        var now = settings.LocalPorts;
        // A lower one the kernel refuses (ipv4_local_port_range()).
        var first = Math.Max(WidestFirst, settings.FirstUnprivilegedPort);
        var wide = new PortRange(Math.Min(now.First, first), Math.Max(now.Last, WidestLast));
        if (wide == now || settings.CountReserved(wide) == wide.Last - wide.First + 1)
            return null;
        return Remedy.Of("widen-range", "Widen the ephemeral range.",
            $"{RunAs.Root(context)}sysctl -w net.ipv4.ip_local_port_range=\"{wide.First} {wide.Last}\"",
            "which ports the system hands out", "keep your servers' ports out of it, or reserve them");
    }

    public static bool MayBeGivenOut(DiagnosisContext context) => context.Plan.Port is { } port and not 0
        && context.Snapshot.Settings.MayGiveOut(port);

    public static Remark? InRange(DiagnosisContext context)
    {
        if (context.Verdict != Verdict.Free || !MayBeGivenOut(context))
            return null;
        var (port, settings) = (context.Plan.Port ?? 0, context.Snapshot.Settings);
        return Remark.Of("in-ephemeral-range",
            $"Port {Wording.Number(port)} is in the ephemeral range ({Wording.Number(settings.LocalPortFirst ?? 0)} to "
                + $"{Wording.Number(settings.LocalPortLast ?? 0)}): an outgoing connection may take it before your server starts.");
    }

    /// <summary>Keeps the port out of the ephemeral range.</summary>
    public static Remedy Reserve(DiagnosisContext context)
    {
        var port = context.Plan.Port ?? 0;
        return Remedy.Of(
            "reserve-port",
            "Reserve the port, so that no connection gets it as its source port.",
            ReservedPorts.Set(context, context.Snapshot.Settings.ReservedPorts.Append(new PortRange(port, port))),
            "which ports the system hands out, until the next boot (to keep it, write it to /etc/sysctl.d)",
            "one port fewer for outgoing connections; an explicit bind() still gets it");
    }
}

/// <summary>Who holds ports of the ephemeral range.</summary>
/// <param name="Count">Their sockets.</param>
/// <param name="PortsAtLeast">On so many ports at least.</param>
/// <param name="IsCounted">False: the number is inferred from a sample.</param>
/// <param name="IsConnection">Most are connections, and not sockets that were bound.</param>
internal sealed record PortHolder(ImmutableArray<Owner> Owners, long Count, long PortsAtLeast, bool IsCounted, bool IsConnection);
