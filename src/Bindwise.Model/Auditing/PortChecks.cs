using Bindwise.Model.Rules;
using static System.FormattableString;

namespace Bindwise.Model.Auditing;

/// <summary>Rules about which port is bound, and how.</summary>
internal static class PortChecks
{
    /// <summary>A socket that only tries a port is closed, and followed by the next, before this has passed.</summary>
    private static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(100);

    /// <summary>A port that was found by one socket and bound by another.</summary>
    public readonly record struct Search(ulong Found, ulong Used, AuditFinding Finding);

    public static IEnumerable<AuditFinding> Of(AuditRecord record, SocketStory story, ImmutableArray<SocketStory> all,
        List<Search> searches)
    {
        if (IgnoredErrorChecks.Of(record, story, all) is { } ignored)
            yield return ignored;
        // A search explains the port, and is what has to change.
        if (searches.Any(one => one.Used == story.Cookie))
            yield break;
        if (IsServer(story) && story.Local is { } local && IsEphemeral(record, local.Port)
            && (story.OwnPort is not null || (record.End == AuditEnd.Running && story.Binding is null)))
        {
            var isCertain = story.OwnPort is not null;
            var range = Invariant($"net.ipv4.ip_local_port_range is {record.Settings.LocalPortFirst} {record.Settings.LocalPortLast}");
            yield return new AuditFinding(AuditRuleBook.InEphemeralRange, isCertain ? AuditSeverity.Warning : AuditSeverity.Note,
                $"{story.Name} is in the ephemeral range",
                Invariant($"Use a port below {record.Settings.LocalPortFirst}, or reserve it: sysctl -w net.ipv4.ip_local_reserved_ports=")
                    + Invariant($"{local.Port} (with what is in it already)."))
            {
                Event = story.Listening ?? story.Binding,
                Evidence = isCertain ? [range] : [range, "or the kernel chose it, for a program that asked for port 0"],
            };
        }
        if (story is { Listening: null, Binding: { Protocol: Protocol.Tcp, Asked: { } asked } bound }
            && record.Connected.TryGetValue(story.Cookie, out var remote)
            && !(asked.Port == 0 && bound.Options.AddressWithoutPort == true))
        {
            yield return new AuditFinding(AuditRuleBook.BoundBeforeConnect, asked.Port == 0 ? AuditSeverity.Note : AuditSeverity.Warning,
                asked.Port == 0 ? $"a connection's source address {asked.Address} is bound before connect(), and a port with it"
                    : $"a connection's source port, {asked}, is bound before connect()",
                asked.Port == 0 ? "Set IP_BIND_ADDRESS_NO_PORT before bind(): connect() then chooses the port, and may use one for several "
                    + "destinations. Or leave bind() out."
                    : "Leave bind() out, or bind the address with port 0 and IP_BIND_ADDRESS_NO_PORT: a port of its own allows one "
                        + "connection to each destination, and its TIME_WAIT stops the next.")
            {
                Event = bound,
                Evidence = [$"it was bound to {bound.Local ?? asked} and connected to {remote}",
                    asked.Port == 0 ? "each such connection takes a port for itself, of some 28,000 for all destinations together"
                        : "a second connection to the same destination fails with EADDRNOTAVAIL or EADDRINUSE"],
            }.WithCode(AuditCode.OfOption("IP_BIND_ADDRESS_NO_PORT", 1, bound.Language));
        }
    }

    /// <summary>
    /// Ports that a socket got from the kernel, or tried, and that another socket was bound to once the first one was closed.
    /// </summary>
    public static IEnumerable<Search> FindSearches(AuditRecord record, ImmutableArray<SocketStory> stories)
    {
        foreach (var used in stories.Where(static one => one is { OwnPort: not null, Binding: not null } && IsServer(one)))
        {
            var found = stories.FirstOrDefault(one => one.Cookie != used.Cookie && IsSearch(record, one, used));
            if (found is null)
                continue;
            var byKernel = found.OwnPort is null;
            yield return new Search(found.Cookie, used.Cookie, new AuditFinding(AuditRuleBook.PortSearchedByBind, AuditSeverity.Warning,
                Invariant($"one socket found port {used.OwnPort} free and released it, and another then bound it"),
                byKernel ? "Keep the socket that has the port: bind port 0, listen on it, and report the port it got (getsockname())."
                    : "Bind the port at once, and go on to the next one when that fails with EADDRINUSE, instead of trying it before.")
            {
                Event = used.Binding,
                Evidence = [$"bound at {OptionChecks.Seconds(found.Binding!.At)}, released, and bound again at "
                    + $"{OptionChecks.Seconds(used.Binding!.At)}", "between the two, any other program could take it"],
            }.WithCode(byKernel ? AuditCode.OfKernelsChoice(used.Binding.Language) : null));
        }
    }

