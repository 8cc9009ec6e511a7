using System.Globalization;
using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Lab.Drawing.Sequences;

/// <summary>A story in sentences, for narrow terminals and for who has it read out.</summary>
internal static class SequenceList
{
    /// <summary>Adds it below.</summary>
    public static void Add(PictureBuilder picture, SequenceEvents story, Clock clock)
    {
        var last = "";
        foreach (var item in story.Items)
        {
            if (Say(item, story) is not { } said)
                continue;
            var time = clock.Of(item.At);
            if (time != last)
                picture.Paragraph(last = time, Tone.Dim);
            picture.Paragraph(said, ToneOf(item), indent: 2, hang: 2);
        }
    }

    /// <summary>One thing that happened, in words; null where there is nothing to say.</summary>
    public static string? Say(SequenceItem item, SequenceEvents story) => item switch
    {
        CallItem call => call.Result.Length > 0 ? $"{call.Text} {call.Result}" : call.Text,
        StateItem state => StateText(state, named: true),
        SegmentItem segment => $"{SegmentText.Of(segment.Fate)}{(segment.IsAcross && segment.From == Side.Right ? "<- " : segment.IsAcross ? "-> " : "")}{segment.Text}",
        CountItem count => CountText(count),
        NoteItem note => note.Text,
        _ => null,
    };

    /// <summary>A state, with its socket's name.</summary>
    public static string StateText(StateItem state, bool named) => named && state.Socket.Length > 0 ? $"{state.Socket} {state.State}" : state.State;

    /// <summary>A countdown.</summary>
    public static string CountText(CountItem count) => count.SecondsLeft >= 10
        ? string.Create(CultureInfo.InvariantCulture, $"{count.SecondsLeft:0} s left")
        : string.Create(CultureInfo.InvariantCulture, $"{count.SecondsLeft:0.#} s left");

    private static Tone ToneOf(SequenceItem item) => item switch
    {
        CallItem { Result.Length: > 0 } call => call.Tone,
        StateItem state => state.Tone,
        CountItem count => count.Tone,
        SegmentItem { Fate: not SegmentFate.Delivered } => Tone.Disturbed,
        _ => Tone.Plain,
    };
}
