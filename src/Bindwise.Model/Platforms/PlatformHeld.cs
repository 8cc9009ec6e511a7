namespace Bindwise.Model.Platforms;

/// <summary>A socket that is there already.</summary>
/// <param name="Socket">The socket, with the address it has now: a connection's is never a wildcard.</param>
/// <param name="State">Its state.</param>
internal sealed record PlatformHeld(PlatformSocket Socket, PlatformState State)
{
    /// <summary>All that the BSD rules read of the state.</summary>
    internal bool HasPeer => State is PlatformState.Connected or PlatformState.TimeWait;

    /// <summary>It listens, or is only bound.</summary>
    internal bool IsListeningOrBound => !HasPeer;
}
