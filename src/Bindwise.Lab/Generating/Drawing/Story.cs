using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Lab.Generating.Drawing;

/// <summary>What happens, in order.</summary>
/// <param name="Before">The gestures.</param>
/// <param name="Middle">The wait that all scenarios of a batch share; null where they share none.</param>
/// <param name="After">The gestures after it.</param>
internal sealed record Story(Gesture[] Before, Pause? Middle, Gesture[] After);

/// <summary>The stories of one outline: made of its gestures, once.</summary>
internal sealed class Stories
{
    private readonly Outline _outline;
    private readonly GestureTables _tables;

    public Stories(Outline outline)
    {
        _outline = outline;
        _tables = new GestureTables(outline);
        Quick = outline.Theme switch
        {
            Theme.Reuse => Reuse(),
            Theme.Crowd => Crowd(),
            Theme.Tcp or Theme.NarrowTcp => Gen.Frequency((96, Any()), (4, Return())),
            _ => Any(),
        };
        TimeWait = Waiting(Gestures.BothPart, new Pause(66));
        FinWait2 = Waiting(Gestures.OnePart, new Pause(6));
    }

    /// <summary>Those that wait little, or not at all.</summary>
    public Gen<Story> Quick { get; }

    /// <summary>Those in whose middle TIME_WAIT ends.</summary>
    public Gen<Story> TimeWait { get; }

    /// <summary>Those in whose middle FIN_WAIT2 ends.</summary>
    public Gen<Story> FinWait2 { get; }

    private Gen<Story> Any()
    {
        // How much of the usual story there is at the start: server, client, end, server again. A sysctl needs more of it to matter.
        var depths = _outline.HasSettings
            ? Chance.Table((8, 0), (7, 1), (25, 2), (20, 3), (40, 4))
            : Chance.Table((18, 0), (22, 1), (25, 2), (15, 3), (20, 4));
        var counts = Gen.Choose(1, 7);
        Gen<Gesture>[] usual = [_tables.AnyServe, _tables.AnyVisit, Gestures.AnyPart, _tables.AnyServe];
        var openings = Enumerable.Range(0, usual.Length + 1).Select(depth => Gen.CollectToArray(usual.Take(depth))).ToArray();
        return
            from depth in depths
            from count in counts
            from opening in openings[depth]
            from rest in _tables.Any.ArrayOf(count)
            select new Story([.. opening, .. rest], null, []);
    }

    // The very same client again, after its connection has ended: the same four-tuple.
    private Gen<Story> Return() =>
        from serve in _tables.AnyServe
        from visit in _tables.FixedVisit
        from part in Gestures.BothPart.Or(Gestures.AnyPart)
        from rest in _tables.Any.ArrayOf(2)
        select new Story([serve, visit, part, visit, .. rest], null, []);

    private Gen<Story> Reuse() =>
        from opening in Gen.CollectToArray([_tables.AnyServe, _tables.AnyVisit, Gestures.BothPart, Gestures.ShortPauses, _tables.AnyVisit])
        from rest in _tables.Any.ArrayOf(3)
        select new Story([.. opening, .. rest], null, []);

    private Gen<Story> Crowd() =>
        from before in _tables.AnyServe
        from crowd in Gestures.Crowds
        from after in Gen.Frequency((4, _tables.AnyServe), (1, _tables.Any)).ArrayOf(6)
        select new Story([before, crowd, .. after], null, []);

    private Gen<Story> Waiting(Gen<Gesture> parting, Pause middle) =>
        from opening in Gen.CollectToArray([_tables.AnyServe, _tables.AnyVisit, parting])
        from before in Gen.Frequency((2, Gestures.ListenerEnds), (3, _tables.Any)).ArrayOf(2)
        from restart in _tables.AnyServe
        from after in _tables.Any.ArrayOf(4)
        select new Story([.. opening, .. before], middle, [restart, .. after]);
}
