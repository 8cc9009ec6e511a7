using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Fuzz.Generating.Templates;

/// <summary>The steps of a scenario, in order.</summary>
/// <param name="Before">The steps before the wait.</param>
/// <param name="Middle">The wait that all scenarios of a batch share; null where they share none.</param>
/// <param name="After">The steps after the wait.</param>
internal sealed record TemplateSequence(StepTemplate[] Before, WaitTemplate? Middle, StepTemplate[] After);

/// <summary>The sequences of one key: made of its templates, once.</summary>
internal sealed class TemplateSequences
{
    private readonly TemplateKey _key;
    private readonly StepTemplateTables _tables;

    public TemplateSequences(TemplateKey key)
    {
        _key = key;
        _tables = new StepTemplateTables(key);
        Quick = key.Topic switch
        {
            ScenarioTopic.Reuse => Reuse(),
            ScenarioTopic.Crowd => Crowd(),
            ScenarioTopic.Tcp or ScenarioTopic.NarrowTcp => Gen.Frequency((96, Any()), (4, Return())),
            _ => Any(),
        };
        TimeWait = Waiting(StepTemplates.BothPart, new WaitTemplate(66));
        FinWait2 = Waiting(StepTemplates.OnePart, new WaitTemplate(6));
    }

    /// <summary>Those that wait little, or not at all.</summary>
    public Gen<TemplateSequence> Quick { get; }

    /// <summary>Those in whose middle TIME_WAIT ends.</summary>
    public Gen<TemplateSequence> TimeWait { get; }

    /// <summary>Those in whose middle FIN_WAIT2 ends.</summary>
    public Gen<TemplateSequence> FinWait2 { get; }

    private Gen<TemplateSequence> Any()
    {
        // How much of the usual sequence there is at the start: server, client, end, server again. A sysctl needs more of it to matter.
        var depths = _key.HasSettings
            ? RandomDraws.Table((8, 0), (7, 1), (25, 2), (20, 3), (40, 4))
            : RandomDraws.Table((18, 0), (22, 1), (25, 2), (15, 3), (20, 4));
        var counts = Gen.Choose(1, 7);
        Gen<StepTemplate>[] usual = [_tables.AnyServe, _tables.AnyVisit, StepTemplates.AnyPart, _tables.AnyServe];
        var openings = Enumerable.Range(0, usual.Length + 1).Select(depth => Gen.CollectToArray(usual.Take(depth))).ToArray();
        return
            from depth in depths
            from count in counts
            from opening in openings[depth]
            from rest in _tables.Any.ArrayOf(count)
            select new TemplateSequence([.. opening, .. rest], null, []);
    }

    // The very same client again, after its connection has ended: the same four-tuple.
    private Gen<TemplateSequence> Return() =>
        from serve in _tables.AnyServe
        from visit in _tables.FixedVisit
        from part in StepTemplates.BothPart.Or(StepTemplates.AnyPart)
        from rest in _tables.Any.ArrayOf(2)
        select new TemplateSequence([serve, visit, part, visit, .. rest], null, []);

    private Gen<TemplateSequence> Reuse() =>
        from opening in Gen.CollectToArray(
            [_tables.AnyServe, _tables.AnyVisit, StepTemplates.BothPart, StepTemplates.ShortPauses, _tables.AnyVisit])
        from rest in _tables.Any.ArrayOf(3)
        select new TemplateSequence([.. opening, .. rest], null, []);

    private Gen<TemplateSequence> Crowd() =>
        from before in _tables.AnyServe
        from crowd in StepTemplates.Crowds
        from after in Gen.Frequency((4, _tables.AnyServe), (1, _tables.Any)).ArrayOf(6)
        select new TemplateSequence([before, crowd, .. after], null, []);

    private Gen<TemplateSequence> Waiting(Gen<StepTemplate> parting, WaitTemplate middle) =>
        from opening in Gen.CollectToArray([_tables.AnyServe, _tables.AnyVisit, parting])
        from before in Gen.Frequency((2, StepTemplates.ListenerEnds), (3, _tables.Any)).ArrayOf(2)
        from restart in _tables.AnyServe
        from after in _tables.Any.ArrayOf(4)
        select new TemplateSequence([.. opening, .. before], middle, [restart, .. after]);
}
