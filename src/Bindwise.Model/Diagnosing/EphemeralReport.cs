using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing;

/// <summary>Who uses up the ephemeral range, in sentences.</summary>
internal static class EphemeralReport
{
    private const int GroupsShown = 4;

    public static IEnumerable<string> Of(Snapshot snapshot)
    {
        if (snapshot.Ephemeral is not { } use)
            yield break;
        var settings = snapshot.Settings;
        yield return $"{Wording.Number(use.Used)} of the {Wording.Count(use.Usable, "port", "ports")} that port 0 may give out "
            + $"({Wording.Number(settings.LocalPortFirst ?? 0)} to {Wording.Number(settings.LocalPortLast ?? 0)}) are in use.";
        foreach (var group in use.Groups.Take(GroupsShown))
        {
            var owners = OwnerRoles.Assign(group.SampleInode, snapshot);
            var who = owners.IsEmpty ? group.UserId is { } user ? $"of user {Wording.Number(user)}" : "of no process" : "of " + ProcessNames.Of(owners, "");
            var where = group.RemotePort is { } port and not 0 ? $" to port {Wording.Number(port)}" : "";
            yield return $"{Wording.Count(group.Count, "socket", "sockets")} in {group.State}{where}, {who}.";
        }
    }
}
