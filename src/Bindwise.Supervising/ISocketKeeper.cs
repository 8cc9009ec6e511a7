using System.Runtime.Versioning;
using Bindwise.Linux.Native;

namespace Bindwise.Supervising;

/// <summary>What keeps a program's sockets beyond its end, and gives them to its next start. Called while the program's call waits.</summary>
[SupportedOSPlatform("linux")]
internal interface ISocketKeeper
{
    /// <summary>Puts a kept socket that is bound to the same address in the place of the one that is to be bound.</summary>
    /// <param name="listener">Where the call came from.</param>
    /// <param name="call">A bind().</param>
    /// <param name="socket">Its socket.</param>
    /// <param name="endpoint">Where it is to be bound.</param>
    /// <param name="scope">An interface's index for a link-local address; 0 for none.</param>
    /// <returns>True: the program has a bound socket, and bind() is done.</returns>
    bool TryGive(SafeFileDescriptor listener, in SystemCallNotice call, TrappedSocket socket, IpEndpoint endpoint, uint scope);

    /// <summary>Closes kept sockets that the program has not taken and that are in the way of a bind().</summary>
    /// <returns>Whether there were any.</returns>
    bool MakeRoom(TrappedSocket socket, IpEndpoint endpoint);

    /// <summary>The program's own socket was bound.</summary>
    void Bound(in SystemCallNotice call, TrappedSocket socket, IpEndpoint endpoint, uint scope);

    /// <summary>Listens for the program, and keeps the socket.</summary>
    /// <returns>What listen(2) gave.</returns>
    Errno Listen(SafeFileDescriptor listener, in SystemCallNotice call, TrappedSocket socket, int backlog);

    /// <summary>Keeps shutdown(2) of a kept socket from resetting the connections that wait in it.</summary>
    /// <returns>True: answered.</returns>
    bool Shutdown(SafeFileDescriptor listener, in SystemCallNotice call);

    /// <summary>Keeps connect(2) with AF_UNSPEC of a kept socket, which ends its listening, from the same.</summary>
    /// <returns>True: answered.</returns>
    bool Disconnect(SafeFileDescriptor listener, in SystemCallNotice call);
}
