using Bindwise.Model.Diagnosing.Commands;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>The ports of the ephemeral range that the host's administrator keeps for something else.</summary>
/// <param name="Usable">How many are left.</param>
/// <param name="Range">The whole range.</param>
internal sealed record ReservedPorts(int Count, int Usable, PortRange Range)
{
    public const string Setting = "net.ipv4.ip_local_reserved_ports";

    public bool IsAll => Usable <= 0;

    /// <summary>More than half of the range.</summary>
    public bool IsMost => Count > Usable;

    /// <summary>Those of the snapshot's range; null where none is, or the use of the range was not counted.</summary>
    public static ReservedPorts? In(Snapshot snapshot) =>
        snapshot.Ephemeral is { } use && snapshot.Settings.CountReserved(snapshot.Settings.LocalPorts) is > 0 and var count
            ? new(count, Math.Max(0, use.Usable), snapshot.Settings.LocalPorts) : null;

    /// <summary>A clause that says how many are reserved, and by what.</summary>
    public override string ToString() => $"{Setting} reserves "
        + (IsAll ? "every port" : $"{Wording.Number(Count)} of the {Wording.Number(Range.Last - Range.First + 1)} ports")
        + $" of the ephemeral range ({Wording.Number(Range.First)} to {Wording.Number(Range.Last)})";

    /// <summary>Gives the largest block of them back to the range: single ports are mostly there for a server.</summary>
    public Remedy Shorten(DiagnosisContext context)
    {
        var all = context.Snapshot.Settings.ReservedPorts;
        var largest = all.Select(one => (First: Math.Max(one.First, Range.First), Last: Math.Min(one.Last, Range.Last)))
            .MaxBy(static one => one.Last - one.First);
        var kept = all.SelectMany(one => Without(one, largest.First, largest.Last));
        return Remedy.Of("shorten-reserved-ports",
            $"Take {(largest.First == largest.Last ? "port" : "ports")} {Wording.Number(largest.First)}"
                + $"{(largest.First == largest.Last ? "" : " to " + Wording.Number(largest.Last))} out of {Setting}.",
            Set(context, kept), "which ports the system hands out, until the next boot (see /etc/sysctl.d for what sets it)",
            "a connection may then take a port that a server needs: reserve such ports one by one") with
        { IsRiskNotable = true };
    }

    public static ShellCommand Set(DiagnosisContext context, IEnumerable<PortRange> ranges)
    {
        var list = ShellCommand.Join(",", ranges
            .Select(static one => one.First == one.Last ? ShellCommand.Of($"{one.First}") : ShellCommand.Of($"{one.First}-{one.Last}")));
        return list.IsEmpty ? ShellCommand.Of($"{RunAs.Root(context)}sysctl -w net.ipv4.ip_local_reserved_ports=\"\"")
            : ShellCommand.Of($"{RunAs.Root(context)}sysctl -w net.ipv4.ip_local_reserved_ports={list}");
    }

    private static IEnumerable<PortRange> Without(PortRange range, int first, int last)
    {
        if (range.First < first)
            yield return new PortRange(range.First, Math.Min(range.Last, first - 1));
        if (range.Last > last)
            yield return new PortRange(Math.Max(range.First, last + 1), range.Last);
    }
}
