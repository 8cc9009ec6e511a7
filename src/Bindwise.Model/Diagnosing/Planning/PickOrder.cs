namespace Bindwise.Model.Diagnosing.Planning;

internal sealed record PickWish
{
    /// <summary>Only these; null: any from 1024 on.</summary>
    internal PortRange? Range { get; init; }

    /// <summary>The nearest to this one first; null: in no order that two picks share.</summary>
    internal int? Near { get; init; }

    internal int? Prefer { get; init; }
}

/// <summary>The ports to try for a server that takes any, in their order.</summary>
/// <param name="settings">Reserved ports, the ephemeral range and the first port without privilege.</param>
/// <param name="mayBindPrivileged">Who asks may bind the ports below that one.</param>
/// <param name="chance">Two numbers of chance, so that picks at the same time begin apart: the place to begin
/// at, and the way from one port to the next.</param>
internal sealed class PickOrder(PickWish wish, HostSettings settings, bool mayBindPrivileged, (uint Start, uint Step) chance)
{
    /// <summary>
    /// The first port that needs no privilege on a host that was not told otherwise; without a
    /// wish none below is taken, whatever the rights.
    /// </summary>
    private const int FirstOfAny = 1024;

    /// <summary>Below, most numbers belong to a known service (RFC 6335, "User Ports"): these come last.</summary>
    private const int FirstOfFew = 10_000;

    /// <summary>The ports in question, whatever is against some of them.</summary>
    internal PortRange Pool { get; } = wish.Range ?? new PortRange(Math.Min(FirstOfAny, wish.Near ?? FirstOfAny), ushort.MaxValue);

    internal IEnumerable<ushort> Ports()
    {
        var preferred = 0;
        if (wish.Prefer is { } prefer && ObjectionTo(prefer) is PortObjection.None or PortObjection.Ephemeral)
            yield return (ushort)(preferred = prefer);
        foreach (var isTaken in Passes())
        {
            foreach (var port in wish.Near is { } near ? ByDistance(near) : Mixed())
            {
                if (port != preferred && isTaken(port, ObjectionTo(port)))
                    yield return (ushort)port;
            }
        }
    }

    /// <summary>How many of the ports in question an objection keeps out.</summary>
    internal int CountOf(PortObjection objection)
    {
        if (objection == PortObjection.Ephemeral && TakesEphemeral)
            return 0;
        var count = 0;
        for (var port = Pool.First; port <= Pool.Last; port++)
            count += ObjectionTo(port) == objection ? 1 : 0;
        return count;
    }

    // Who names the ephemeral range wants it.
    private bool TakesEphemeral => wish.Range is not null || (wish.Near is { } near && settings.IsEphemeral(near));

    private PortObjection ObjectionTo(int port) => PortNumbers.ObjectionTo(port, settings, mayBindPrivileged);

    private IEnumerable<Func<int, PortObjection, bool>> Passes()
    {
        if (wish is { Range: null, Near: null })
        {
            yield return static (port, objection) => objection == PortObjection.None && port >= FirstOfFew;
            yield return static (port, objection) => objection == PortObjection.None && port < FirstOfFew;
        }
        else if (TakesEphemeral && wish.Range is null)
        {
            yield return static (_, objection) => objection is PortObjection.None or PortObjection.Ephemeral;
        }
        else
        {
            yield return static (_, objection) => objection == PortObjection.None;
            if (TakesEphemeral)
                yield return static (_, objection) => objection == PortObjection.Ephemeral;
        }
    }

    private IEnumerable<int> ByDistance(int near)
    {
        for (var distance = 0; near + distance <= Pool.Last || near - distance >= Pool.First; distance++)
        {
            if (near + distance <= Pool.Last && near + distance >= Pool.First)
                yield return near + distance;
            if (distance > 0 && near - distance >= Pool.First && near - distance <= Pool.Last)
                yield return near - distance;
        }
    }

    // Steps that have no divisor in common with the count reach every port once. Neighbours would not do: whatever lies beside a long
    // row of ports that are left out would be where half of all picks begin.
    private IEnumerable<int> Mixed()
    {
        var count = (uint)(Pool.Last - Pool.First + 1);
        var step = chance.Step % count;
        while (CommonDivisor(step, count) != 1)
            step = (step + 1) % count;
        for (ulong turn = 0; turn < count; turn++)
            yield return Pool.First + (int)((chance.Start % count + turn * step) % count);
    }
    // Euclid's.
    private static uint CommonDivisor(uint one, uint other) => other == 0 ? one : CommonDivisor(other, one % other);
}
