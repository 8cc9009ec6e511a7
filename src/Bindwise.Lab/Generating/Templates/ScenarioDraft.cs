using System.Collections.Concurrent;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Lab.Generating.Templates;

/// <summary>All that is drawn for one scenario: the director makes steps of it, without a further draw.</summary>
/// <param name="Premise">What holds for the whole.</param>
/// <param name="Story">What happens.</param>
internal sealed record ScenarioDraft(ScenarioParameters Premise, TemplateSequence Story)
{
    private static readonly ConcurrentDictionary<TemplateKey, TemplateSequences> Known = [];

    private static readonly Gen<ScenarioDraft> Quick =
        from premise in ScenarioParameterDraws.Any
        from story in StoriesOf(premise).Quick
        select new ScenarioDraft(premise, story);

    private static readonly Gen<ScenarioDraft> TimeWait =
        from premise in ScenarioParameterDraws.Connections
        from story in StoriesOf(premise).TimeWait
        select new ScenarioDraft(premise, story);

    private static readonly Gen<ScenarioDraft> FinWait2 =
        from premise in ScenarioParameterDraws.ShortFinWait2("2")
        from story in StoriesOf(premise).FinWait2
        select new ScenarioDraft(premise, story);

    /// <summary>The scripts of a profile.</summary>
    public static Gen<ScenarioDraft> Of(ScenarioProfile profile) => profile switch
    {
        ScenarioProfile.TimeWait => TimeWait,
        ScenarioProfile.FinWait2 => FinWait2,
        _ => Gen.Frequency((995, Quick), (5, FinWait2)),
    };

    private static TemplateSequences StoriesOf(ScenarioParameters premise) => Known.GetOrAdd(TemplateKey.Of(premise), static outline => new TemplateSequences(outline));
}
