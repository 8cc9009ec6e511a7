namespace Bindwise;

/// <summary>
/// What went wrong between two instances: what is told once a minute at most, and decides whether a new instance asks again.
/// </summary>
internal enum HandOverFailure
{
    /// <summary>Nothing; of an exception, what only its reader can mend, such as too few descriptors.</summary>
    None,

    User,

    /// <summary>No version of the protocol is understood by both.</summary>
    Version,

    /// <summary>The old instance gives nothing, for another reason.</summary>
    Refused,

    /// <summary>The connection was closed instead of an answer.</summary>
    Closed,

    /// <summary>What came is not what an instance says.</summary>
    Garbage,

    /// <summary>Somebody connected and did not ask.</summary>
    NotAsked,

    /// <summary>What was offered could not be delivered.</summary>
    NotDelivered,

    /// <summary>The new instance ended before it was ready.</summary>
    EndedEarly,

    /// <summary>The other end took too long.</summary>
    TooLate,
}
