using NativeAddress = Bindwise.Linux.Native.SocketAddress;

namespace Bindwise;

/// <summary>
/// Tells whoever started this process how it is (sd_notify(3)): systemd for a unit with <c>Type=notify</c>, or a parent with a
/// <see cref="ChildServer"/>. Does nothing if NOTIFY_SOCKET is not set, so a program can always call it. Thread-safe.
/// </summary>
public static class ServiceNotifier
{
    private const string Variable = "NOTIFY_SOCKET";

    /// <summary>Somebody wants to be told: NOTIFY_SOCKET is set.</summary>
    public static bool IsEnabled => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable));

    /// <summary>The program is ready: it accepts connections.</summary>
    /// <returns>False if nobody wants to be told, or the message cannot be sent.</returns>
    public static bool Ready() => Send("READY=1");

    /// <summary>The program is about to end.</summary>
    /// <inheritdoc cref="Ready" path="/returns"/>
    public static bool Stopping() => Send("STOPPING=1");

    /// <summary>One line on what the program does, which <c>systemctl status</c> shows.</summary>
    /// <param name="status">The line; line breaks become spaces.</param>
    /// <inheritdoc cref="Ready" path="/returns"/>
    public static bool Status(string status)
    {
        ArgumentNullException.ThrowIfNull(status);
        return Send("STATUS=" + status.ReplaceLineEndings(" "));
    }

    /// <summary>The start, or the stop, takes this much longer from now (systemd only).</summary>
    /// <param name="extension">More than zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is not more than zero.</exception>
    /// <inheritdoc cref="Ready" path="/returns"/>
    public static bool ExtendTimeout(TimeSpan extension)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(extension, TimeSpan.Zero);
        return Send(string.Create(CultureInfo.InvariantCulture, $"EXTEND_TIMEOUT_USEC={(long)extension.TotalMicroseconds}"));
    }

    private static bool Send(string message) => OperatingSystem.IsLinux() && Send(message, []);

    /// <summary>Sends a message, with descriptors for the manager to keep.</summary>
    [SupportedOSPlatform("linux")]
    internal static bool Send(string message, ReadOnlySpan<int> descriptors)
    {
        Span<byte> room = stackalloc byte[NativeAddress.MaximumUnixBytes];
        var address = Environment.GetEnvironmentVariable(Variable) switch
        {
            ['/', ..] path => NativeAddress.WritePath(room, Encoding.UTF8.GetBytes(path)),
            ['@', .. var name] => NativeAddress.WriteAbstract(room, Encoding.UTF8.GetBytes(name)),
            _ => [],
        };
        if (address.IsEmpty)
            return false;
        var errno = SocketCall.Open(SocketCall.FamilyUnix, SocketCall.TypeDatagram, 0, out var manager);
        using (manager)
        {
            if (errno == Errno.None)
                errno = ConnectCall.Connect(manager, address);
            if (errno == Errno.None)
                errno = DescriptorMessage.Send(manager, Encoding.UTF8.GetBytes(message), descriptors);
        }
        return errno == Errno.None;
    }
}
