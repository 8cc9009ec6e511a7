namespace Bindwise.Linux.Native;

/// <summary>struct ucred (unix(7)), as seen from the caller's PID and user namespaces.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PeerCredentials
{
    /// <summary>0 where the process is in no namespace that the caller sees.</summary>
    internal int ProcessId;
    internal uint UserId;
    internal uint GroupId;

    internal const int SizeBytes = 12;
}

/// <summary>lsm_list_modules(2) and landlock_create_ruleset(2), by number, as far as they tell what is in force.</summary>
internal static class SecurityModuleCall
{
    /// <summary>LANDLOCK_CREATE_RULESET_VERSION: only the version is asked for, nothing is made.</summary>
    private const nint VersionOnly = 1;

    private const int MaximumModules = 64;

    /// <summary>The active security modules, by LSM_ID_… of include/uapi/linux/lsm.h, in their order (Linux 6.8).</summary>
    /// <returns>ENOSYS before Linux 6.8.</returns>
    internal static unsafe Errno List(out ulong[] modules)
    {
        var ids = stackalloc ulong[MaximumModules];
        var size = (uint)(MaximumModules * sizeof(ulong));
        var count = OptionalCall.ListModules.Make((nint)ids, (nint)(&size), 0);
        var errno = LastError.Of(count);
        modules = count < 0 ? [] : new ReadOnlySpan<ulong>(ids, (int)Math.Min(count, MaximumModules)).ToArray();
        return errno;
    }

    /// <summary>The version of Landlock's interface; 4 brought the ports of TCP.</summary>
    /// <returns>ENOSYS where it was not built in, EOPNOTSUPP where it is switched off.</returns>
    internal static Errno LandlockVersion(out int version) =>
        LastError.Of(OptionalCall.LandlockCreateRuleset.Make(0, 0, VersionOnly), out version);
}

/// <summary>recvmsg(2) of a UNIX datagram socket with its sender's credentials (SO_PASSCRED, unix(7)), which the kernel checks.</summary>
internal static unsafe class CredentialMessage
{
    private const int PassCredentials = 16;
    private const int Rights = 1;
    private const int Credentials = 2;
    private const int DoNotWait = 0x40;
    private const int CloseOnExec = 0x4000_0000;
    private const int ControlBytes = 2048;

    /// <summary>Opens a socket that takes them, bound to an abstract name.</summary>
    internal static Errno Open(ReadOnlySpan<byte> name, out SafeFileDescriptor socket)
    {
        var errno = SocketCall.Open(SocketCall.FamilyUnix, SocketCall.TypeDatagram | SocketCall.NonBlocking, 0, out socket);
        if (errno == Errno.None)
            errno = SocketOptionCall.Set(socket, SocketOptionCall.LevelSocket, PassCredentials, 1);
        Span<byte> room = stackalloc byte[SocketAddress.MaximumUnixBytes];
        return errno == Errno.None ? BindCall.Bind(socket, SocketAddress.WriteAbstract(room, name)) : errno;
    }

    /// <summary>Takes the next one; descriptors that came with it are closed.</summary>
    internal static Errno Receive(SafeFileDescriptor socket, Span<byte> buffer, out int lengthBytes, out PeerCredentials sender)
    {
        sender = default;
        lengthBytes = 0;
        var control = stackalloc byte[ControlBytes];
        fixed (byte* start = buffer)
        {
            var part = new IoVector { Start = start, LengthBytes = (nuint)buffer.Length };
            var message = new MessageHeader { Parts = &part, PartCount = 1, Control = control, ControlBytes = ControlBytes };
            var length = LibC.Recvmsg(socket, &message, DoNotWait | CloseOnExec);
            if (length < 0)
                return LastError.Value;
            lengthBytes = (int)length;
            var controls = new ControlMessageReader(new(control, (int)Math.Min(message.ControlBytes, ControlBytes)));
            while (controls.TryNext(out _, out var kind, out var content))
            {
                if (kind == Credentials && content.Length >= PeerCredentials.SizeBytes)
                    sender = MemoryMarshal.Read<PeerCredentials>(content);
                for (; kind == Rights && content.Length >= sizeof(int); content = content[sizeof(int)..])
                    CloseDescriptor.Close(MemoryMarshal.Read<int>(content));
            }
            return Errno.None;
        }
    }
}