    /// <summary>The port lies in the ephemeral range, and is not reserved.</summary>
    public static bool IsEphemeral(AuditRecord record, ushort port) => record.Settings.MayGiveOut(port);

    private static bool IsServer(SocketStory story) => story.IsTcpListener || story.Binding is { Protocol: Protocol.Udp };

    private static bool IsSearch(AuditRecord record, SocketStory found, SocketStory used)
    {
        if (found.Binding is not { Protocol: { } protocol } first || used.Binding is not { Protocol: { } other } second || protocol != other
            || protocol == Protocol.Unix
            || found.Local?.Port != used.OwnPort || first.At >= second.At || record.Connected.ContainsKey(found.Cookie)
            || !record.Closed.TryGetValue(found.Cookie, out var closed) || second.OpenOnPort.Contains(found.Cookie))
            return false;
        // By its number a port is also bound again by a server that starts anew: that one served before.
        return found.OwnPort is null
            || (found.Local?.Address == used.Local?.Address && protocol == Protocol.Tcp
                && (found.Listening is null || (first.Process == second.Process && closed - first.At < Brief && second.At - closed < Brief
                    && !record.Connections.Any(one => one.Local.Port == used.OwnPort && one.FirstAt <= second.At))));
    }
}

/// <summary>The rule about a bind() or listen() that failed, and a program that goes on as if it had worked.</summary>
internal static class IgnoredErrorChecks
{
    public static AuditFinding? Of(AuditRecord record, SocketStory story, ImmutableArray<SocketStory> all)
    {
        var bind = story.FailedBind();
        var (failed, listen) = (bind?.Bind ?? story.FailedListen(), bind?.Listen);
        if (failed is null || Outcome(record, story, all, failed, listen) is not var (severity, what, evidence))
            return null;
        var call = failed.Act == AuditAct.Bind ? "bind()" : "listen()";
        return new AuditFinding(AuditRuleBook.ErrorIgnored, severity,
            $"{call} {(failed.Act == AuditAct.Bind ? "to" : "on")} {SocketStory.Named(PlaceOf(failed), failed)} failed with "
                + $"{failed.Error}, and {what}",
            severity == AuditSeverity.Error
                ? "Check what bind() returns, and end with its error: without an address the kernel gives the socket a free port, which "
                    + "nobody knows."
                : $"Check what {call} returns, and exit with a code other than 0; otherwise whoever started the program cannot tell that "
                    + "it is not serving.")
        { Event = failed, Evidence = [evidence] }.WithCode(failed.Act == AuditAct.Bind ? AuditCode.OfError(failed.Language) : null);
    }

    // What the socket was used for without its address is certain; that nobody minds its lack is
    // inferred, where no other bind() or listen() was the way out.
    private static (AuditSeverity Severity, string What, string Evidence)? Outcome(AuditRecord record, SocketStory story,
        ImmutableArray<SocketStory> all, AuditEvent failed, AuditEvent? listen)
    {
        if (listen is not null)
            return (AuditSeverity.Error, "listen() went on without it",
                listen.Local is { } there ? $"the program listens on {there} instead" : "where the program listens instead was not seen");
        if (failed.Act == AuditAct.Bind && record.Connected.TryGetValue(story.Cookie, out var remote))
            return (AuditSeverity.Error, "the socket connected without it", $"it connected to {remote} from a port that the kernel chose");
        if (failed.Act == AuditAct.Bind && record.KernelPorts.TryGetValue(story.Cookie, out var local))
            return (AuditSeverity.Error, "the socket was used without it", $"the kernel gave it {local}");
        // Who connects from it serves nobody there.
        if (all.Any(other => (failed.Act == AuditAct.Bind ? other.Binding : other.Listening) is { } made
            && !record.Connected.ContainsKey(other.Cookie) && IsWayOut(made, failed)))
            return null;
        var nothing = failed.Act == AuditAct.Bind ? "nothing else was bound in its place" : "it listens on nothing else in its place";
        if (record is { End: AuditEnd.ByItself, ExitCode: 0 } && failed.Process == record.Process)
            return (AuditSeverity.Warning, "the program ended with 0", nothing);
        // Who tries more than once waits for the port.
        var tries = record.Events.Count(one => one.Act == failed.Act && one.Process == failed.Process && PlaceOf(one) == PlaceOf(failed)
            && one.Protocol == failed.Protocol);
        return tries == 1 && record.GoingOn.Contains(failed.Process)
            ? (AuditSeverity.Warning, "the program goes on without it",
                Invariant($"{nothing} in the {(record.Duration - failed.At).TotalSeconds:0.0} s until the end"))
            : null;
    }

    // The next port of a list, or the other family's socket of the same port.
    private static bool IsWayOut(AuditEvent made, AuditEvent failed) =>
        made.Process == failed.Process && made.Protocol == failed.Protocol && (made.At > failed.At
            || (PlaceOf(made)?.Port == PlaceOf(failed)?.Port && PlaceOf(made) != PlaceOf(failed)));

