using System.Globalization;

namespace Bindwise.Kernel.Tests.Isolation;

/// <summary>
/// A host's TCP sockets as /proc/PID/net/tcp tells them: another source than sock_diag, which the program under test asks.
/// Bound-only sockets do not stand in it.
/// </summary>
internal sealed class SocketTable(int init)
{
    private static readonly string[] States =
    [
        "", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING",
    ];

    /// <summary>The states of the sockets with this local port.</summary>
    public IReadOnlyList<string> StatesOn(int port)
    {
        var suffix = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        return [.. from family in new[] { "tcp", "tcp6" }
                   from line in File.ReadAllLines($"/proc/{init}/net/{family}").Skip(1)
                   let words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                   where words[1].EndsWith(suffix, StringComparison.Ordinal)
                   select States[int.Parse(words[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture)]];
    }

    /// <summary>Waits until the port's sockets are exactly in these states.</summary>
    public Task UntilAsync(int port, params string[] states) => Patience.UntilAsync(
        () => StatesOn(port).Order(StringComparer.Ordinal).SequenceEqual(states.Order(StringComparer.Ordinal)),
        $"port {port} in {string.Join(", ", states)}, it is {string.Join(", ", StatesOn(port))}");

    /// <summary>Waits until a socket on the port is in this state.</summary>
    public Task UntilSomeAsync(int port, string state) => Patience.UntilAsync(
        () => StatesOn(port).Contains(state), $"port {port} with a socket in {state}");
}
