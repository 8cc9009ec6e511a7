using System.Collections.Immutable;
using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Topics.EphemeralPorts;

/// <summary>Who uses up the ephemeral range, in sentences: per destination, since a port counts for each of them apart.</summary>
internal static class PortReport
{
    private const int DestinationsShown = 4;
    private const int GroupsShown = 4;

    public static IEnumerable<string> Of(Snapshot snapshot)
    {
        if (snapshot.Ephemeral is not { } use || PortUse.Of(snapshot) is not { } ports)
            yield break;
        var inUse = $"{Wording.Number(ports.Used)} of the {Wording.Count(ports.Usable, "port", "ports")} that the system may give out "
            + $"({Wording.Number(ports.First)} to {Wording.Number(ports.Last)}) are in use";
        var groups = use.Groups.Where(g => use.Destinations.IsEmpty || g.RemotePort is null && !IsConnection(g)).Take(GroupsShown)
            .Select(g => Sentence(g, snapshot)).ToList();
        // One sentence with the first of those who use them: a short answer has room for one.
        var users = ports.Destinations.Take(DestinationsShown)
            .Select(destination => Sentence(destination, ports.Usable, use.DestinationsCut)).Concat(groups).ToList();
        yield return users.Count > 0 ? $"{inUse}: {users[0]}" : inUse + ".";
        foreach (var user in users.Skip(1))
            yield return user;
    }

    /// <summary>
    /// The processes that hold the most of it, as far as a socket of each group and destination tells; null where none is visible.
    /// </summary>
    public static PortHolder? MostOf(Snapshot snapshot)
    {
        if (snapshot.Ephemeral is not { } use)
            return null;
        var bound = use.Groups.Where(g => use.Destinations.IsEmpty || g.RemotePort is null && !IsConnection(g))
            .Select(g => (g.SampleInode, g.Count, IsConnection: IsConnection(g)));
        var connected = use.Destinations.Select(static d => (d.SampleInode, Count: d.Count - d.TimeWait, IsConnection: true));
        return bound.Concat(connected).OrderByDescending(static one => one.Count)
            .Select(one => new PortHolder(OwnerRoles.Assign(one.SampleInode, snapshot), one.Count, one.IsConnection))
            .FirstOrDefault(static one => !one.Owners.IsEmpty && one.Count > 0);
    }

    private static string Sentence(DestinationUse use, int usable, bool isCut)
    {
        var waiting = use.TimeWait == 0 ? ""
            : use.TimeWait == use.Count ? ", all in TIME_WAIT" : $", {Wording.Number(use.TimeWait)} of them in TIME_WAIT";
        var held = use.Owners.IsEmpty ? "" : (long)use.Count - use.TimeWait == 1 ? $", held by {ProcessNames.Of(use.Owners, "")}"
            : $", one of them held by {ProcessNames.Of(use.Owners, "")}";
        return $"{(isCut ? "At least " : "")}{Wording.Number(use.Count)} of {Wording.Number(usable)} ports: from {use.Local} to "
            + $"{use.Remote}{waiting}{held}.";
    }

    private static string Sentence(EphemeralGroup group, Snapshot snapshot)
    {
        var owners = OwnerRoles.Assign(group.SampleInode, snapshot);
        var who = owners.IsEmpty ? group.UserId is { } user ? $"of user {Wording.Number(user)}" : "of no process"
            : "of " + ProcessNames.Of(owners, "");
        var where = group.RemotePort is { } port and not 0 ? $" to port {Wording.Number(port)}" : "";
        return $"{Wording.Count(group.Count, "socket", "sockets")} in {group.State}{where}, {who}.";
    }

    private static bool IsConnection(EphemeralGroup group) => group.State is not ("BOUND" or "LISTEN" or "CLOSE" or "UNCONN");
}

/// <summary>Who holds ports of the ephemeral range.</summary>
/// <param name="Owners">The processes.</param>
/// <param name="Count">How many sockets.</param>
/// <param name="IsConnection">They are connections, and not sockets that were bound.</param>
internal sealed record PortHolder(ImmutableArray<Owner> Owners, int Count, bool IsConnection);