    // Of listen() the kernel is not told where.
    private static IpEndpoint? PlaceOf(AuditEvent one) => one.Act == AuditAct.Bind ? one.Asked : one.Local;
}

/// <summary>Rules about the connections of a listening socket, and their queue.</summary>
internal static class ConnectionChecks
{
    // Whoever asks for that many asks for as many as there may be: INT_MAX, SOMAXCONN of some libraries.
    private const int AsManyAsAllowed = 65_535;

    public static IEnumerable<AuditFinding> Of(AuditRecord record, SocketStory story, ImmutableArray<SocketStory> all)
    {
        if (!story.IsTcpListener || story.Local is not { } local || story.LastListen is not { } listen)
            yield break;
        // Connections are counted by address: those of several listeners on one, at once or one after the other, are the same.
        var isFirst = all.First(one => one.IsTcpListener && one.Local == local) == story;
        ImmutableArray<IpEndpoint> listeners =
            [.. all.Where(static one => one.IsTcpListener).Select(static one => one.Local).OfType<IpEndpoint>(), .. record.OtherListeners];
        var tallies = record.Connections.Where(tally => isFirst && Takes(story, local, tally.Local, listeners)).ToList();
        var (seen, waiting) = (tallies.Sum(static one => one.Seen), tallies.Sum(static one => one.TimeWaits));
        if (waiting > 0)
        {
            yield return new AuditFinding(AuditRuleBook.ClosesFirst, AuditSeverity.Note,
                $"{story.Name} closed {Count(waiting, "connection")} before the client did, and has "
                    + (waiting == 1 ? "its TIME_WAIT" : "their TIME_WAIT"),
                "Where the protocol lets you choose, read until the client has closed, and close then: the TIME_WAIT is the client's. With "
                    + "SO_REUSEADDR it does not hinder a restart.")
            {
                Evidence =
                [
                    Invariant($"{waiting} in TIME_WAIT {(record.End == AuditEnd.Running ? "now" : "at the end")}, of ")
                        + Count(Math.Max(seen, waiting), "connection"),
                ],
            }.WithCode(listen.Packaged is null ? AuditCode.OfClosing(listen.Language) : null);
        }
        if (local.Address.IsAny && seen > 0 && tallies.All(static one => one.Local.Address.IsLoopback))
        {
            var loopback = local.Address.Family == IpFamily.IPv4 ? "127.0.0.1" : "[::1] or 127.0.0.1";
            yield return new AuditFinding(AuditRuleBook.WildcardForLoopback, AuditSeverity.Note,
                $"{story.Name} listens on every address, and "
                    + (seen == 1 ? "the one connection" : Invariant($"all {seen} connections")) + " came over loopback",
                $"If only programs on this host need to reach it, bind {loopback}: then no other host can, and servers on other addresses "
                    + "may use the same port.")
            { Event = story.Binding ?? listen }.WithCode(AuditCode.OfLoopback(listen.Language));
        }
        if (record.MostBacklog is { } most && listen.Backlog is { } backlog && backlog > most && backlog < AsManyAsAllowed)
        {
            yield return new AuditFinding(AuditRuleBook.BacklogCut, AuditSeverity.Note,
                Invariant($"{story.Name} asks for a backlog of {backlog}, and gets {most}"),
                Invariant($"Ask for no more than there is, or raise the limit: sysctl -w net.core.somaxconn={backlog}."))
            {
                Event = listen,
                Evidence = [Invariant($"net.core.somaxconn is {most}")],
            };
        }
        // A listener drops more than what finds its queue full: with TCP_DEFER_ACCEPT the ACKs that bring no data (tcp_check_req()).
        if (record.Queues.FirstOrDefault(queue => queue.Socket == story.Cookie) is { } full
            && full.Drops != 0 && record.Overflows != 0 && (full.Most > full.Limit || (full.Drops > 0 && record.Overflows > 0)))
        {
            yield return new AuditFinding(AuditRuleBook.BacklogOverflow, AuditSeverity.Warning, $"the backlog of {story.Name} was full",
                "Accept faster (a thread or loop that does nothing else), or ask for a longer backlog.")
            {
                Event = listen,
                Evidence =
                [
                    Invariant($"it holds {Count((int)Math.Min(full.Limit + 1, int.MaxValue), "connection")}, and up to {full.Most} were ")
                        + "seen waiting",
                    .. full.Drops > 0
                        ? [$"the kernel dropped {Count((int)Math.Min(full.Drops.Value, int.MaxValue), "segment")} for it: clients had to "
                            + $"try again"]
                        : Array.Empty<string>(),
                ],
            };
        }
    }

