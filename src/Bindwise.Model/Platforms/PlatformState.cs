namespace Bindwise.Model.Platforms;

/// <summary>What state the other socket is in, as far as any of the systems tells states apart.</summary>
internal enum PlatformState : byte
{
    /// <summary>Bound, and no more; every UDP socket without a peer.</summary>
    Bound,

    /// <summary>It listens (LISTEN).</summary>
    Listening,

    /// <summary>It has a peer: connecting, connected, closing.</summary>
    Connected,

    /// <summary>Closed, and kept by the system for its timer (TIME_WAIT).</summary>
    TimeWait,
}
