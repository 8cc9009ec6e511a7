using System.Runtime.CompilerServices;
using Bindwise.Model.Restarting;
using Bindwise.Supervising.Restarting;

namespace Bindwise.Supervising.Holding;

/// <summary>Runs a program as its parent, starts it again when it has ended, and gives each start the sockets of the last.</summary>
internal static class HeldRun
{
    /// <summary>Makes this process ready: it executes itself once more, with the same arguments, and returns the second time.</summary>
    /// <param name="readRaw">The last arguments of this process as bytes.</param>
    /// <exception cref="SupervisionException">It cannot be made ready.</exception>
    public static void Prepare(Func<int, byte[][]?> readRaw)
    {
        if (BlockedSignals.TryRead(out _, out _))
            return;
        var errno = BlockedSignals.Block(readRaw);
        throw new SupervisionException($"--hold cannot execute bindwise anew ({StartObstacle.Of(errno)})");
    }

    /// <param name="command">The program, a path or a name to look for in PATH, and its arguments:
    /// bytes, since they need not be UTF-8.</param>
    /// <returns>The exit code of the last start; 128 and the signal's number where a signal ended it.</returns>
    /// <exception cref="SupervisionException">The plan cannot be followed; the program was not started.</exception>
    public static int Run(SupervisionPlan plan, HoldPlan hold, IReadOnlyList<byte[]> command,
        IEnumerable<KeyValuePair<string, string>> variables, ISupervisionReport report)
    {
        if (!BlockedSignals.TryRead(out var mask, out var files))
            throw new InvalidOperationException("Prepare() comes first.");
        if (report.Open(plan) is { } fault)
            throw new SupervisionException(fault);
        var environment = BlockedSignals.EnvironmentWithout();
        foreach (var (name, value) in variables)
            ProcessReplacement.SetVariable(environment, name, value);
        var isDisconnecting = DisconnectingProgram.Is(command[0]);
        ThreadNameCall.Set("bindwise\0"u8);
        using var manager = ServiceNotification.Open();
        using var sockets = new KeptSockets(manager) { AreDisconnected = isDisconnecting };
        var unused = PassedToSupervisor.Take(sockets);
        foreach (var name in PassedToSupervisor.Variables)
            ProcessReplacement.SetVariable(environment, name, null);
        if (manager is not null)
            ProcessReplacement.SetVariable(environment, "NOTIFY_SOCKET", manager.Address);
        var calls = (plan.ReuseAddress ? HandedCalls.ReuseAddress : HandedCalls.None) | (plan.HasMoves ? HandedCalls.Rings
            : HandedCalls.None);
        using var program =
            new HeldProgram(plan, hold, new StartRecipe(command, environment, mask, files, calls), report, sockets, manager, new Lock());
        return program.Run(unused);
    }
}

/// <summary>How a program is started again with the sockets of its last start.</summary>
internal sealed record HoldPlan
{
    public RestartPolicy Restart { get; init; }
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Files whose change means a restart, as patterns (<see cref="GlobPattern"/>).</summary>
    public ImmutableArray<string> Watch { get; init; } = [];

    /// <summary>A restart that is asked for, or follows a change, starts the new one before the old one is told to stop.</summary>
    public bool Overlap { get; init; }

    /// <summary>
    /// Each start gets what is kept as descriptors 3 and so on, with LISTEN_FDS; one that binds all the same gets it in its place.
    /// </summary>
    public bool PassesSockets { get; init; }

    /// <summary>What these are called there, in the order in which they were first kept: printable ASCII without colons.</summary>
    public ImmutableArray<string> Names { get; init; } = [];
}

/// <summary>
/// Signals with their sender are read from a descriptor (signalfd(2)), for which every thread has to block them; the runtime's threads are
/// there before the first line of the program. So this process blocks them and executes itself again: the new threads all inherit it.
/// </summary>
internal static class BlockedSignals
{
    private const string Variable = "BINDWISE_HELD";
    internal const int HangUp = 1;
    internal const int Interrupt = SignalNames.Interrupt;
    internal const int Quit = SignalNames.Quit;
    internal const int Terminate = SignalNames.Terminate;
    internal const int Child = 17;
    private const int WindowChange = 28;

    /// <summary>What is read from the descriptor; the same numbers on x64 and arm64.</summary>
    internal static ulong Set =>
        SignalSet.Of(HangUp, Interrupt, Quit, SignalNames.User1, SignalNames.User2, Terminate, Child, WindowChange);

    /// <summary>
    /// Whether they are blocked in every thread; then what was blocked before, for the program, and its limit of open files (0: as it is).
    /// </summary>
    internal static bool TryRead(out ulong mask, out ulong files)
    {
        (mask, files) = (0, 0);
        return Environment.GetEnvironmentVariable(Variable)?.Split(' ') is [var process, var blocked, var limit]
            && int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id == Environment.ProcessId
            && ulong.TryParse(blocked, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out mask)
            && ulong.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out files);
    }

    /// <summary>
    /// Executes this program again, with the same arguments, with the signals blocked; returns only where that does not work.
    /// </summary>
    internal static Errno Block(Func<int, byte[][]?> readRaw)
    {
        var arguments = readRaw(Environment.GetCommandLineArgs().Length - 1);
        if (arguments is null)
            return Errno.EIO;
        var files = 0UL;
        if (RuntimeFeature.IsDynamicCodeCompiled)
        {
            ResourceLimitCall.TakeOpenFilesOfParent();
            _ = ResourceLimitCall.Read(ResourceLimitCall.OpenFiles, out files);
        }
        var before = SignalMaskCall.Blocked;
        var variable = string.Create(CultureInfo.InvariantCulture, $"{Variable}={Environment.ProcessId} {before:x} {files}");
        SignalMaskCall.Blocked = before | Set;
        InheritedSignals.Restore();
        var errno = ExecuteCall.Execute(
            Encoding.UTF8.GetBytes(OwnProgram.File), [.. OwnProgram.Words.Select(Encoding.UTF8.GetBytes), .. arguments],
            [.. EnvironmentWithout(), Encoding.UTF8.GetBytes(variable)]);
        InheritedSignals.Ignore();
        SignalMaskCall.Blocked = before;
        return errno;
    }

    internal static List<byte[]> EnvironmentWithout()
    {
        var environment = ProcessReplacement.ReadEnvironment();
        ProcessReplacement.SetVariable(environment, Variable, null);
        return environment;
    }
}
