namespace Bindwise.Lab.Drawing.Sequences;

/// <summary>Something that a sequence diagram shows, in the order of the record.</summary>
/// <param name="At">When, since the scenario's start.</param>
internal abstract record SequenceItem(TimeSpan At);

/// <summary>A call, or several that one line says.</summary>
/// <param name="Result">What it gave, with the rule and the blockers; empty where that goes without saying.</param>
internal sealed record CallItem(TimeSpan At, Side Side, string Text, string Result = "", Tone Tone = default) : SequenceItem(At);

/// <param name="Socket">The socket's name; empty for none.</param>
internal sealed record StateItem(TimeSpan At, Side Side, string Socket, string State, Tone Tone, TrackState? Track) : SequenceItem(At);

/// <summary>What a track shows: the most telling state on its side.</summary>
/// <param name="IsDotted">Only what is left of closed sockets.</param>
internal sealed record TrackState(Tone Tone, bool IsDotted);

internal sealed record SegmentItem(TimeSpan At, Side From, bool IsAcross, string Text, SegmentFate Fate) : SequenceItem(At);

/// <param name="SecondsLeft">How long it still runs.</param>
/// <param name="Share">How much of the whole that is.</param>
internal sealed record CountItem(TimeSpan At, Side Side, double SecondsLeft, double Share, Tone Tone) : SequenceItem(At);

/// <summary>Something that concerns no side: a sysctl.</summary>
internal sealed record NoteItem(TimeSpan At, string Text) : SequenceItem(At);

internal sealed record EndItem(TimeSpan At) : SequenceItem(At);

/// <summary>One of the two ends of a sequence diagram.</summary>
internal enum Side : byte
{
    /// <summary>That of the scenario's first socket.</summary>
    Left,

    Right,
}
