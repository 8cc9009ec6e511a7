using System.Collections.Immutable;

namespace Bindwise.Rendering.Listing;

/// <summary>
/// Ports of one server that stand one below the other and differ in nothing else: one line, with how many they are. JSON has each of them.
/// </summary>
internal static class FoldedPorts
{
    private const int Least = 4;

    public static ImmutableArray<ListedPort> Of(PortListing listing)
    {
        var cells = new PortCells(listing);
        var lines = ImmutableArray.CreateBuilder<ListedPort>();
        for (var from = 0; from < listing.Ports.Length;)
        {
            var end = from + 1;
            while (end < listing.Ports.Length && IsAlike(listing.Ports[from], listing.Ports[end], cells))
                end++;
            if (end - from >= Least)
            {
                var many = listing.Ports.AsSpan(from, end - from).ToArray();
                lines.Add(many[0] with
                {
                    LastPort = many[^1].Port,
                    PortCount = many.Length,
                    Connections = many[0].Connections is null ? null : many.Sum(static one => one.Connections)
                });
            }
            else
            {
                lines.AddRange(listing.Ports.AsSpan(from, end - from));
            }
            from = end;
        }
        return lines.ToImmutable();
    }

    private static bool IsAlike(ListedPort one, ListedPort other, PortCells cells) => one is
    {
        Port: not null, LastPort: null,
        States.IsEmpty: true, Owners.IsEmpty: false
    } && other is { LastPort: null, States.IsEmpty: true }
        && (one.Protocol, one.OwnerCount, one.Connections is null, one.Queue ?? 0, one.Backlog) == (other.Protocol, other.OwnerCount,
            other.Connections is null, other.Queue ?? 0, other.Backlog)
        && one.Queue is null or 0
        && one.Owners.Select(static owner => owner.Process.Id).SequenceEqual(other.Owners.Select(static owner => owner.Process.Id))
        && cells.Addresses(one) == cells.Addresses(other) && PortCells.States(one) == PortCells.States(other)
        && one.Warnings.SequenceEqual(other.Warnings);
}
