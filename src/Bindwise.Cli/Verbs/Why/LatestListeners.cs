using Bindwise.Model.Listing;

namespace Bindwise.Cli.Verbs.Why;

/// <summary>
/// For an error that names no port: what this user started last and listens, as the port is
/// mostly that of an older run of the same program.
/// </summary>
internal static class LatestListeners
{
    private const int Maximum = 5;

    /// <summary>One line; null where there is no such listener, or the socket table cannot be read.</summary>
    public static string? Read()
    {
        PortListing listing;
        try
        {
            listing = PortDiagnostics.List(new PortListRequest { Filter = new PortFilter { IsMine = true } });
        }
        catch (PortQueryException)
        {
            return null;
        }
        var latest = listing.Ports.Where(static port =>
            port is { Since: not null, Owners.IsEmpty: false } && (port.Protocol == Protocol.Udp || port.Backlog is not null))
            .OrderByDescending(static port => port.Since).Take(Maximum).Select(Describe).ToList();
        return latest.Count == 0 ? null : "your own listeners, the one started last first: " + string.Join(", ", latest);
    }

    private static string Describe(ListedPort port) => string.Create(CultureInfo.InvariantCulture,
        $"{PortColumns.Target(port)} of {port.Name} (pid {port.Owners[0].Process.Id}, since {port.Since:HH:mm:ss})");
}
