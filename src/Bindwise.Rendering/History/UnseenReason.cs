namespace Bindwise.Rendering.History;

/// <summary>The <c>reason</c> of an event that no recorder saw: it follows from a census.</summary>
internal static class UnseenReason
{
    /// <summary>A socket that was there already.</summary>
    public const string HeldBefore = "was there already";

    /// <summary>One that was gone when a recorder started.</summary>
    public const string Gone = "was gone when the recorder started";

    /// <summary>One that another process had when a recorder started.</summary>
    public const string OwnerChanged = "changed while no recorder ran";
}
