namespace Bindwise;

/// <summary>
/// What the service manager is told about hand-overs (sd_notify(3), the socket that NOTIFY_SOCKET
/// names). Without one all of it does nothing.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class ServiceNotice
{
    private const int LongestName = 255;

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
    public static void TellMainProcess(int process) =>
        _ = ServiceNotifier.Send(string.Create(CultureInfo.InvariantCulture, $"MAINPID={process}"), []);

    /// <summary>The name under which a socket is kept: it may have no colon.</summary>
    internal static string NameOf(BoundSocket socket)
    {
        var name = new StringBuilder(socket.Transport == Transports.Tcp ? "tcp " : "udp ");
        foreach (var letter in socket.LocalEndPoint.ToString() ?? "")
            name.Append(letter is > ' ' and <= '~' and not ':' ? letter : '.');
        return name.Length > LongestName ? name.ToString(0, LongestName) : name.ToString();
    }
}
