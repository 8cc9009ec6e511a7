using Bindwise.Lab.Drawing;
using Bindwise.Lab.Drawing.Grids;
using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Lab.Drawing.Sequences;
using Bindwise.Lab.Drawing.States;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Lab.Tests.Drawing;

[Trait("Seed", "any")]
public sealed class AnyPictureTests
{
    [Fact]
    [Trait("Lane", "second")]
    public void Pictures_OfAnyRecord_FitAndCoverNothing() => Prop.ForAll(Seeds(), static seed =>
    {
        var columns = 20 + (Math.Abs(seed) % 140);
        var record = AnyRecord.Of(seed);
        PictureRules.Hold(SequenceLayout.Of(record, columns), columns);
        PictureRules.Hold(StateDiagramLayout.Of(record, null, columns), columns);
        foreach (var grid in RecordGrid.Of("any", [record, AnyRecord.Of(seed + 1)]))
            PictureRules.Hold(GridLayout.Of(grid, columns), columns);
        PictureRules.Hold(SequenceLayout.Of(RuledRecord.Of(record, AnyRecord.Of(seed + 1)), columns), columns);
    }).Holds();

    [Fact]
    public void Grid_OfAnyWords_FitsAndCoversNothing() => Prop.ForAll(Seeds(), static seed =>
    {
        var random = new Random(seed);
        string[] words = ["", "ok", "EADDRINUSE", "a header of several words", "日本語", "averyveryverylongwordindeed", "127.0.0.1:65535"];
        string Word() => words[random.Next(words.Length)];
        var columns = random.Next(0, 9);
        var grid = new Grid(Word(), Word(), [.. Enumerable.Range(0, columns).Select(_ => Word())], [.. Enumerable.Range(0, random.Next(0, 6)).Select(_ => new GridRow(
            Word(), [.. Enumerable.Range(0, random.Next(0, columns + 2)).Select(_ => new GridCell(Word(), (Tone)random.Next(14)) { Rule = random.Next(2) == 0 ? "BW004" : null })]))])
        {
            Notes = [Word()],
        };
        var width = random.Next(20, 140);
        PictureRules.Hold(GridLayout.Of(grid, width), width);
    }).Holds();

    private static Arbitrary<int> Seeds() => Gen.Choose(0, 1_000_000).ToArbitrary();
}
