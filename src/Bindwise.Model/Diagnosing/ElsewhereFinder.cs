using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Rules;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing;

/// <summary>Sockets in other network namespaces: none of them blocks, and one may be what the user has in mind.</summary>
internal static class ElsewhereFinder
{
    /// <summary>The remedy that leads into another namespace.</summary>
    public const string AskThere = "ask-there";

    private const int Named = 3;
    public static ImmutableArray<ElsewhereRecord> Of(DiagnosisContext context) =>
        // A UNIX path is the same in every network namespace: who is bound to it there is among the blockers.
        context.Snapshot.Elsewhere is not { Sockets: { IsEmpty: false } sockets } || context.Target.Protocol == Protocol.Unix ? [] :
    [
        .. sockets.Where(record =>
        {
            var moved = context.Snapshot with { Sockets = [record.Socket],
                Coverage = context.Snapshot.Coverage with { SocketsUnread = false } };
            return context.Asked.Any(assessment => BindRules.Conflicts(assessment.Request, moved).Outcome != Outcome.Allowed);
        }),
    ];

    /// <summary>One sentence of them; null when there are none.</summary>
    public static Remark? Remark(DiagnosisContext context)
    {
        var records = Of(context);
        if (records.IsEmpty)
            return null;
        var places = records.Take(Named).Select(record => $"{record.Socket.Local} is held {PlaceOf(record)}").ToList();
        if (records.Length > Named)
            places.Add(Wording.Count(records.Length - Named, "more socket is held in another", "more sockets are held in others"));
        return Diagnostics.Remark.Of("held-elsewhere",
            $"{Wording.List(places)}: {(records.Length == 1 ? "it does" : "they do")} not block anything here.");
    }

    /// <summary>The pasted error says "in use", and here it is free: the program may live where it is not.</summary>
    public static IEnumerable<Remedy> Remedies(DiagnosisContext context)
    {
        if (!IsContradicted(context))
            return [];
        return Of(context).Select(static record => (Record: record, Option: OptionFor(record)))
            .Where(static place => place.Option is not null)
            .DistinctBy(static place => place.Option!.ToString())
            .Take(Named).Select(place => Remedy.Of(
                AskThere, $"If the program that failed runs {PlaceOf(place.Record)}, ask there.",
                $"{RunAs.Root(context)}bindwise why {context.Question}{place.Option!}", "nothing", "none"));
    }

    /// <summary>The first namespace that has the address which is missing here; null for none.</summary>
    public static string? PlaceWithAddress(DiagnosisContext context) => Having(context) is not [var network, ..] ? null
        : network.IsCallers ? "the network namespace of bindwise itself"
        : network.Name is { } name ? $"network namespace {name}"
        : network.Container is { } container ? $"container {ContainerRecord.ShortId(container)}"
        : network is { ProcessName: { } program, ProcessId: { } id } ? $"the network namespace of {program} (pid {Wording.Number(id)})"
        : "another network namespace";

    /// <summary>The same question where the address is.</summary>
    public static IEnumerable<Remedy> AskWithAddress(DiagnosisContext context) => Having(context)
        .Select(static network => network switch
        {
            { IsCallers: true } => ShellCommand.Empty,
            { Name: { } name } when NameGrammar.NetworkNamespace.Word(name) is { } word => ShellCommand.Of($" --netns {word}"),
            { ProcessId: { } id } => ShellCommand.Of($" --netns {id}"),
            _ => null,
        })
        .OfType<ShellCommand>().Take(Named).Select((option, at) => Remedy.Of(AskThere,
            $"If the program runs {(at == 0 ? "there" : "in this one, which has the address too")}, ask about it there.",
            $"{RunAs.Root(context)}bindwise why {context.Question}{option}", "nothing", "none"));

    private static ImmutableArray<ElsewhereNetwork> Having(DiagnosisContext context) => context.Snapshot.Elsewhere?.WithAddress ?? [];

    /// <summary>What was not seen of other namespaces, where it may be what explains the error.</summary>
    public static Remark? Limit(DiagnosisContext context) =>
        context.Verdict == Verdict.Free && IsContradicted(context) && Of(context).IsEmpty
        && context.Snapshot.Elsewhere is { } survey && (survey.Unread > 0 || survey.IsPartial)
            ? Diagnostics.Remark.Of("namespaces-unread", survey.Unread > 0
                    ? $"{Wording.Count(survey.Unread, "other network namespace", "other network namespaces")} could not be read; the "
                        + "address may be in use there."
                    : "Not every network namespace could be found; the address may be in use in another.")
            : null;

