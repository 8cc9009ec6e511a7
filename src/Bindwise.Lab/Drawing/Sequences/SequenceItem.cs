using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Lab.Drawing.Sequences;

/// <summary>Something that a sequence diagram shows, in the order of the record.</summary>
/// <param name="At">When, since the scenario's start.</param>
internal abstract record SequenceItem(TimeSpan At);

/// <summary>A call, or several that one line says.</summary>
/// <param name="At">When it began.</param>
/// <param name="Side">Who called.</param>
/// <param name="Text">The call.</param>
internal sealed record CallItem(TimeSpan At, Side Side, string Text) : SequenceItem(At)
{
    /// <summary>What it gave, with the rule and the blockers; empty where that goes without saying.</summary>
    public string Result { get; init; } = "";

    /// <summary>How that is to be taken.</summary>
    public Tone Tone { get; init; }
}

/// <summary>A state was reached.</summary>
/// <param name="At">When.</param>
/// <param name="Side">Where.</param>
/// <param name="Socket">The socket's name; empty for none.</param>
/// <param name="State">The state.</param>
/// <param name="Tone">Which kind of state.</param>
/// <param name="Track">What the side's track shows from here on.</param>
internal sealed record StateItem(TimeSpan At, Side Side, string Socket, string State, Tone Tone, TrackState? Track) : SequenceItem(At);

/// <summary>What a track shows: the most telling state on its side.</summary>
/// <param name="Tone">Which kind.</param>
/// <param name="IsDotted">Only what is left of closed sockets.</param>
internal sealed record TrackState(Tone Tone, bool IsDotted);

/// <summary>A segment.</summary>
/// <param name="At">When it was sent.</param>
/// <param name="From">The sender's side.</param>
/// <param name="IsAcross">It goes to the other side.</param>
/// <param name="Text">Its flags and numbers.</param>
/// <param name="Fate">What became of it.</param>
internal sealed record SegmentItem(TimeSpan At, Side From, bool IsAcross, string Text, SegmentFate Fate) : SequenceItem(At);

/// <summary>A countdown.</summary>
/// <param name="At">When it was read.</param>
/// <param name="Side">Where.</param>
/// <param name="SecondsLeft">How long it still runs.</param>
/// <param name="Share">How much of the whole that is.</param>
/// <param name="Tone">Of which kind of state.</param>
internal sealed record CountItem(TimeSpan At, Side Side, double SecondsLeft, double Share, Tone Tone) : SequenceItem(At);

/// <summary>Something that concerns no side: a sysctl.</summary>
/// <param name="At">When.</param>
/// <param name="Text">What.</param>
internal sealed record NoteItem(TimeSpan At, string Text) : SequenceItem(At);

/// <summary>The end.</summary>
/// <param name="At">When.</param>
internal sealed record EndItem(TimeSpan At) : SequenceItem(At);

/// <summary>One of the two ends of a sequence diagram.</summary>
internal enum Side : byte
{
    /// <summary>That of the scenario's first socket.</summary>
    Left,

    Right,
}
