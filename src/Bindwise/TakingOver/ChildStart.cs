using System.Collections;
using Bindwise.Linux.Notifying;

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
            if (watched is not null)
                _ = LifelineCall.Arm(watched, process,
                    Options.OnParentExit == ParentExitAction.Kill ? SignalCall.Kill : SignalCall.Terminate);
            try
            {
                var child = new ChildProcess(process, held, notifications, Options);
                isRunning = true;
                return child;
            }
            catch (OutOfMemoryException)
            {
                ChildProcess.EndUnwatched(process);
                throw;
            }
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
            ?? throw new FileNotFoundException($"{program} cannot be started: no executable file has that name"
                    + $"{(program.Contains('/', StringComparison.Ordinal) ? "" : " in PATH")}.", program);
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & AnyExecute) != 0);
}

/// <summary>One start of a child server. Thread-safe.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ChildProcess
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<int?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Exception?> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SafeFileDescriptor? _lifeline;
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private bool _isReaped;

    /// <summary>Watches a child that was just started.</summary>
    internal ChildProcess(int id, SafeFileDescriptor? lifeline, ReadyNotification? notifications, ChildServerOptions options)
    {
        Id = id;
        _lifeline = lifeline;
        if (notifications is null)
            _ready.SetResult(null);
        new Thread(AwaitEnd) { IsBackground = true, Name = "bindwise child" }.Start();
        if (notifications is null)
            return;
        new Thread(() => AwaitReady(notifications)) { IsBackground = true, Name = "bindwise ready" }.Start();
        _ = LimitAsync(options);
    }

    /// <summary>Ends a child of which no thread can be had to see its end.</summary>
    internal static void EndUnwatched(int id)
    {
        _ = SignalCall.SendToChild(id, SignalCall.Kill);
        _ = ChildWaitCall.AwaitEnd(id, out _);
        _ = ChildWaitCall.TryReap(id);
    }

    internal int Id { get; }

    internal TimeSpan Age => Stopwatch.GetElapsedTime(_startedAt);

    /// <summary>Completes when it has ended, with its exit code as <see cref="ChildServer.WaitForExitAsync"/> gives it.</summary>
    internal Task<int?> Ended => _ended.Task;

    /// <summary>Completes with null when it is ready, or with why it never will be.</summary>
    internal Task<Exception?> Ready => _ready.Task;

    /// <summary>SIGTERM, and SIGKILL after the grace period.</summary>
    internal async Task StopAsync(TimeSpan gracePeriod, CancellationToken cancellationToken)
    {
        Send(SignalCall.Terminate);
        try
        {
            _ = await Ended.WaitAsync(gracePeriod, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Kill();
            _ = await Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>SIGKILL; nothing if it has ended.</summary>
    internal void Kill() => Send(SignalCall.Kill);

    /// <summary>SIGKILL; where the system refuses, as for a child of another user, it runs on.</summary>
    internal void TryKill() => _ = TrySend(SignalCall.Kill);

    private void Send(int signal)
    {
        if (TrySend(signal) is var errno and not (Errno.None or Errno.ESRCH))
            throw new IOException($"Cannot send process {Id} a signal: {errno}.");
    }

    // Its number may be another process's once it was reaped: no signal goes there.
    private Errno TrySend(int signal)
    {
        lock (_gate)
            return _isReaped ? Errno.None : SignalCall.SendToChild(Id, signal);
    }

    private void AwaitEnd()
    {
        var errno = ChildWaitCall.AwaitEnd(Id, out var exitCode);
        lock (_gate)
        {
            _ = ChildWaitCall.TryReap(Id);
            _isReaped = true;
        }
        _lifeline?.Dispose();
        var outcome = errno == Errno.None ? string.Create(CultureInfo.InvariantCulture, $" with exit code {exitCode}") : "";
        _ = _ready.TrySetResult(
            new IOException($"Process {Id} ended{outcome} before it was ready (READY=1, sd_notify(3)): see what it wrote to its output."));
        _ended.SetResult(errno == Errno.None ? exitCode : null);
    }

    private void AwaitReady(ReadyNotification notifications)
    {
        using (notifications)
        {
            if (notifications.Await(Id, Ended))
                _ = _ready.TrySetResult(null);
        }
    }

    private async Task LimitAsync(ChildServerOptions options)
    {
        try
        {
            _ = await Ready.WaitAsync(options.ReadyTimeout).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            var seconds = options.ReadyTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            if (_ready.TrySetResult(
                new TimeoutException(
                    $"Process {Id} was not ready within {seconds} s: it must send READY=1 to NOTIFY_SOCKET (sd_notify(3)), as "
                        + "ServiceNotifier.Ready() does.")))
                await StopAsync(options.StopGracePeriod, CancellationToken.None).ConfigureAwait(false);
        }
    }
}

/// <summary>Where one child says that it is ready: a socket of its own.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ReadyNotification(NotifySocket socket) : IDisposable
{
    private static readonly TimeSpan WithoutHandle = TimeSpan.FromMilliseconds(250);

    /// <summary>The child's NOTIFY_SOCKET.</summary>
    internal string Address => socket.Address;

    internal static ReadyNotification Open() => NotifySocket.Open(out var opened) is not Errno.None and var errno
        ? throw new IOException($"Cannot open a socket for the child's NOTIFY_SOCKET: {errno}.")
        : new ReadyNotification(opened!);

    /// <summary>Waits until the child, or a process that it started, says READY=1.</summary>
    internal bool Await(int child, Task ended)
    {
        // Before Linux 5.3 there is no handle on a process: a look now and then takes its place.
        var hasHandle = PidFdGetFd.OpenProcess(child, 0, out var handle) == Errno.None;
        using (handle)
        {
            while (true)
            {
                var patience = hasHandle ? Timeout.InfiniteTimeSpan : WithoutHandle;
                if (socket.Due is { } due && (hasHandle || due < patience))
                    patience = due > TimeSpan.Zero ? due : TimeSpan.Zero;
                _ = PollCall.WaitUntilAnyReadable([socket.Number, hasHandle ? handle.Number : -1], patience, out var happened);
                if (socket.Take(child, isOwnUserEnough: false).Exists(static text => Array.IndexOf(text.Split('\n'), "READY=1") >= 0))
                    return true;
                if ((happened & 2) != 0 || ended.IsCompleted)
                    return false;
            }
        }
    }

    public void Dispose() => socket.Dispose();
}
