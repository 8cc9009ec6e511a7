namespace Bindwise.Model.Scenarios.Recording;

/// <summary>What becomes of a segment on its way.</summary>
internal enum SegmentFate
{
    /// <summary>It arrives at once, without delay or loss.</summary>
    Delivered,

    /// <summary>It is held back (<see cref="HoldStep"/>).</summary>
    Held,

    /// <summary>One that was held back arrives now (<see cref="ReleaseStep"/>).</summary>
    Released,

    /// <summary>One that was held back is lost (<see cref="LoseStep"/>).</summary>
    Lost,

    /// <summary>A duplicate of an earlier one (<see cref="RepeatStep"/>), which arrives at once.</summary>
    Repeated,
}
