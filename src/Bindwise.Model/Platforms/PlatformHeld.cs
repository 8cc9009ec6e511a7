namespace Bindwise.Model.Platforms;

/// <param name="Socket">The socket, with the address it has now: a connection's is never a wildcard.</param>
internal sealed record PlatformHeld(PlatformSocket Socket, PlatformState State)
{
    /// <summary>All that the BSD rules read of the state.</summary>
    internal bool HasPeer => State is PlatformState.Connected or PlatformState.TimeWait;

    internal bool IsListeningOrBound => !HasPeer;
}
