namespace Bindwise;

/// <summary>The ways to close a connection.</summary>
internal enum CloseKind : byte
{
    /// <summary>Behind the peer.</summary>
    PeerFirst,

    /// <summary>FIN, then the peer's.</summary>
    HalfClose,

    /// <summary>close().</summary>
    Graceful,

    /// <summary>A reset.</summary>
    Abort,
}
