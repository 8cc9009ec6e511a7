using System.Diagnostics;
using System.Globalization;
using Bindwise.Linux.Native;
using Bindwise.Linux.Processes;

namespace Bindwise.Linux.Picking;

/// <summary>What a <see cref="LeaseHolder"/> is to hold.</summary>
/// <param name="Time">How long it holds the leases.</param>
/// <param name="Ports">The ports, for whoever looks at its command line.</param>
/// <param name="Leases">The leases.</param>
internal sealed record HeldLeases(TimeSpan Time, IReadOnlyList<ushort> Ports, IReadOnlyList<SafeFileDescriptor> Leases)
{
    /// <summary>A socket for each port, held until something listens on it or <see cref="Program"/> has ended; empty for none.</summary>
    internal IReadOnlyList<SafeFileDescriptor> Sockets { get; init; } = [];

    /// <summary>A handle on the process that is to take the sockets over (pidfd_open(2)); null without sockets.</summary>
    internal SafeFileDescriptor? Program { get; init; }

    /// <summary>This process goes on as another program, which must not find a child that it never started.</summary>
    internal bool IsOrphaned { get; init; }
}

/// <summary>
/// A process that does nothing but hold descriptors for a while: this program again, as <c>bindwise pick --hold-leases 10s 8123</c>, in a session
/// of its own, in the root folder, with /dev/null as its standard streams and with no other descriptor. It ends by itself, and nothing has to be
/// cleaned up when it is killed.
/// </summary>
public static class LeaseHolder
{
    private const string Verb = "pick";
    private const string Option = "--hold-leases";
    private const string UntilListening = "--until-listening";
    private const string Orphan = "--orphan";
    private const int First = 3;

    /// <summary>Between two looks for a listener, where they cost next to nothing.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(25);

    /// <summary>A look is followed by a pause so many times as long: 0.7 % of a core.</summary>
    private const int PauseForALook = 140;

    /// <summary>The longest wait at once, in microseconds.</summary>
    private const int LongestPause = 900_000;

    /// <summary>Variables that a runtime or a loader needs; all others, and what is secret in them, stay behind.</summary>
    private static readonly string[] Kept = ["DOTNET_", "LD_", "PATH", "HOME"];

    /// <summary>Starts one. From the moment that this returns it holds copies of all that it is to hold; those of this process may be closed.</summary>
    /// <returns>None, or why there is none.</returns>
    internal static Errno Start(HeldLeases held)
    {
        IEnumerable<SafeFileDescriptor> passed = [.. held.Program is { } program ? [program] : Array.Empty<SafeFileDescriptor>(), .. held.Sockets, .. held.Leases];
        var copies = new List<SafeFileDescriptor>();
        try
        {
            var behind = First + passed.Count();
            foreach (var one in passed)
            {
                // Behind the numbers that the holder's get, so that filling one overwrites none that is still to be given.
                var errno = DuplicateDescriptor.Copy(one, behind, out var copy);
                if (errno != Errno.None)
                    return errno;
                copies.Add(copy);
            }
            if (PlainInput(out var nothing) is not Errno.None and var lack)
                return lack;
            using (nothing)
            {
                var plan = PlanOf(WordsOf(held), [(nothing, 0), .. copies.Select(static (copy, index) => (copy, First + index))]) with { CloseFrom = behind };
                return Start(plan, held.IsOrphaned);
            }
        }
        finally
        {
            copies.ForEach(static copy => copy.Dispose());
        }
    }

