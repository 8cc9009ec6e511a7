namespace Bindwise.Supervising;

/// <summary>What keeps a program's sockets beyond its end, and gives them to its next start. Called while the program's call
/// waits.</summary>
[SupportedOSPlatform("linux")]
internal interface ISocketKeeper
{
    /// <summary>Puts a kept socket that is bound to the same address in the place of the one that is to be bound. The kernel was asked
    /// before: with its own rights the program got the address, or was refused it because it is in use.</summary>
    /// <param name="scope">An interface's index for a link-local address; 0 for none.</param>
    /// <returns>True: the program has a bound socket, and bind() is done.</returns>
    bool TryGive(WaitingCall call, TrappedSocket socket, IpEndpoint endpoint, uint scope);

    /// <summary>Closes kept sockets that the program has not taken and that are in the way of a bind().</summary>
    bool MakeRoom(TrappedSocket socket, IpEndpoint endpoint);

    void Bound(WaitingCall call, TrappedSocket socket, IpEndpoint endpoint, uint scope);

    /// <summary>Puts a kept UNIX socket in the place of the one that is to be bound, where the file there, or the abstract name, is the
    /// kept one's own: by that the program's own bind() would fail. Where there is none, the socket may be kept once it listens.</summary>
    /// <param name="name">The whole path, or the abstract name with an @.</param>
    /// <returns>True: the program has a bound socket, and bind() is done.</returns>
    bool TryGiveAt(WaitingCall call, string name, ThreadRights rights);

    /// <summary>A UNIX socket is going to listen, by the kernel: it is kept, where the file that its bind() named is its own. Where one is
    /// kept whose file the program has removed, that one takes its place, and its file the new one's.</summary>
    void ListenAt(WaitingCall call, ThreadRights rights);

    /// <returns>What listen(2) gave; null where it was not done.</returns>
    Errno? Listen(WaitingCall call, TrappedSocket socket, int backlog, ThreadRights rights);

    /// <summary>Keeps shutdown(2) of a kept socket from resetting the connections that wait in it.</summary>
    /// <returns>True: answered.</returns>
    bool Shutdown(WaitingCall call, ProgramRights rights);

    /// <summary>Keeps connect(2) with AF_UNSPEC of a kept socket, which ends its listening, from the same.</summary>
    /// <returns>True: answered.</returns>
    bool Disconnect(WaitingCall call, ProgramRights rights);

    /// <summary>No thread of the program is left.</summary>
    void End();
}
