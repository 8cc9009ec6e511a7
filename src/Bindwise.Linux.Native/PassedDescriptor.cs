namespace Bindwise.Linux.Native;

/// <summary>A descriptor that a service manager or a parent says it passed, as the kernel has it.</summary>
/// <param name="WasCloseOnExec">It was close-on-exec before it was looked at: this process opened it itself, or took it before.</param>
internal readonly record struct PassedDescriptor(int Number, PassedKind Kind, bool WasCloseOnExec)
{
    /// <summary>The first one that is passed (SD_LISTEN_FDS_START of sd-daemon.h).</summary>
    internal const int First = 3;

    /// <summary>Sets it close-on-exec, and looks at it. It stays open, and whoever has it keeps it.</summary>
    internal static PassedDescriptor Claim(int number)
    {
        if (CloseOnExecCall.Set(number, out var wasSet) != Errno.None)
            return new PassedDescriptor(number, PassedKind.NotOpen, false);
        using var borrowed = SafeFileDescriptor.Borrow(number);
        return new PassedDescriptor(number, KindOf(borrowed), wasSet);
    }

    internal static bool IsListening(int number)
    {
        using var borrowed = SafeFileDescriptor.Borrow(number);
        return SocketOptionCall.Get(borrowed, SocketOptionCall.LevelSocket, SocketOptionCall.AcceptsConnections,
            out int accepts) == Errno.None && accepts != 0;
    }

    private static PassedKind KindOf(SafeFileDescriptor descriptor)
    {
        if (FileStatusCall.Fstat(descriptor, out var status) != Errno.None || status.Kind != FileStatus.KindSocket)
            return PassedKind.NoSocket;
        return SocketOptionCall.Get(descriptor, SocketOptionCall.LevelSocket, SocketOptionCall.Domain, out int family) == Errno.None
            && family is SocketCall.FamilyIPv4 or SocketCall.FamilyIPv6 or SocketCall.FamilyUnix
                ? PassedKind.Socket
                : PassedKind.OtherSocket;
    }
}

internal enum PassedKind
{
    /// <summary>Nothing of that number is open.</summary>
    NotOpen,

    /// <summary>A file, a pipe or another thing that is no socket.</summary>
    NoSocket,

    /// <summary>A socket of another family than IPv4, IPv6 and UNIX.</summary>
    OtherSocket,

    /// <summary>A socket of IPv4, IPv6 or UNIX.</summary>
    Socket,
}

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
