namespace Bindwise.Diagnostics;

/// <summary>How it ended.</summary>
public enum FreeOutcome : byte
{
    /// <summary>Nothing was in the way.</summary>
    AlreadyFree,

    /// <summary>It can be bound now: a bind() proved it.</summary>
    Freed,

    /// <summary>Nothing was done yet; the plan stands.</summary>
    WouldFree,

    /// <summary>Nothing was done, and nothing will be: <see cref="FreePlan.Refusal"/>.</summary>
    Refused,

    /// <summary>Nothing was done, since nobody consented.</summary>
    Declined,

    /// <summary>Something was done, and it still cannot be bound.</summary>
    Failed,
}
