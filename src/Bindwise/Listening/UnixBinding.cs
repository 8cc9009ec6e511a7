using System.Net.Sockets;
using Bindwise.Linux.Listening;

namespace Bindwise;

/// <summary>Binds a UNIX stream socket; a file that nobody is bound to gives way, where the request lets it.</summary>
internal static class UnixBinding
{
    /// <summary>Tries.</summary>
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
        OwnSocketFile? own = null;
        if (OperatingSystem.IsLinux() && path[0] != '@' && UnixSocketFile.At(path) is { } file)
            own = new OwnSocketFile(Path.GetFullPath(path), file);
        var bound = new BoundListener(request, [socket!], own);
        try
        {
            // Nobody can connect before listen(), so the mode of bind() is never in force.
            if (request.Settings.UnixFileMode is { } mode && !OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, mode);
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
        using var held = FolderLock.Take(path);
        return UnixSocketFile.FindStale(path) is { } stale && OwnSocketFile.Remove(path, stale) ? Open(path, request, out socket) : before;
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

/// <summary>The endpoint of a UNIX path as people write it: .NET writes an abstract name with a NUL in front, and prints it with @.</summary>
internal static class UnixEndPoint
{
    /// <summary>The endpoint of a path, or of <c>@name</c>.</summary>
    public static UnixDomainSocketEndPoint Of(string path) => new(path[0] == '@' ? "\0" + path[1..] : path);
}

/// <summary>The file that a UNIX listener made, to be removed with it: only while it is still that very file.</summary>
/// <param name="Path">Its absolute path.</param>
/// <param name="File">Which file it is.</param>
internal sealed record OwnSocketFile(string Path, UnixSocketFile File)
{
    /// <summary>Removes it, unless another one stands there by now.</summary>
    public void Remove()
    {
        if (OperatingSystem.IsLinux())
            _ = Remove(Path, File);
    }

    /// <summary>Removes a socket's file while it is the one that was looked at; false where it is not, or may not be removed.</summary>
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public static bool Remove(string path, UnixSocketFile file)
    {
        if (UnixSocketFile.At(path) != file)
            return false;
        try
        {
            System.IO.File.Delete(path);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The folder's rights changed: what bind() answers then names the file.
            return false;
        }
    }
}
