namespace Bindwise;

/// <summary>How a connection stood when it was closed.</summary>
public enum CloseEnding
{
    /// <summary>Both sides have sent their FIN: neither sends any more.</summary>
    Finished,

    /// <summary>This side has sent its FIN; the peer's has not come. The kernel goes on by itself: it delivers what is left, and waits.</summary>
    LeftToKernel,

    /// <summary>This side sent a reset: as you asked, or because there was unread data.</summary>
    Reset,

    /// <summary>The peer reset the connection: what it had not read is lost.</summary>
    ResetByPeer,

    /// <summary>The connection broke in another way, for instance by a timeout; <see cref="CloseReport.Error"/> says how.</summary>
    Broken,

    /// <summary>There was no connection any more, or never had been.</summary>
    AlreadyClosed,
}
