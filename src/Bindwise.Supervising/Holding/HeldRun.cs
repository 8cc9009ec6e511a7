namespace Bindwise.Supervising.Holding;

/// <summary>Runs a program as its parent, starts it again when it has ended, and gives each start the sockets of the last.</summary>
[SupportedOSPlatform("linux")]
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
        {
            var start = Encoding.UTF8.GetBytes(name + "=");
            environment.RemoveAll(one => one.AsSpan().StartsWith(start));
            environment.Add([.. start, .. Encoding.UTF8.GetBytes(value)]);
        }
        var isDisconnecting = DisconnectingProgram.Is(command[0]);
        ThreadNameCall.Set("bindwise\0"u8);
        using var manager = ServiceNotification.Open();
        using var sockets = new KeptSockets(manager) { AreDisconnected = isDisconnecting };
        PassedToSupervisor.Take(sockets);
        foreach (var name in PassedToSupervisor.Variables)
            environment.RemoveAll(one => one.AsSpan().StartsWith(Encoding.UTF8.GetBytes(name + "=")));
        if (manager is not null)
        {
            environment.RemoveAll(static one => one.AsSpan().StartsWith("NOTIFY_SOCKET="u8));
            environment.Add(Encoding.UTF8.GetBytes("NOTIFY_SOCKET=" + manager.Address));
        }
        var calls = (plan.ReuseAddress ? HandedCalls.ReuseAddress : HandedCalls.None) | (plan.HasMoves ? HandedCalls.Rings
            : HandedCalls.None);
        using var program =
            new HeldProgram(plan, hold, new StartRecipe(command, environment, mask, files, calls), report, sockets, manager, new Lock());
        return program.Run();
    }
}
