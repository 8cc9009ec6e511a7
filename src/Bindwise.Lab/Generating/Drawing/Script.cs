using System.Collections.Concurrent;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Lab.Generating.Drawing;

/// <summary>All that is drawn for one scenario: the director makes steps of it, without a further draw.</summary>
/// <param name="Premise">What holds for the whole.</param>
/// <param name="Story">What happens.</param>
internal sealed record Script(Premise Premise, Story Story)
{
    private static readonly ConcurrentDictionary<Outline, Stories> Known = [];

    private static readonly Gen<Script> Quick =
        from premise in Premises.Any
        from story in StoriesOf(premise).Quick
        select new Script(premise, story);

    private static readonly Gen<Script> TimeWait =
        from premise in Premises.Connections
        from story in StoriesOf(premise).TimeWait
        select new Script(premise, story);

    private static readonly Gen<Script> FinWait2 =
        from premise in Premises.ShortFinWait2("2")
        from story in StoriesOf(premise).FinWait2
        select new Script(premise, story);

    /// <summary>The scripts of a profile.</summary>
    public static Gen<Script> Of(ScenarioProfile profile) => profile switch
    {
        ScenarioProfile.TimeWait => TimeWait,
        ScenarioProfile.FinWait2 => FinWait2,
        _ => Gen.Frequency((995, Quick), (5, FinWait2)),
    };

    private static Stories StoriesOf(Premise premise) => Known.GetOrAdd(Outline.Of(premise), static outline => new Stories(outline));
}