    private static bool IsContradicted(DiagnosisContext context) => context.Target.Pasted?.Errno == "EADDRINUSE";

    /// <summary><c>in another network namespace (container web, nginx, pid 123)</c>.</summary>
    private static string PlaceOf(ElsewhereRecord record)
    {
        var facts = new List<string>();
        if (record.NetworkName is { } name)
            facts.Add(name);
        if (record.Process?.Container is { } container)
            facts.Add("container " + ContainerRecord.ShortId(container));
        if (record.Process is { } process)
            facts.Add((record.IsHolder ? ProcessNames.NameOf(process) + ", " : "that of ") + $"pid {Wording.Number(process.Id)}");
        var where = record.IsCallers ? "in the network namespace of bindwise itself" : "in another network namespace";
        return facts.Count == 0 ? where : $"{where} ({string.Join(", ", facts)})";
    }

    private static ShellCommand? OptionFor(ElsewhereRecord record) => record switch
    {
        { IsCallers: true } => ShellCommand.Empty,
        { Process: { } process } => ShellCommand.Of($" --netns {process.Id}"),
        { NetworkName: { } name } when NameGrammar.NetworkNamespace.Word(name) is { } word => ShellCommand.Of($" --netns {word}"),
        _ => null,
    };
}

/// <summary>The remedies that bind something else, on every system: what they change and risk is always the same.</summary>
internal static class BindElsewhere
{
    /// <summary>Another port; where the port is a protocol's own, what helps instead.</summary>
    /// <param name="nearby">One nearby that is free; null when none is known.</param>
    /// <param name="leavesAddresses">What holds the port leaves other addresses of this host free.</param>
    public static Remedy OtherPort(ushort port, Protocol transport, ushort? nearby, bool leavesAddresses)
    {
        if (ProtocolPorts.NameOf(port, transport) is not { } protocol)
            return Remedy.Of("other-port", nearby is { } free ? $"Take another port; {Wording.Number(free)} is free."
                : "Take another port.", null, "where clients have to connect", "clients have to be told");
        var clients = $"Clients look for {protocol} on port {Wording.Number(port)} and nowhere else";
        return ProtocolPorts.IsWeb(port)
                ? Remedy.Of("share-by-proxy", $"{clients}: have the server that holds it pass requests on to yours (a reverse proxy).",
                    null, "the other server's settings", "yours depends on the other one")
            : leavesAddresses
                ? Remedy.Of("other-address", $"{clients}: bind another address of this host, which is free.", null,
                    "where the program listens", "clients have to ask that address")
            : Remedy.Of("own-address",
                $"{clients}: if both servers are needed, give yours an address of its own (a container or a network namespace).", null,
                "where the program runs", "clients have to ask that address");
    }

    public static Remedy OtherPath(string text) => Remedy.Of("other-path", text, null, "where clients connect", "clients have to be told");

    /// <summary>The IPv4 address where IPv6 is switched off.</summary>
    public static Remedy IPv4Instead(ShellCommand? command) =>
        Remedy.Of("use-ipv4", "Bind the IPv4 address instead.", command, "where the program listens", "IPv6 clients cannot reach it");

    /// <summary>The same for a connection.</summary>
    public static Remedy ConnectOverIPv4(ShellCommand? command) => Remedy.Of("use-ipv4",
        "Connect to an IPv4 address of the other side instead.", command, "where the program connects",
        "the other side has to listen on IPv4");

    /// <summary>The wildcard in place of an address that the host does not have.</summary>
    public static Remedy Wildcard(ShellCommand addresses) => Wildcard("Bind the wildcard, or an address this host has.", addresses);

    public static Remedy Wildcard(string text, ShellCommand? command) =>
        Remedy.Of("use-wildcard", text, command, "where the program listens", "the wildcard is reachable on every interface");

    /// <summary>A link-local address with its interface.</summary>
    public static Remedy WithScope(string text, ShellCommand? command) =>
        Remedy.Of("add-scope", text, command, "which interface the program listens on", "none");
}
