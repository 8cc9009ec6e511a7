using static System.FormattableString;

namespace Bindwise.Model.Auditing;

/// <summary>Rules about the connections of a listening socket, and their queue.</summary>
internal static class ConnectionChecks
{
    // Whoever asks for that many asks for as many as there may be: INT_MAX, SOMAXCONN of some libraries.
    private const int AsManyAsAllowed = 65_535;

    public static IEnumerable<AuditFinding> Of(AuditRecord record, SocketStory story)
    {
        if (!story.IsTcpListener || story.Local is not { } local || story.LastListen is not { } listen)
            yield break;
        var tallies = record.Connections.Where(tally => Takes(story, local, tally.Local)).ToList();
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
            }.WithCode(AuditCode.OfClosing(listen.Language));
        }
        if (local.Address.IsAny && seen > 0 && tallies.All(static one => one.Local.Address.IsLoopback))
        {
            var loopback = local.Address.Family == IpFamily.IPv4 ? "127.0.0.1" : "[::1] or 127.0.0.1";
            yield return new AuditFinding(AuditRuleBook.WildcardForLoopback, AuditSeverity.Note,
                $"{story.Name} listens on every address, and "
                    + (seen == 1 ? "the one connection" : Invariant($"all {seen} connections")) + " came over loopback",
                $"If only programs on this host need to reach it, bind {loopback}: then no other host can, and servers on other addresses "
                    + "may use the same port.")
            {
                Event = story.Binding ?? listen,
            }.WithCode(AuditCode.OfLoopback(listen.Language));
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
        if (record.Queues.FirstOrDefault(queue => queue.Socket == story.Cookie) is { } full
            && (full.Drops is { } drops ? drops > 0 : full.Most > full.Limit))
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

    private static bool Takes(SocketStory story, IpEndpoint local, IpEndpoint connection) =>
        connection.Port == local.Port
            && (connection.Address == local.Address || connection.Address.AsIPv4 is { } mapped && mapped == local.Address
            || (local.Address.IsAny && (local.Address.Family == connection.Address.Family || story.Listening?.Options.V6Only != true)));

    private static string Count(int count, string what) => Invariant($"{count} {what}{(count == 1 ? "" : "s")}");
}
