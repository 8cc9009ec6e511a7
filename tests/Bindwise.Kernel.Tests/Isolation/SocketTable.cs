using System.Globalization;

namespace Bindwise.Kernel.Tests.Isolation;

/// <summary>
/// A host's TCP sockets as /proc/PID/net/tcp tells them, and those of UDP: another source than sock_diag, which the program under test asks.
/// Bound-only sockets do not stand in it.
/// </summary>
internal sealed class SocketTable(int init)
{
    private const int FirstEphemeralPort = 32768;

    private static readonly string[] States =
    [
        "", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING",
    ];

    /// <summary>The states of the sockets with this local port.</summary>
    public IReadOnlyList<string> StatesOn(int port)
    {
        var suffix = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        return [.. Rows("tcp", "tcp6").Where(words => words[1].EndsWith(suffix, StringComparison.Ordinal)).Select(StateOf)];
    }

    /// <summary>What a timer of the kernel ends on ports below the ephemeral range, TIME_WAIT and FIN_WAIT2: both ends of each.</summary>
    public IReadOnlySet<string> Passing() => Rows("tcp", "tcp6")
        .Where(static words => StateOf(words) is "TIME_WAIT" or "FIN_WAIT2"
            && int.Parse(words[1][(words[1].IndexOf(':', StringComparison.Ordinal) + 1)..], NumberStyles.HexNumber, CultureInfo.InvariantCulture) < FirstEphemeralPort)
        .Select(static words => $"{words[1]} {words[2]}").ToHashSet();

    /// <summary>Waits until the port's sockets are exactly in these states.</summary>
    public Task UntilAsync(int port, params string[] states) => Patience.UntilAsync(
        () => StatesOn(port).Order(StringComparer.Ordinal).SequenceEqual(states.Order(StringComparer.Ordinal)),
        $"port {port} in {string.Join(", ", states)}, it is {string.Join(", ", StatesOn(port))}");

    /// <summary>Waits until a socket on the port is in this state.</summary>
    public Task UntilSomeAsync(int port, string state) => Patience.UntilAsync(
        () => StatesOn(port).Contains(state), $"port {port} with a socket in {state}");

    /// <summary>Waits until a UDP socket has the port.</summary>
    public Task UntilDatagramsAsync(int port)
    {
        var suffix = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        return Patience.UntilAsync(() => Rows("udp", "udp6").Any(words => words[1].EndsWith(suffix, StringComparison.Ordinal)), $"UDP port {port}");
    }

    private static string StateOf(string[] words) => States[int.Parse(words[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture)];

    // Each in words: a number, both ends, the state, and more.
    private IEnumerable<string[]> Rows(params string[] tables) =>
        from table in tables
        from line in File.ReadAllLines($"/proc/{init}/net/{table}").Skip(1)
        select line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
