namespace Bindwise;

/// <summary>
/// The listening socket at the hand-over's path. It goes with the others from instance to instance, so that a new instance which comes
/// during a hand-over waits in its queue and is served by whoever wins.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class HandOverControl(BoundListener listener, SafeFileDescriptor descriptor) : IDisposable
{
    private const int Backlog = 64;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The socket, for poll() and accept(): a descriptor of its own.</summary>
    public SafeFileDescriptor Descriptor { get; } = descriptor;

    /// <exception cref="BindException">The system refused: for one, another instance has bound it just now.</exception>
    public static HandOverControl Bind(string path)
    {
        return Of(Listener.Bind(ListenRequest.OnUnixSocket(path) with
        {
            Settings = SocketSettings.Default with { Backlog = Backlog, UnixFileMode = path[0] == '@' ? null : OwnerOnly },
        }));
    }

    /// <summary>Takes over the socket that the old instance sent.</summary>
    public static HandOverControl Take(string path, SafeFileDescriptor descriptor)
    {
        using (descriptor)
        {
            var received = ReceivedSocket.Open(descriptor);
            if (received is { IsListening: true, LocalEndPoint: var local } && local.ToString() == UnixEndPoint.Of(path).ToString())
                return Of(new BoundListener(null, [new BoundSocket(received.Socket, local, Transports.Tcp, SocketSettings.Default)],
                    OwnSocketFile.Of(received.Socket, path)));
            received?.Socket.Dispose();
            throw new HandOverException(HandOverFailure.Garbage,
                $"What the old instance sent first is not the socket at {path}: nothing was handed over.");
        }
    }

    /// <summary>From now on whoever connects sees this process's credentials: those of the last listen() (SO_PEERCRED, unix(7)).</summary>
    public void Claim() => listener.Sockets[0].Socket.Listen(Backlog);

    /// <summary>Leaves it, with its file, to the new instance.</summary>
    public void HandOver()
    {
        listener.CloseHandedOver();
        Descriptor.Dispose();
    }

    public void Dispose()
    {
        listener.Dispose();
        Descriptor.Dispose();
    }

    private static HandOverControl Of(BoundListener listener)
    {
        var errno = DuplicateDescriptor.Copy(listener.Sockets[0].Socket.SafeHandle, PassedDescriptor.First, out var copy);
        if (errno == Errno.None)
            return new HandOverControl(listener, copy);
        listener.Dispose();
        throw new HandOverException(
            $"A hand-over needs free descriptors, and this process has none ({errno}): raise the limit (ulimit -n).");
    }
}

/// <summary>What the service manager is told about hand-overs (sd_notify(3)); without a NOTIFY_SOCKET all of it does nothing.</summary>
[SupportedOSPlatform("linux")]
internal static class ServiceNotice
{
    private const int LongestName = 255;
    private const string Stream = "tcp ";
    private const string Datagram = "udp ";

    /// <summary>Gives it the sockets to keep, each under a name of its own; it knows those that it has already.</summary>
    public static void Store(IEnumerable<BoundSocket> sockets)
    {
        foreach (var one in sockets)
        {
            var handle = one.Socket.SafeHandle;
            var isHeld = false;
            handle.DangerousAddRef(ref isHeld);
            try
            {
                _ = ServiceNotifier.Send($"FDSTORE=1\nFDNAME={NameOf(one)}", [(int)handle.DangerousGetHandle()]);
            }
            finally
            {
                handle.DangerousRelease();
            }
        }
    }

    /// <summary>Those sockets are no longer wanted.</summary>
    public static void Remove(IEnumerable<BoundSocket> sockets)
    {
        foreach (var name in sockets.Select(NameOf))
            _ = ServiceNotifier.Send($"FDSTOREREMOVE=1\nFDNAME={name}", []);
    }

    /// <summary>This process ends soon, and another one is the service from now on.</summary>
    public static void NotifyMainProcess(int process) =>
        _ = ServiceNotifier.Send(string.Create(CultureInfo.InvariantCulture, $"MAINPID={process}"), []);

    internal static bool IsName(string name) =>
        name.StartsWith(Stream, StringComparison.Ordinal) || name.StartsWith(Datagram, StringComparison.Ordinal);

    /// <summary>The name under which a socket is kept: it may have no colon.</summary>
    internal static string NameOf(BoundSocket socket)
    {
        var name = new StringBuilder(socket.Transport == Transports.Tcp ? Stream : Datagram);
        foreach (var letter in socket.LocalEndPoint.ToString() ?? "")
            name.Append(letter is > ' ' and <= '~' and not ':' ? letter : '.');
        return name.Length > LongestName ? name.ToString(0, LongestName) : name.ToString();
    }
}
