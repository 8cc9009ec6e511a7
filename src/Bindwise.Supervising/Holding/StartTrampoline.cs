namespace Bindwise.Supervising.Holding;

/// <summary>What a start needs to become the program exactly as this process would have.</summary>
/// <param name="SignalMask">The signals that are blocked for it (<see cref="SignalSet"/>).</param>
/// <param name="OpenFiles">Its limit of open files; 0: this process's.</param>
internal sealed record StartRecipe(IReadOnlyList<byte[]> Command, IReadOnlyList<byte[]> Environment, ulong SignalMask, ulong OpenFiles,
    HandedCalls Calls);

/// <summary>
/// The child between its start and the program: this program again, as <c>bindwise run --start</c>, which installs the filter, sends its
/// listener and executes the program.
/// </summary>
internal static class StartTrampoline
{
    private const string Option = "--start";
    private const string Diagnostics = "DOTNET_EnableDiagnostics";
    private const string Watchdog = "WATCHDOG_PID";
    private const string Keep = "";
    private const string Without = "-";

    // After the numbers that programs are given.
    private const int LeastNumber = 10;

    internal static Errno Start(StartRecipe recipe, out int process, out SafeFileDescriptor channel)
    {
        process = 0;
        var errno = SocketPairCall.Open(out channel, out var theirs);
        using (theirs)
        {
            if (errno != Errno.None)
                return errno;
            errno = DuplicateDescriptor.Copy(theirs, LeastNumber, out var end);
            using (end)
            {
                if (errno != Errno.None)
                    return errno;
                errno = DuplicateDescriptor.Copy(theirs, end.Number + 1, out var place);
                using (place)
                    return errno == Errno.None ? SpawnCall.Start(PlanOf(recipe, end, place.Number), out process) : errno;
            }
        }
    }

    /// <summary>Becomes the program, where the command line is that of a start.</summary>
    /// <param name="readRaw">The last arguments of this process as bytes.</param>
    /// <returns>False when this process is none. It does not return otherwise.</returns>
    public static bool TryBecome(string[] arguments, Func<int, byte[][]?> readRaw)
    {
        if (arguments is not [SupervisorProcess.Verb, Option, var argument, var diagnostics, _, ..]
            || StartOrder.FromArgument(argument) is not { } order || readRaw(arguments.Length - 4) is not { } command)
            return false;
        using var channel = new SafeFileDescriptor(order.Channel);
        if (CloseOnExecCall.Set(order.Channel, out _) != Errno.None)
            return false;
        if (order.OpenFiles != 0)
            ResourceLimitCall.SetOpenFiles(order.OpenFiles);
        var (sockets, names) = (Array.Empty<SafeFileDescriptor>(), "");
        var hadNoNewPrivileges = SeccompCall.HasNoNewPrivileges();
        var filter = CallFilter.OfRun(order.Calls.HasFlag(HandedCalls.ReuseAddress), order.Calls.HasFlag(HandedCalls.Rings), holds: true,
            order.Connects);
        var errno = SeccompCall.Install(filter, out var listener, out var isKillableOnly);
        using (listener)
        {
            var facts = ChannelText.FactsOf(isKillableOnly, hadNoNewPrivileges);
            int[] passed = errno == Errno.None ? [listener.Number] : [];
            var word = errno == Errno.None ? ChannelText.Of(facts) : ChannelText.Of(errno.ToString());
            // Without an answer this process's parent has ended.
            if (!ChannelText.Send(channel, word, passed)
                || ChannelText.Receive(channel, out sockets) is not [ChannelText.Ready, .. var given])
                ParentDeathCall.Exit(1);
            else
                names = given;
        }
        SignalMaskCall.Blocked = order.SignalMask;
        List<KeyValuePair<string, string?>> variables =
            diagnostics == Keep ? [] : [new(Diagnostics, diagnostics == Without ? null : diagnostics[1..])];
        var own = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        // The service's watchdog looks at whoever runs it, and that is the program.
        if (Environment.GetEnvironmentVariable(Watchdog) == ParentDeathCall.Parent().ToString(CultureInfo.InvariantCulture))
            variables.Add(new(Watchdog, own));
        if (sockets.Length > 0)
            variables.AddRange([new("LISTEN_FDS", sockets.Length.ToString(CultureInfo.InvariantCulture)), new("LISTEN_PID", own),
                new("LISTEN_FDNAMES", names)]);
        var why = ProcessReplacement.Become(command, variables, sockets, out var exitCode);
        _ = ChannelText.Send(channel, ChannelText.Fault + why);
        ParentDeathCall.Exit(exitCode);
        return true;
    }

    private static SpawnPlan PlanOf(StartRecipe recipe, SafeFileDescriptor end, int place)
    {
        var name = Encoding.UTF8.GetBytes(Diagnostics + "=");
        var old = recipe.Environment.LastOrDefault(one => one.AsSpan().StartsWith(name));
        // The runtime would leave a socket in /tmp for each start.
        var diagnostics = !OwnProgram.IsRuntime ? Keep : old is null ? Without : "=" + Encoding.UTF8.GetString(old.AsSpan(name.Length));
        List<byte[]> environment = [.. recipe.Environment];
        if (OwnProgram.IsRuntime)
            ProcessReplacement.SetVariable(environment, Diagnostics, "0");
        var order = new StartOrder(place, recipe.SignalMask, recipe.OpenFiles, recipe.Calls);
        return new SpawnPlan(OwnProgram.File, [.. OwnProgram.Words, SupervisorProcess.Verb, Option, order.ToArgument(), diagnostics], [])
        {
            RawArguments = recipe.Command,
            RawEnvironment = environment,
            Descriptors = [(end, place)],
            DefaultSignals = InheritedSignals.Defaults,
        };
    }
}
