using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Lab.Generating.Drawing;

/// <summary>All that is drawn for one scenario: the director makes steps of it, without a further draw.</summary>
/// <param name="Premise">What holds for the whole.</param>
/// <param name="Before">What happens, in order.</param>
/// <param name="Middle">The wait that all scenarios of a batch share; null where they share none.</param>
/// <param name="After">What happens after it.</param>
internal sealed record Script(Premise Premise, Gesture[] Before, Pause? Middle, Gesture[] After)
{
    private static readonly Gen<Script> Quick =
        from premise in Premises.Any
        from script in premise.Theme switch
        {
            Theme.Reuse => WithReuse(premise),
            Theme.Crowd => WithCrowd(premise),
            _ => WithoutWait(premise),
        }
        select script;

    private static readonly Gen<Script> TimeWait =
        from premise in Premises.Connections
        from script in WithWait(premise, Gestures.BothPart, new Pause(66))
        select script;

    private static readonly Gen<Script> FinWait2 =
        from premise in Premises.ShortFinWait2("2")
        from script in WithWait(premise, Gestures.OnePart, new Pause(6))
        select script;

    /// <summary>The scripts of a profile.</summary>
    public static Gen<Script> Of(ScenarioProfile profile) => profile switch
    {
        ScenarioProfile.TimeWait => TimeWait,
        ScenarioProfile.FinWait2 => FinWait2,
        _ => Gen.Frequency((998, Quick), (2, FinWait2)),
    };

    private static Gen<Script> WithoutWait(Premise premise)
    {
        var tables = Gestures.For(Outline.Of(premise));
        return
            from depth in Chance.Table((18, 0), (22, 1), (25, 2), (15, 3), (20, 4))
            from count in Gen.Choose(1, 7)
            from opening in Gen.CollectToArray(new[] { tables.AnyServe, tables.AnyVisit, Gestures.AnyPart, tables.AnyServe }.Take(depth))
            from rest in tables.Any.ArrayOf(count)
            select new Script(premise, [.. opening, .. rest], null, []);
    }

    private static Gen<Script> WithReuse(Premise premise)
    {
        var tables = Gestures.For(Outline.Of(premise));
        return
            from opening in Gen.CollectToArray([tables.AnyServe, tables.AnyVisit, Gestures.BothPart, Gestures.ShortPauses, tables.AnyVisit])
            from rest in tables.Any.ArrayOf(3)
            select new Script(premise, [.. opening, .. rest], null, []);
    }

    private static Gen<Script> WithCrowd(Premise premise)
    {
        var tables = Gestures.For(Outline.Of(premise));
        return
            from before in tables.AnyServe
            from crowd in Gestures.Crowds
            from after in Gen.Frequency((2, tables.AnyServe), (1, tables.Any)).ArrayOf(5)
            select new Script(premise, [before, crowd, .. after], null, []);
    }

    private static Gen<Script> WithWait(Premise premise, Gen<Gesture> parting, Pause middle)
    {
        var tables = Gestures.For(Outline.Of(premise));
        return
            from opening in Gen.CollectToArray([tables.AnyServe, tables.AnyVisit, parting])
            from before in Gen.Frequency((2, Gestures.ListenerEnds), (3, tables.Any)).ArrayOf(2)
            from restart in tables.AnyServe
            from after in tables.Any.ArrayOf(4)
            select new Script(premise, [.. opening, .. before], middle, [restart, .. after]);
    }
}
