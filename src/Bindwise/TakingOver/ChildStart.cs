using System.Collections;

namespace Bindwise;

/// <summary>Starts the program of a <see cref="ChildServer"/>, as often as it is wanted, with copies of the sockets of its own.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ChildStart : IDisposable
{
    private const string Shell = "/bin/sh";
    private const string Env = "/usr/bin/env";
    private const int First = PassedDescriptor.First;

    // What timers take.
    private static readonly TimeSpan LongestTime = TimeSpan.FromDays(24);

    private readonly List<SafeFileDescriptor> _copies = [];

    /// <summary>Checks the options, and copies the sockets.</summary>
    /// <exception cref="ArgumentException">They are not valid.</exception>
    /// <exception cref="ObjectDisposedException">A socket is closed.</exception>
    /// <exception cref="IOException">A socket cannot be copied.</exception>
    internal ChildStart(ChildServerOptions options)
    {
        Options = options;
        Check(options);
        try
        {
            foreach (var one in options.Sockets)
            {
                // Above the numbers that the child's get, so that filling one overwrites none that is still to be given.
                var errno = DuplicateDescriptor.Copy(one.Socket.SafeHandle, Above, out var copy);
                if (errno != Errno.None)
                    throw new IOException($"Cannot copy the socket '{one.Name}' for {options.Program}: {errno}.");
                _copies.Add(copy);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal ChildServerOptions Options { get; }

    // Above the sockets and the lifeline.
    private int Above => First + Options.Sockets.Length + 1;

    /// <exception cref="IOException">The program is not there (<see cref="FileNotFoundException"/>),
    /// or the system refused to start it.</exception>
    internal ChildProcess Run()
    {
        var program = ProgramPath.Find(Options.Program);
        var notifications = Options.ExpectsReady ? ReadyNotification.Open() : null;
        SafeFileDescriptor? watched = null, held = null;
        var isRunning = false;
        try
        {
            if (Options.OnParentExit != ParentExitAction.KeepRunning)
                (watched, held) = Lifeline();
            var lifeline = First + _copies.Count;
            var plan = PlanOf(program, notifications?.Address) with
            {
                Descriptors = [.. _copies.Select(static (copy, index) => (copy, First + index)),
                    .. watched is null ? [] : ((SafeFileDescriptor, int)[])[(watched, lifeline)]],
                DefaultSignals = [SignalCall.BrokenPipe],
                CloseFrom = watched is null ? lifeline : lifeline + 1,
            };
            var failure = SpawnCall.Start(plan, out var process);
            if (failure != Errno.None)
                throw new IOException($"Cannot start {program}: {failure}.");
            isRunning = true;
            if (watched is not null)
                _ = LifelineCall.Arm(watched, process,
                    Options.OnParentExit == ParentExitAction.Kill ? SignalCall.Kill : SignalCall.Terminate);
            return new ChildProcess(process, held, notifications, Options);
        }
        finally
        {
            watched?.Dispose();
            if (!isRunning)
            {
                held?.Dispose();
                notifications?.Dispose();
            }
        }
    }

    /// <summary>Closes the copies: the next start is impossible.</summary>
    public void Dispose() => _copies.ForEach(static copy => copy.Dispose());

    private (SafeFileDescriptor Watched, SafeFileDescriptor Held) Lifeline()
    {
        var errno = LifelineCall.Open(out var low, out var held);
        if (errno != Errno.None)
            throw new IOException($"Cannot open a pipe for {Options.Program}: {errno}.");
        // Moved out of the way of the child's numbers, as the sockets are.
        return (DuplicateDescriptor.Move(low, Above), held);
    }

    private SpawnPlan PlanOf(string program, string? notifications)
    {
        var variables = EnvironmentOf(notifications);
        if (!Options.TellsProcessId)
            return new SpawnPlan(program, [program, .. Options.Arguments], [.. variables.Select(Line)]);
        if (!File.Exists(Shell))
            throw new FileNotFoundException(
                $"{Shell}, which sets LISTEN_PID, does not exist: set {nameof(ChildServerOptions.TellsProcessId)} = false, and let the "
                    + "child take sockets without LISTEN_PID.", Shell);
        // A parent that was killed before it could ask for the signal of its end: the shell has another parent then.
        var parent = Options.OnParentExit == ParentExitAction.KeepRunning ? ""
            : string.Create(CultureInfo.InvariantCulture, $"[ \"$PPID\" = {Environment.ProcessId} ] || exit 1; ");
        // Shells drop variables that they could not name themselves, as Logging:Level: env(1) adds them again.
        var odd = variables.Where(static one => !IsShellName(one.Key)).Select(Line).ToImmutableArray();
        string[] arguments = odd.IsEmpty
            ? [parent + "export LISTEN_PID=$$; exec \"$@\"", "sh", program, .. Options.Arguments]
            : [parent + $"exec {Env} \"LISTEN_PID=$$\" \"$@\"", "sh", .. odd, program, .. Options.Arguments];
        return new SpawnPlan(Shell, ["sh", "-c", .. arguments], [.. variables.Where(static one => IsShellName(one.Key)).Select(Line)]);
    }

    private Dictionary<string, string> EnvironmentOf(string? notifications)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry one in Environment.GetEnvironmentVariables())
            variables[(string)one.Key] = (string?)one.Value ?? "";
        // What this process's own service manager said to this process is not for the child.
        foreach (var name in (ReadOnlySpan<string>)["LISTEN_PID", "LISTEN_PIDFDID", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"])
            _ = variables.Remove(name);
        foreach (var (name, value) in Options.Environment)
        {
            if (value is null)
                _ = variables.Remove(name);
            else
                variables[name] = value;
        }
        variables["LISTEN_FDS"] = Options.Sockets.Length.ToString(CultureInfo.InvariantCulture);
        variables["LISTEN_FDNAMES"] = string.Join(':', Options.Sockets.Select(static one => one.Name));
        if (notifications is not null)
            variables["NOTIFY_SOCKET"] = notifications;
        return variables;
    }

    private static void Check(ChildServerOptions options)
    {
        if (options.Environment is null)
            throw new ArgumentNullException(nameof(options), "Environment must not be null: leave it out for this process's own.");
        if (options.Sockets.IsDefaultOrEmpty || options.Sockets.Length > PassedVariables.MostSockets)
            throw new ArgumentException($"Name 1 to {PassedVariables.MostSockets} sockets to pass on.", nameof(options));
        foreach (var one in options.Sockets)
        {
            if (one?.Socket is null)
                throw new ArgumentException("One of the sockets to pass on is null.", nameof(options));
            if (one.Name is null || !PassedVariables.IsName(one.Name))
                throw new ArgumentException("A socket's name is at most 255 printable ASCII characters without a colon.", nameof(options));
        }
        if (options.Arguments.IsDefault || options.Arguments.Any(static one => one is null || one.Contains('\0', StringComparison.Ordinal)))
            throw new ArgumentException("An argument is text without a NUL character.", nameof(options));
        foreach (var (name, value) in options.Environment)
        {
            if (name.Length == 0 || name.AsSpan().ContainsAny('=', '\0') || value?.Contains('\0', StringComparison.Ordinal) == true)
                throw new ArgumentException("An environment variable has a name without '=', and no NUL character.", nameof(options));
        }
        CheckTimes(options);
    }

    private static void CheckTimes(ChildServerOptions options)
    {
        if ((options.ReadyTimeout <= TimeSpan.Zero && options.ReadyTimeout != Timeout.InfiniteTimeSpan)
            || options.ReadyTimeout > LongestTime)
            throw new ArgumentException("ReadyTimeout must be more than zero and at most 24 days, or infinite.", nameof(options));
        if ((options.StopGracePeriod < TimeSpan.Zero && options.StopGracePeriod != Timeout.InfiniteTimeSpan)
            || options.StopGracePeriod > LongestTime)
            throw new ArgumentException("StopGracePeriod must not be negative, and at most 24 days, or infinite.", nameof(options));
        if (!Enum.IsDefined(options.OnParentExit))
            throw new ArgumentException("OnParentExit is not a valid value.", nameof(options));
        if (options.Restart is not { } restart)
            return;
        if ((restart.RestartOn & ~ChildRestartReasons.Any) != 0)
            throw new ArgumentException("Restart.RestartOn must be a combination of ChildRestartReasons values.", nameof(options));
        if (restart.InitialDelay < TimeSpan.Zero || restart.MaxDelay < restart.InitialDelay || restart.MaxDelay > LongestTime)
            throw new ArgumentException("Restart.InitialDelay must not be negative, and Restart.MaxDelay not below it and at most 24 days.",
                nameof(options));
        if (restart.MaxAttempts < 1 || restart.StableAfter <= TimeSpan.Zero)
            throw new ArgumentException("Restart.MaxAttempts must be 1 or more, and Restart.StableAfter more than zero.", nameof(options));
    }

    private static bool IsShellName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(static one => char.IsAsciiLetterOrDigit(one) || one == '_');

    private static string Line(KeyValuePair<string, string> variable) => $"{variable.Key}={variable.Value}";
}

/// <summary>Where a program is: before it is started, so that a wrong name is an error of the start and not of the child.</summary>
internal static class ProgramPath
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <param name="program">A path, or a name that is looked for in PATH.</param>
    /// <exception cref="ArgumentException">It is empty, or has a NUL character.</exception>
    /// <exception cref="FileNotFoundException">It is not there, or is not executable.</exception>
    internal static string Find(string program)
    {
        ArgumentException.ThrowIfNullOrEmpty(program);
        if (program.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("A program's name cannot contain a NUL character.", nameof(program));
        var candidates = program.Contains('/', StringComparison.Ordinal)
            ? [program]
            : (Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin").Split(':',
                StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, program));
        return candidates.Select(Path.GetFullPath).FirstOrDefault(IsExecutable)
            ?? throw new FileNotFoundException(
                $"{program} cannot be started: no executable file has that name"
                    + $"{(program.Contains('/', StringComparison.Ordinal) ? "" : " in PATH")}.", program);
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & AnyExecute) != 0);
}
