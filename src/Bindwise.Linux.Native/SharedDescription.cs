namespace Bindwise.Linux.Native;

/// <summary>
/// Lets go of a socket that other processes have too, without touching what they share: dup3(2) puts another socket in the descriptor's
/// place, in one step. Whatever the runtime then does to the descriptor (shutdown(2), connect(2) with AF_UNSPEC) reaches only that one.
/// </summary>
internal static class SharedDescription
{
    private const int CloseOnExec = 0x80000;
    private const int Backlog = 1;

    /// <summary>Lets go; the descriptor stays open, for its owner to close.</summary>
    /// <param name="isStream">It accepts connections: so does what takes its place, though nobody knows
    /// its name, so that accept() waits there.</param>
    /// <returns>EMFILE or ENFILE without a free descriptor: nothing has changed.</returns>
    internal static Errno LetGo(SafeHandle descriptor, bool isStream)
    {
        var errno = SocketCall.Open(SocketCall.FamilyUnix,
            (isStream ? SocketCall.TypeStream : SocketCall.TypeDatagram) | SocketCall.NonBlocking, 0, out var other);
        using (other)
        {
            // The family alone as an address: the kernel chooses an abstract name (unix(7), autobind).
            ReadOnlySpan<byte> anyName = [SocketCall.FamilyUnix, 0];
            if (errno == Errno.None && isStream)
                errno = BindCall.Bind(other, anyName);
            if (errno == Errno.None && isStream)
                errno = LastError.Of(LibC.Listen(other, Backlog));
            return errno == Errno.None ? LastError.Of(LibC.Dup3(other, descriptor, CloseOnExec)) : errno;
        }
    }
}
