namespace Bindwise;

/// <summary>How far a connection had come to its end when it was closed.</summary>
public enum CloseEnding
{
    /// <summary>Both sides have sent their FIN: neither sends anything more.</summary>
    Finished,

    /// <summary>This side has sent its FIN; the peer's has not come. The kernel goes on without the program: it delivers what is left, and waits.</summary>
    LeftToKernel,

    /// <summary>This side sent a reset: as asked, or because data lay unread.</summary>
    Reset,

    /// <summary>The peer had reset the connection: what it had not read is lost.</summary>
    ResetByPeer,

    /// <summary>The connection broke in another way, as by a time-out; <see cref="CloseReport.Error"/> says how.</summary>
    Broken,

    /// <summary>There was no connection any more, or never one.</summary>
    AlreadyClosed,
}
