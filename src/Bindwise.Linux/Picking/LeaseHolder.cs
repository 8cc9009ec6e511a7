using System.Diagnostics;
using Bindwise.Linux.PassedSockets;
using Bindwise.Linux.Processes;
using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Linux.Picking;

/// <param name="Ports">The ports, for whoever looks at its command line.</param>
internal sealed record HeldLeases(TimeSpan Time, IReadOnlyList<ushort> Ports, IReadOnlyList<SafeFileDescriptor> Leases)
{
    /// <summary>
    /// A socket for each port, held until <see cref="Program"/> or what it started listens on it, or it has ended; empty for none.
    /// </summary>
    internal IReadOnlyList<SafeFileDescriptor> Sockets { get; init; } = [];

    /// <summary>
    /// A handle on this process (pidfd_open(2)), which becomes the program that is to take the ports; null without sockets.
    /// </summary>
    internal SafeFileDescriptor? Program { get; init; }

    /// <summary>What that program is called, for whoever looks at the command line too.</summary>
    internal string? ProgramName { get; init; }

    /// <summary>This process goes on as another program, which must not find a child that it never started.</summary>
    internal bool IsOrphaned { get; init; }
}

/// <summary>
/// A process that does nothing but hold descriptors for a while: this program again, as <c>bindwise pick --hold-leases 10s 8123</c>, in the
/// background. It ends by itself, and nothing has to be cleaned up when it is killed.
/// </summary>
internal static class LeaseHolder
{
    private const int First = BackgroundProcess.FirstDescriptor;

    /// <summary>Between two looks for a listener, where they cost next to nothing.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(25);

    /// <summary>A look is followed by a pause so many times as long: 0.7 % of a core.</summary>
    private const int PauseFactor = 140;

    /// <summary>The longest wait at once, in microseconds.</summary>
    private const int MaxDelay = 900_000;

    /// <summary>
    /// Starts one. From the moment that this returns it holds copies of all that it is to hold; those of this process may be closed.
    /// </summary>
    /// <returns>None, or why there is none.</returns>
    internal static Errno Start(HeldLeases held) => new BackgroundProcess(Keepers.Pick, Keepers.LeaseOption, [.. WordsOf(held)])
    {
        Descriptors = [.. held.Program is { } program ? [program] : Array.Empty<SafeFileDescriptor>(), .. held.Sockets, .. held.Leases],
        IsOrphan = held.IsOrphaned,
    }.Start();

    /// <summary>Holds, where the command line is that of a holder.</summary>
    /// <returns>False when this process is none; true when it has done all that it was to do.</returns>
    public static bool TryRun(string[] arguments)
    {
        if (BackgroundProcess.WordsOf(arguments, Keepers.Pick, Keepers.LeaseOption) is not [var text, .. var words]
            || !TryParse(text, out var time))
            return false;
        var program = 0;
        if (words is [Keepers.UntilListening, var process, _, .. var rest])
        {
            if (!int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out program))
                return false;
            words = rest;
        }
        var ports = new List<ushort>();
        foreach (var word in words)
        {
            if (!ushort.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
                return false;
            ports.Add(port);
        }
        BackgroundProcess.Settle();
        var clock = Stopwatch.StartNew();
        if (program != 0)
            AwaitListeners(program, ports);
        while (time - clock.Elapsed is var left && left > TimeSpan.Zero)
            SleepCall.Wait((int)Math.Min(Math.Ceiling(left.TotalMicroseconds), MaxDelay));
        return true;
    }

