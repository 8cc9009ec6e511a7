using System.Runtime.Versioning;
using Bindwise.Linux.Processes;

namespace Bindwise.Tools;

[SupportedOSPlatform("linux")]
internal static class PickedCommand
{
    /// <summary>This process becomes it, with PORT, PORTS and what it is passed; returns only where that does not work.</summary>
    /// <param name="command">The program and its arguments, as bytes.</param>
    /// <param name="picked">The ports.</param>
    /// <param name="keeping">What is kept of them.</param>
    /// <param name="lease">How long a process of its own keeps the leases; zero: nobody does.</param>
    /// <param name="exitCode">What to end with.</param>
    /// <returns>Why it does not work, half a sentence.</returns>
    /// <exception cref="IOException">Nobody keeps the leases or the sockets.</exception>
    public static string Become(IReadOnlyList<byte[]> command, PickedPorts picked, PickKeeping keeping, TimeSpan lease, out int exitCode)
    {
        // Who has the sockets needs nobody to keep them.
        var isHeld = keeping == PickKeeping.Sockets;
        if (isHeld || (keeping == PickKeeping.Nothing && lease > TimeSpan.Zero))
            picked.HandOver(lease, isOrphaned: true, isHeld);
        return ProcessReplacement.Become(command, VariablesOf(picked, keeping), keeping == PickKeeping.Listeners ? picked.Sockets : [],
            out exitCode);
    }

    private static List<KeyValuePair<string, string?>> VariablesOf(PickedPorts picked, PickKeeping keeping)
    {
        var numbers = picked.Ports.Select(static one => one.Number.ToString(CultureInfo.InvariantCulture)).ToList();
        List<KeyValuePair<string, string?>> variables = [new("PORT", numbers[0]), new("PORTS", string.Join(' ', numbers))];
        if (keeping != PickKeeping.Listeners)
            return variables;
        // sd_listen_fds(3). The process id stays this one's.
        var protocols = picked.Sockets.Length / numbers.Count;
        var names = picked.Sockets.Select((_, index) => $"{(index % protocols == 0 ? "tcp" : "udp")}-{numbers[index / protocols]}");
        return
        [
            .. variables,
            new("LISTEN_FDS", picked.Sockets.Length.ToString(CultureInfo.InvariantCulture)),
            new("LISTEN_PID", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)),
            new("LISTEN_FDNAMES", string.Join(':', names)),
            new("LISTEN_PIDFDID", null),
        ];
    }
}
