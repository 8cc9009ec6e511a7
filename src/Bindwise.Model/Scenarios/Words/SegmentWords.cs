namespace Bindwise.Model.Scenarios.Words;

/// <summary>The words for kinds of segments, in one place.</summary>
internal static class SegmentWords
{
    /// <summary>All of them.</summary>
    public static readonly (string Word, SegmentKind Kind)[] All =
        [("data", SegmentKind.Data), ("syn", SegmentKind.Syn), ("fin", SegmentKind.Fin), ("ack", SegmentKind.Ack), ("reset", SegmentKind.Reset)];

    /// <summary>The word for a kind.</summary>
    public static string Of(SegmentKind kind) => Array.Find(All, row => row.Kind == kind).Word;
}
