namespace Bindwise.Rendering.History;

/// <summary>The <c>reason</c> of an event that no recorder saw: it follows from a census.</summary>
internal static class UnseenReason
{
    /// <summary>A socket that was there already.</summary>
    public const string HeldBefore = "was there already";

    public const string Gone = "was gone when the recorder started";

    /// <summary>One that another process had when a recorder started.</summary>
    public const string OwnerChanged = "changed while no recorder ran";

    /// <summary>One that was gone when the record went on after a loss.</summary>
    public const string GoneAtLoss = "was gone after events had been lost";

    /// <summary>One that another process had then.</summary>
    public const string OwnerChangedAtLoss = "changed while events were lost";

    /// <summary>The socket went while nobody recorded it.</summary>
    public static bool IsGone(string? reason) => reason is Gone or GoneAtLoss;

    /// <summary>Its process changed while nobody recorded it.</summary>
    public static bool IsOwnerChange(string? reason) => reason is OwnerChanged or OwnerChangedAtLoss;
}
