namespace Bindwise;

/// <summary>A program to run with sockets of this process. Immutable; checked when it is started.</summary>
[SupportedOSPlatform("linux")]
public sealed record ChildServerOptions
{
    /// <summary>The program: a path, or a name to look up in PATH.</summary>
    public required string Program { get; init; }

    /// <summary>Its arguments, without its own name.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>How its environment differs from this process's; a null value removes the variable.</summary>
    public ImmutableDictionary<string, string?> Environment { get; init; } = ImmutableDictionary<string, string?>.Empty;

    /// <summary>The sockets, 1 to 1,024, which become its descriptors 3, 4… in this order.</summary>
    public required ImmutableArray<ChildSocket> Sockets { get; init; }

    /// <summary>
    /// LISTEN_PID is the child's own id, as sd_listen_fds(3) requires. The id is known only after the start, so <c>/bin/sh</c> sets it and
    /// then becomes the program, in the same process. False: LISTEN_PID is left out and no shell is needed; the child must then take
    /// sockets without LISTEN_PID (<see cref="ListenPidMismatch.Take"/>).
    /// </summary>
    public bool TellsProcessId { get; init; } = true;

    /// <summary>
    /// The child says that it is ready: <c>READY=1</c> over NOTIFY_SOCKET (sd_notify(3)), as <see cref="ServiceNotifier.Ready"/> does.
    /// False: it counts as ready as soon as it is started, and has no NOTIFY_SOCKET.
    /// </summary>
    public bool ExpectsReady { get; init; }

    /// <summary>
    /// How long a start may take until the child is ready, more than zero and at most 24 days, or infinite; then it is stopped, which
    /// counts as a failure.
    /// </summary>
    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The time between SIGTERM and SIGKILL, zero to 24 days or infinite, when the server itself stops a child: one that is replaced or not
    /// ready in time, and in <see cref="ChildServer.DisposeAsync"/>.
    /// </summary>
    public TimeSpan StopGracePeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>When and how often a child that ended is started again; null: never.</summary>
    public ChildRestartOptions? Restart { get; init; }

    /// <summary>What happens to the child when this process ends without stopping it, even by SIGKILL.</summary>
    public ParentExitAction OnParentExit { get; init; } = ParentExitAction.Terminate;

    /// <summary>
    /// Called with the process id after each start; null for none. An exception from it kills that child: it comes out of <see
    /// cref="ChildServer.Start"/> or <see cref="ChildServer.RestartAsync"/>, where the former child goes on; after a restart by itself the
    /// server has ended, and it comes out of <see cref="ChildServer.WaitForExitAsync"/>.
    /// </summary>
    public Action<int>? OnStarted { get; init; }

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(ChildServerOptions? other) => other is not null
        && Arguments.AsSpan().SequenceEqual(other.Arguments.AsSpan())
        && Sockets.AsSpan().SequenceEqual(other.Sockets.AsSpan())
        && (Program, TellsProcessId, ExpectsReady, ReadyTimeout, StopGracePeriod) == (other.Program, other.TellsProcessId,
            other.ExpectsReady, other.ReadyTimeout, other.StopGracePeriod)
        && (Restart, OnParentExit, OnStarted) == (other.Restart, other.OnParentExit, other.OnStarted)
        && Environment.Count == other.Environment.Count
        && Environment.All(one => other.Environment.TryGetValue(one.Key, out var value) && value == one.Value);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Arguments.IsDefault ? 0 : Arguments.Length, Program, TellsProcessId, ExpectsReady, ReadyTimeout, StopGracePeriod,
            Restart);
}

/// <summary>A socket to pass to a child, and its name there. Equal only to itself.</summary>
public sealed class ChildSocket
{
    /// <summary>A socket and its name.</summary>
    /// <param name="socket">The socket; it stays this process's own too, which closes it.</param>
    /// <param name="name">Its name in LISTEN_FDNAMES: at most 255 printable ASCII characters without a
    /// colon (checked when the child is started).</param>
    /// <exception cref="ArgumentNullException">One of them is null.</exception>
    public ChildSocket(Socket socket, string name)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(name);
        (Socket, Name) = (socket, name);
    }

    /// <summary>The socket.</summary>
    public Socket Socket { get; }

    /// <summary>Its name in LISTEN_FDNAMES.</summary>
    public string Name { get; }

    /// <summary>All sockets of a listener, under one name.</summary>
    /// <param name="listener">The listener, which keeps them.</param>
    /// <param name="name">Their name.</param>
    public static ImmutableArray<ChildSocket> Of(BoundListener listener, string name)
    {
        ArgumentNullException.ThrowIfNull(listener);
        return [.. listener.Sockets.Select(one => new ChildSocket(one.Socket, name))];
    }
}

/// <summary>When and how often a child that ended is started again.</summary>
public sealed record ChildRestartOptions
{
    /// <summary>Which ends lead to a restart; by default any.</summary>
    public ChildRestartReasons RestartOn { get; init; } = ChildRestartReasons.Any;

    /// <summary>
    /// The delay before the first restart, not negative; it doubles with each restart in a row, up to <see cref="MaxDelay"/>.
    /// </summary>
    public TimeSpan InitialDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest delay before a restart, not below <see cref="InitialDelay"/> and at most 24 days.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The most restarts in a row, 1 or more; null: no limit. After the last one fails, the server has ended.</summary>
    public int? MaxAttempts { get; init; }

    /// <summary>How long a child must run for the next restart to count as the first again, more than zero.</summary>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Called before each delay, for a log; null for none. An exception from it ends the server.</summary>
    public Action<ChildRestartContext>? OnRestart { get; init; }
}

/// <summary>A child that ended and will be started again, passed to <see cref="ChildRestartOptions.OnRestart"/>.</summary>
public sealed record ChildRestartContext
{
    /// <summary>The process that ended.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Its exit code; 128 plus the signal's number if a signal ended it; null if the system kept none.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Why it was not ready in time, or why the restart before this one failed; null for a child that was ready.</summary>
    public Exception? Failure { get; init; }

    /// <summary>Which restart in a row this is, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>How long until the restart.</summary>
    public required TimeSpan Delay { get; init; }
}

/// <summary>Which ends of a child lead to a restart.</summary>
[Flags]
public enum ChildRestartReasons
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>An exit code other than 0, a signal, or not ready in time.</summary>
    Failure = 1,

    /// <summary>Exit code 0.</summary>
    Success = 2,

    /// <summary>Any end.</summary>
    Any = Failure | Success,
}

/// <summary>What happens to a child when its parent ends without stopping it.</summary>
public enum ParentExitAction
{
    /// <summary>It is asked to stop (SIGTERM), and can finish its connections.</summary>
    Terminate = 0,

    /// <summary>It is killed (SIGKILL).</summary>
    Kill = 1,

    /// <summary>Nothing: it runs on, with the port.</summary>
    KeepRunning = 2,
}