    /// <summary>Holds, where the command line is that of a holder.</summary>
    /// <param name="arguments">The command line.</param>
    /// <returns>False when this process is none; true when it has done all that it was to do.</returns>
    public static bool TryRun(string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        if (arguments is not [Verb, Option, var text, .. var words] || !TryParse(text, out var time))
            return false;
        var ports = new List<ushort>();
        foreach (var word in words.Where(static word => word is not (Orphan or UntilListening)))
        {
            if (!ushort.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
                return false;
            ports.Add(port);
        }
        if (words is [Orphan, .. var rest])
        {
            // Whoever started this one waits for its end; the one that holds is then nobody's child but init's.
            var errno = SpawnCall.Start(PlanOf([Verb, Option, text, .. rest], []), out _);
            ParentDeathCall.Exit(errno == Errno.None ? 0 : 1);
        }
        ThreadNameCall.Set("bindwise\0"u8);
        // No folder is kept from being unmounted.
        Directory.SetCurrentDirectory("/");
        var clock = Stopwatch.StartNew();
        if (words is [UntilListening, ..])
            AwaitListeners(ports);
        while (time - clock.Elapsed is var left && left > TimeSpan.Zero)
            SleepCall.Wait((int)Math.Min(Math.Ceiling(left.TotalMicroseconds), LongestPause));
        return true;
    }

    private static void AwaitListeners(List<ushort> ports)
    {
        using var program = new SafeFileDescriptor(First);
        var sockets = ports.Select(static (_, index) => new SafeFileDescriptor(First + 1 + index)).ToArray();
        using var watch = SocketWatch.TryOpen();
        var (hasEnded, before) = (false, TimeSpan.Zero);
        while (!hasEnded && !Array.TrueForAll(sockets, static one => one.IsClosed))
        {
            var began = Stopwatch.GetTimestamp();
            for (var index = 0; index < ports.Count; index++)
            {
                if (!sockets[index].IsClosed && watch?.FindOpen(Model.Addresses.Protocol.Tcp, ports[index], null) is { Count: > 0 })
                    sockets[index].Dispose();
            }
            // Of two looks the cheaper counts: the first compiles, and on a busy host others are interrupted.
            var cost = Stopwatch.GetElapsedTime(began);
            var pause = Math.Max(Pace.TotalMicroseconds, Math.Min(cost.TotalMicroseconds, before.TotalMicroseconds) * PauseForALook);
            before = cost;
            hasEnded = PollCall.WaitUntilReadable(program, (int)Math.Min(pause, LongestPause));
        }
        foreach (var one in sockets)
            one.Dispose();
    }

    private static Errno Start(SpawnPlan plan, bool isOrphaned)
    {
        var errno = SpawnCall.Start(plan, out var child);
        if (errno != Errno.None || !isOrphaned)
            return errno;
        errno = ChildWaitCall.AwaitEnd(child, out var exitCode);
        _ = ChildWaitCall.TryReap(child);
        return errno == Errno.None && exitCode != 0 ? Errno.EAGAIN : Errno.None;
    }

    private static SpawnPlan PlanOf(IEnumerable<string> words, IReadOnlyList<(SafeFileDescriptor From, int To)> descriptors) =>
        new(OwnProgram.File, [.. OwnProgram.Words, .. words], OwnProgram.Environs(static name => Kept.Any(one => name.StartsWith(one, StringComparison.Ordinal))))
        {
            Descriptors = descriptors,
            WritesNowhere = true,
            HasOwnSession = true,
            DefaultSignals = [SignalCall.Interrupt, SignalCall.Terminate, SignalCall.BrokenPipe],
        };

    private static IEnumerable<string> WordsOf(HeldLeases held) =>
    [
        Verb, Option, string.Create(CultureInfo.InvariantCulture, $"{(long)held.Time.TotalMilliseconds}ms"),
        .. held.IsOrphaned ? [Orphan] : Array.Empty<string>(),
        .. held.Program is null ? Array.Empty<string>() : [UntilListening],
        .. held.Ports.Select(static port => port.ToString(CultureInfo.InvariantCulture)),
    ];

    private static Errno PlainInput(out SafeFileDescriptor nothing)
    {
        var errno = OpenAt.Open(OpenAt.WorkingDirectory, "/dev/null\0"u8, out var number);
        nothing = new SafeFileDescriptor(errno == Errno.None ? number : -1);
        return errno;
    }

    private static bool TryParse(string text, out TimeSpan time)
    {
        var isTime = text.EndsWith("ms", StringComparison.Ordinal) & long.TryParse(text.AsSpan(0, Math.Max(0, text.Length - 2)), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds <= (long)TimeSpan.FromDays(1).TotalMilliseconds;
        time = isTime ? TimeSpan.FromMilliseconds(milliseconds) : default;
        return isTime;
    }
}