    private static bool Takes(SocketStory story, IpEndpoint local, IpEndpoint connection, ImmutableArray<IpEndpoint> listeners)
    {
        var isV6Only = story.Listening?.Options.V6Only == true;
        return Meets(local, isV6Only, connection) && !listeners.Any(other => Meets(other, isV6Only: false, connection)
            && DeliveryRules.TakesFromWildcard(other.Address, local.Address, isV6Only));
    }

    private static bool Meets(IpEndpoint listener, bool isV6Only, IpEndpoint connection)
    {
        var (own, asked) = (listener.Address.Unmapped, connection.Address.Unmapped);
        return listener.Port == connection.Port
            && (own == asked || (own.IsAny && (own.Family == asked.Family || (own.Family == IpFamily.IPv6 && !isV6Only))));
    }

    private static string Count(int count, string what) => Invariant($"{count} {what}{(count == 1 ? "" : "s")}");
}

internal sealed class SocketStory
{
    private readonly ImmutableArray<AuditEvent> _events;

    private SocketStory(ulong cookie, ImmutableArray<AuditEvent> events)
    {
        (Cookie, _events) = (cookie, events);
        Binding = events.FirstOrDefault(static one => one is { Act: AuditAct.Bind, Succeeded: true });
        Listening = events.FirstOrDefault(static one => one is { Act: AuditAct.Listen, Succeeded: true });
        OwnPort = Binding?.Asked is { Port: > 0 and var port } ? port : null;
    }

    public ulong Cookie { get; }

    /// <summary>The bind() that succeeded; null where none was seen.</summary>
    public AuditEvent? Binding { get; }

    /// <summary>The first listen() that succeeded; null where none was seen.</summary>
    public AuditEvent? Listening { get; }

    public bool IsTcpListener => Listening is { Protocol: Protocol.Tcp };
    public IpEndpoint? Local => Listening?.Local ?? Binding?.Local;

    /// <summary>
    /// The port that it was bound to by its number; null for one that the kernel chose, be it for another socket that was still open, or of
    /// which no bind() was seen.
    /// </summary>
    public ushort? OwnPort { get; private set; }

    /// <summary>Its last backlog; null where it does not listen.</summary>
    public AuditEvent? LastListen => _events.LastOrDefault(static one => one is { Act: AuditAct.Listen, Succeeded: true });

    /// <summary>What it is called: <c>127.0.0.1:8080/tcp</c>.</summary>
    public string Name => Named(Local, Binding ?? Listening);

    /// <summary>The stories of a record, each in the order of its first event.</summary>
    public static ImmutableArray<SocketStory> Of(AuditRecord record)
    {
        ImmutableArray<SocketStory> stories = [.. record.Events.Where(static one => one.Socket != 0).GroupBy(static one => one.Socket)
            .Select(static group => new SocketStory(group.Key, [.. group]))];
        // In the order of their bind(): what was open beside one was bound before it.
        var chosen = stories.Where(static one => one.OwnPort is null).Select(static one => one.Cookie).ToHashSet();
        foreach (var story in stories.Where(static one => one.OwnPort is not null).OrderBy(static one => one.Binding!.At))
        {
            if (story.Binding!.OpenOnPort.Any(chosen.Contains) && chosen.Add(story.Cookie))
                story.OwnPort = null;
        }
        return stories;
    }

    public static string Named(IpEndpoint? local, AuditEvent? of) =>
        of is { Path: { } path } ? path : Invariant($"{local ?? of?.Asked}/{(of?.Protocol == Protocol.Udp ? "udp" : "tcp")}");

    /// <summary>Options that were set after the bind().</summary>
    public IEnumerable<AuditEvent> OptionsAfterBind() =>
        Binding is not { } bind ? [] : _events.SkipWhile(one => one != bind).Where(static one => one.Act == AuditAct.Option);

    public bool WasSetBeforeBind(string option) =>
        _events.TakeWhile(one => one != Binding).Any(one => one.Act == AuditAct.Option && one.Option == option);

    /// <summary>
    /// A bind() that failed, and that no other made good; and the listen() that went on without it, null where there is none.
    /// </summary>
    public (AuditEvent Bind, AuditEvent? Listen)? FailedBind()
    {
        AuditEvent? failed = null;
        foreach (var one in _events)
        {
            if (one.Act == AuditAct.Bind)
                failed = one.Error is null ? null : failed ?? one;
            else if (one is { Act: AuditAct.Listen, Succeeded: true } && failed is not null)
                return (failed, one);
        }
        return failed is null || Binding is not null ? null : (failed, null);
    }

    /// <summary>A listen() that failed, and that no later one made good; null where there is none.</summary>
    public AuditEvent? FailedListen() =>
        Listening is not null ? null : _events.FirstOrDefault(static one => one is { Act: AuditAct.Listen, Error: not null });
}
