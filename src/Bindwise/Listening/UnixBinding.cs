using Bindwise.Linux.Listening;

namespace Bindwise;

/// <summary>Binds a UNIX stream socket; a file that nobody is bound to gives way, where the request lets it.</summary>
internal static class UnixBinding
{
    /// <param name="path">The path, or <c>@name</c>.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="listens">False: it is bound only.</param>
    /// <param name="listener">The listener; null on a fault.</param>
    public static BindFault? Try(string path, ListenRequest request, bool listens, out BoundListener? listener)
    {
        listener = null;
        var fault = Open(path, request, out var socket);
        if (fault is { Error: SocketError.AddressAlreadyInUse } && request.ReplaceStaleUnixPath && path[0] != '@')
            fault = Replace(path, request, fault, out socket);
        if (fault is not null)
            return fault;
        // Before listen(), so that whatever follows the file goes with the socket.
        using var file = OperatingSystem.IsLinux() && path[0] != '@' ? SocketFileEntry.Of(socket!.Socket.SafeHandle, path) : null;
        var bound = new BoundListener(request, [socket!],
            file is null || !OperatingSystem.IsLinux() ? null : new OwnSocketFile(path, file.File));
        try
        {
            if (request.Settings.UnixFileMode is { } mode && !OperatingSystem.IsWindows())
                SetMode(path, file, mode);
            fault = listens ? BindRound.ListenAll(bound) : null;
            if (fault is null)
                listener = bound;
            return fault;
        }
        finally
        {
            if (listener is null)
                bound.Dispose();
        }
    }

    private static BindFault? Open(string path, ListenRequest request, out BoundSocket? socket) =>
        request.CreateBoundSocket is { } create ? PortableSockets.Create(create, UnixEndPoint.Of(path), Transports.Tcp, request, out socket)
        : OperatingSystem.IsLinux() && !request.IsPortable ? LinuxSockets.OpenUnix(path, request, out socket)
        : PortableSockets.Open(UnixEndPoint.Of(path), Transports.Tcp, request, out socket);

    private static BindFault? Replace(string path, ListenRequest request, BindFault before, out BoundSocket? socket)
    {
        socket = null;
        if (!OperatingSystem.IsLinux() || request.IsPortable)
            return RemoveRefusing(path) ? Open(path, request, out socket) : before;
        using var file = SocketFileEntry.Open(path);
        if (file is null)
            return before;
        using var held = FolderLock.Take(file);
        return file.IsStale() && file.Remove() == Errno.None ? Open(path, request, out socket) : before;
    }

    // Nobody can connect before listen(), so another mode is never in force.
    [UnsupportedOSPlatform("windows")]
    private static void SetMode(string path, SocketFileEntry? file, UnixFileMode mode)
    {
        if (!OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(path, mode);
            return;
        }
        // It was made with the mode, unless a sandbox, a folder's ACL or the program's own socket left it another.
        if (OwnSocketFile.TrySetMode(path, file, mode))
            return;
        throw new InvalidOperationException(
            $"The file of the socket at {path} cannot be given the mode 0{Convert.ToString((int)mode, 8)}: it was replaced, or the system "
                + "refuses. The socket was closed.");
    }

    // Where .NET alone asks: a socket file that refuses connections has no listener.
    private static bool RemoveRefusing(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(UnixEndPoint.Of(path));
            return false;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return true;
        }
        catch (SocketException)
        {
            // Somebody may be there whom this user may not ask: the bind()'s own error stands.
            return false;
        }
    }
}

/// <summary>The file that a UNIX listener made, to be removed with it: only while it is still that very file.</summary>
internal sealed class OwnSocketFile(string path, UnixSocketFile file)
{
    // The working directory may be another by then; the rest of the path is the kernel's to follow.
    private readonly string _path = Path.Join(path[0] == '/' ? "" : Environment.CurrentDirectory, path);

    /// <summary>The file that a socket made; null for an abstract name, and where no file is known to be its own.</summary>
    [SupportedOSPlatform("linux")]
    public static OwnSocketFile? Of(Socket socket, string path)
    {
        using var file = path[0] == '@' ? null : SocketFileEntry.Of(socket.SafeHandle, path);
        return file is null ? null : new OwnSocketFile(path, file.File);
    }

    /// <summary>
    /// Gives a socket's file a mode, where it has another; a file that is not known to be the socket's own is left as it is.
    /// </summary>
    [SupportedOSPlatform("linux")]
    public static bool TrySetMode(string path, SocketFileEntry? own, UnixFileMode mode)
    {
        if (own is not null)
            return own.Mode == mode || own.TrySetMode(mode);
        using var file = SocketFileEntry.Open(path);
        return file?.Mode == mode;
    }

    /// <summary>Removes it, unless another one stands there by now.</summary>
    public void Remove()
    {
        // Where the folder's rights have changed, it stays, and the next bind() replaces it.
        if (OperatingSystem.IsLinux())
            _ = SocketFileEntry.Remove(_path, file);
    }
}