    private static void AwaitListeners(int processId, List<ushort> ports)
    {
        using var program = new SafeFileDescriptor(First);
        var strangers = new HashSet<ulong>();
        var sockets = ports.Select(static (_, index) => new SafeFileDescriptor(First + 1 + index)).ToArray();
        using var watch = SocketWatch.TryOpen();
        var (hasEnded, before) = (false, TimeSpan.Zero);
        while (!hasEnded && !Array.TrueForAll(sockets, static one => one.IsClosed))
        {
            var began = Stopwatch.GetTimestamp();
            for (var index = 0; index < ports.Count; index++)
            {
                if (!sockets[index].IsClosed && watch?.FindOpen(Protocol.Tcp, ports[index], null) is { } listeners
                    && IsTaken(processId, listeners, strangers))
                    sockets[index].Dispose();
            }
            // Of two looks the cheaper counts: the first compiles, and on a busy host others are interrupted.
            var cost = Stopwatch.GetElapsedTime(began);
            var pause = Math.Max(Pace.TotalMicroseconds, Math.Min(cost.TotalMicroseconds, before.TotalMicroseconds) * PauseFactor);
            before = cost;
            hasEnded = PollCall.WaitUntilReadable(program, (int)Math.Min(pause, MaxDelay));
        }
        foreach (var one in sockets)
            one.Dispose();
    }

    private static bool IsTaken(int program, IEnumerable<HeldSocket> listeners, HashSet<ulong> strangers)
    {
        foreach (var one in listeners.Where(one => !strangers.Contains(one.Cookie)))
        {
            if (IsOf(program, one))
                return true;
            // Its owner is not searched again.
            strangers.Add(one.Cookie);
        }
        return false;
    }

    // Of the program, or of what it started; and what nobody can be seen to hold, which is another user's, counts as that.
    private static bool IsOf(int program, HeldSocket listener)
    {
        try
        {
            return BoundedRun.Run(
                _ => OwnerSearch.Find([listener.Inode]).Holders is var holders && (holders.IsEmpty
                    || holders.Any(holder => holder.ProcessId == program || ProcessRelation.HasStarted(program, holder.ProcessId))),
                CancellationToken.None);
        }
        catch (InspectionException)
        {
            // Whose it is cannot be told here: the leases are held on.
            return false;
        }
    }

    private static IEnumerable<string> WordsOf(HeldLeases held) =>
    [
        string.Create(CultureInfo.InvariantCulture, $"{(long)held.Time.TotalMilliseconds}ms"),
        .. held.ProgramName is not { } name ? Array.Empty<string>()
            : [Keepers.UntilListening, Environment.ProcessId.ToString(CultureInfo.InvariantCulture), name],
        .. held.Ports.Select(static port => port.ToString(CultureInfo.InvariantCulture)),
    ];

    private static bool TryParse(string text, out TimeSpan time)
    {
        var isTime = text.EndsWith("ms", StringComparison.Ordinal) & long.TryParse(text.AsSpan(0, Math.Max(0, text.Length - 2)),
            NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds <= (long)TimeSpan.FromDays(1).TotalMilliseconds;
        time = isTime ? TimeSpan.FromMilliseconds(milliseconds) : default;
        return isTime;
    }
}

/// <summary>
/// Keeps picks of one network namespace from handing out one port twice, whoever runs them: a bound abstract UNIX name (unix(7)), which
/// needs no file and no permission, belongs to the network namespace as ports do, and is gone with the last descriptor of it, also when its
/// process is killed. Anybody can take the names; then their ports are left out.
/// </summary>
internal static class LeaseName
{
    /// <summary>The name's beginning, without its leading NUL; the port follows.</summary>
    internal const string Prefix = "bindwise/lease/";

    /// <param name="port">The port, whatever is bound on it: TCP and UDP have one lease.</param>
    /// <param name="lease">The lease, close-on-exec; it ends when the last copy is closed. Invalid when an errno comes back.</param>
    /// <returns>EADDRINUSE: somebody else has it.</returns>
    internal static Errno Take(ushort port, out SafeFileDescriptor lease)
    {
        // Not a datagram socket: others could fill its queue. This one never listens, so nobody can connect either.
        var errno = SocketCall.Open(SocketCall.FamilyUnix, SocketCall.TypeStream, 0, out lease);
        if (errno != Errno.None)
            return errno;
        Span<byte> room = stackalloc byte[SocketAddress.MaximumUnixBytes];
        errno = BindCall.Bind(lease,
            SocketAddress.WriteAbstract(room, Encoding.ASCII.GetBytes(Prefix + port.ToString(CultureInfo.InvariantCulture))));
        if (errno != Errno.None)
            lease.Dispose();
        return errno;
    }
}
