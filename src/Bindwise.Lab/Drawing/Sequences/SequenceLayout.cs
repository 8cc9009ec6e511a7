using System.Globalization;
using System.Text;
using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Lab.Recording;

namespace Bindwise.Lab.Drawing.Sequences;

/// <summary>
/// Lays a record out as a sequence diagram: time, the calls of one end, its track with the states, the wire, and the same of the other
/// end mirrored. Where that does not fit it becomes a list that says the same.
/// </summary>
public static class SequenceLayout
{
    // Below this no segment's words fit between two columns of calls.
    private const int LeastColumns = 68;

    /// <summary>The record as a picture of at most so many columns.</summary>
    public static Picture Of(Record record, int columns)
    {
        ArgumentNullException.ThrowIfNull(record);
        var story = SequenceEvents.Of(record);
        var clock = new Clock(story.Items);
        var picture = new PictureBuilder(columns);
        Caption.Add(picture, record);
        if (picture.Columns < LeastColumns)
            SequenceList.Add(picture, story, clock);
        else
            new SequenceColumns(picture, story, clock, SequenceHeads.Of(record, story.Ends)).Draw();
        if (story.LeftOut > 0)
            picture.Paragraph(string.Create(CultureInfo.InvariantCulture, $"{story.LeftOut} further steps are not drawn"), Tone.Dim);
        return picture.Build(Caption.TitleOf(record), Describe(record, story, clock));
    }

    private static string Describe(Record record, SequenceEvents story, Clock clock)
    {
        var text = new StringBuilder(Caption.SourceOf(record)).Append(". ");
        foreach (var item in story.Items)
        {
            if (SequenceList.Say(item, story) is { } said)
                text.Append(clock.Of(item.At)).Append(": ").Append(said).Append("; ");
        }
        return text.ToString();
    }
}
