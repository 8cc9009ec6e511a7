using System.Globalization;
using System.Net.Sockets;

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
    /// <param name="text">The line; line breaks become spaces.</param>
    /// <inheritdoc cref="Ready" path="/returns"/>
    public static bool Status(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Send("STATUS=" + text.ReplaceLineEndings(" "));
    }

    /// <summary>The start, or the stop, takes this much longer from now (systemd only).</summary>
    /// <param name="time">More than zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is not more than zero.</exception>
    /// <inheritdoc cref="Ready" path="/returns"/>
    public static bool ExtendTimeout(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero);
        return Send(string.Create(CultureInfo.InvariantCulture, $"EXTEND_TIMEOUT_USEC={(long)time.TotalMicroseconds}"));
    }

    private static bool Send(string message)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        var address = Environment.GetEnvironmentVariable(Variable) switch
        {
            ['/', ..] path => path,
            ['@', .. var name] => "\0" + name,
            _ => null,
        };
        if (address is null)
            return false;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            _ = socket.SendTo(System.Text.Encoding.UTF8.GetBytes(message), new UnixDomainSocketEndPoint(address));
            return true;
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            // The one who wanted to be told is gone, or the name is too long for an address.
            return false;
        }
    }
}
