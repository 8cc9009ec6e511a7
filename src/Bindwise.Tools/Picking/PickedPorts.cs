using Bindwise.Linux.Picking;
using Bindwise.Linux.Processes;

namespace Bindwise.Tools;

/// <summary>A port that was picked.</summary>
public readonly record struct PickedPort
{
    /// <summary>The port, 1 to 65535.</summary>
    public required ushort Number { get; init; }

    /// <summary>It is in the ephemeral range: a connection may take it before a server does.</summary>
    public bool IsEphemeral { get; init; }
}

/// <summary>Ports that were picked, and their leases: disposing ends those. Thread-safe.</summary>
[SupportedOSPlatform("linux")]
public sealed class PickedPorts : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ImmutableArray<SafeFileDescriptor> _leases;
    private readonly ImmutableArray<SafeFileDescriptor> _sockets;
    private Timer? _end;

    internal PickedPorts(ImmutableArray<PickedPort> ports, ImmutableArray<SafeFileDescriptor> leases,
        ImmutableArray<SafeFileDescriptor> sockets) =>
        (Ports, _leases, _sockets) = (ports, leases, sockets);

    /// <summary>The ports, as many as were asked for, each once.</summary>
    public ImmutableArray<PickedPort> Ports { get; }

    /// <summary>The sockets that are bound to them: TCP, then UDP, of each port in turn; empty where none is kept.</summary>
    internal ImmutableArray<SafeFileDescriptor> Sockets => _sockets;

    /// <summary>The leases, for another process to hold copies of them.</summary>
    internal IReadOnlyList<System.Runtime.InteropServices.SafeHandle> Leases => _leases;

    /// <summary>Ends the leases now. The ports themselves are nobody's before and after.</summary>
    public void Dispose()
    {
        lock (_gate)
            _end?.Dispose();
        foreach (var one in _leases)
            one.Dispose();
        foreach (var one in _sockets)
            one.Dispose();
    }

    /// <summary>Closes the sockets of these transports; the leases stay.</summary>
    internal void EndHolding(Transports transports)
    {
        var protocols = _sockets.Length / Ports.Length;
        for (var index = 0; index < _sockets.Length; index++)
        {
            if (transports.HasFlag(index % protocols == 0 ? Transports.Tcp : Transports.Udp))
                _sockets[index].Dispose();
        }
    }

    /// <summary>Each port by itself, with what is kept of it; they take the place of this object.</summary>
    internal IEnumerable<PickedPorts> Apart()
    {
        var protocols = _sockets.Length / Ports.Length;
        return Ports.Select((port, index) =>
            new PickedPorts([port], [_leases[index]], [.. _sockets.Skip(index * protocols).Take(protocols)]));
    }

    internal void EndAfter(TimeSpan lease)
    {
        if (lease == TimeSpan.Zero)
        {
            Dispose();
            return;
        }
        lock (_gate)
            _end = new Timer(static picked => ((PickedPorts)picked!).Dispose(), this, lease, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Lets a process of its own keep the leases, beyond the end of this one.</summary>
    /// <param name="time">How long.</param>
    /// <param name="isOrphaned">This process goes on as another program, which must not find a child that it never started.</param>
    /// <param name="heldFor">It keeps the sockets too, until this process, as the program of this name, or what that started listens on
    /// their ports, or it has ended; null: the leases alone.</param>
    internal void HandOver(TimeSpan time, bool isOrphaned, string? heldFor)
    {
        var isHeld = heldFor is not null;
        var program = isHeld ? OwnHandle() : null;
        using (program)
        {
            var errno = LeaseHolder.Start(
                new HeldLeases(time, [.. Ports.Select(static one => one.Number)], time > TimeSpan.Zero ? _leases : [])
                {
                    Sockets = isHeld ? _sockets : [],
                    Program = program,
                    ProgramName = heldFor,
                    IsOrphaned = isOrphaned,
                });
            if (errno != Errno.None)
                throw new IOException(
                    $"the process that keeps the {(isHeld ? "ports" : "leases")} cannot be started ({StartObstacle.Of(errno)})"
                        + (isHeld ? "" : ": --lease 0 goes without it"));
        }
    }

    private static SafeFileDescriptor OwnHandle()
    {
        var errno = PidFdGetFd.OpenProcess(Environment.ProcessId, 0, out var handle);
        return errno == Errno.None ? handle : throw new IOException($"a handle on this process cannot be had ({errno}, pidfd_open)");
    }
}

[SupportedOSPlatform("linux")]
internal static class PickedCommand
{
    /// <summary>This process becomes it, with PORT, PORTS and what it is passed. Returns, in half a sentence, why it cannot.</summary>
    public static string Become(IReadOnlyList<byte[]> command, PickedPorts picked, PickKeeping keeping, TimeSpan lease, out int exitCode)
    {
        // Who has the sockets needs nobody to keep them.
        var isHeld = keeping == PickKeeping.Sockets;
        if (isHeld || (keeping == PickKeeping.Nothing && lease > TimeSpan.Zero))
            picked.HandOver(lease, isOrphaned: true, isHeld ? Path.GetFileName(Encoding.UTF8.GetString(command[0])) : null);
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
