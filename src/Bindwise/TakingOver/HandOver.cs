using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Bindwise.Linux.Native;
using Bindwise.Linux.PassedSockets;

namespace Bindwise;

/// <summary>
/// Passes sockets to a child, as systemd does (LISTEN_FDS, sd_listen_fds(3)). This process keeps its own copies: while it has them, connections
/// wait for the next child, and none is refused. Linux only.
/// </summary>
[SupportedOSPlatform("linux")]
public static class HandOver
{
    private const string Shell = "/bin/sh";
    private const string Env = "/usr/bin/env";

    /// <summary>
    /// Starts the program, by posix_spawn(3): descriptors 0, 1 and 2 are this process's, 3 and up are the sockets, and there are no others.
    /// </summary>
    /// <remarks>
    /// The child is in this process's group, so Ctrl+C ends both. If this process accepts asynchronously on a socket, the socket is non-blocking
    /// in the child too: both share O_NONBLOCK.
    /// </remarks>
    /// <param name="request">The program and its sockets.</param>
    /// <exception cref="ArgumentException">No sockets or too many, or an invalid name, argument or variable.</exception>
    /// <exception cref="FileNotFoundException">The program (or the shell that <see cref="HandOverRequest.TellsProcessId"/> needs) is not there.</exception>
    /// <exception cref="ObjectDisposedException">A socket is closed.</exception>
    /// <exception cref="IOException">The system refused to start it.</exception>
    public static HandedOverProcess Start(HandOverRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Check(request);
        var program = ProgramPath.Find(request.Program);
        var first = PassedDescriptor.First;
        var behind = first + request.Sockets.Length;
        var copies = new List<SafeFileDescriptor>(request.Sockets.Length);
        try
        {
            foreach (var one in request.Sockets)
            {
                // After the numbers that the child's get, so that filling one overwrites none that is still to be given.
                var errno = DuplicateDescriptor.Copy(one.Socket.SafeHandle, behind, out var copy);
                if (errno != Errno.None)
                    throw new IOException($"Cannot copy the socket '{one.Name}' for {program}: {errno}.");
                copies.Add(copy);
            }
            var plan = PlanOf(request, program) with
            {
                Descriptors = [.. copies.Select((copy, index) => (copy, first + index))],
                DefaultSignals = [SignalCall.BrokenPipe],
                CloseFrom = behind,
            };
            var failure = SpawnCall.Start(plan, out var process);
            return failure == Errno.None ? new HandedOverProcess(process) : throw new IOException($"Cannot start {program}: {failure}.");
        }
        finally
        {
            copies.ForEach(static copy => copy.Dispose());
        }
    }

    private static SpawnPlan PlanOf(HandOverRequest request, string program)
    {
        var variables = EnvironmentOf(request);
        if (!request.TellsProcessId)
            return new SpawnPlan(program, [program, .. request.Arguments], [.. variables.Select(Line)]);
        if (!File.Exists(Shell))
            throw new FileNotFoundException($"{Shell}, which sets LISTEN_PID, does not exist: set {nameof(HandOverRequest.TellsProcessId)} = false, and let the child take sockets without LISTEN_PID.", Shell);
        // Shells drop variables that they could not name themselves, as Logging:Level: env(1) adds them again.
        var odd = variables.Where(static one => !IsShellName(one.Key)).Select(Line).ToImmutableArray();
        string[] arguments = odd.IsEmpty
            ? ["export LISTEN_PID=$$; exec \"$@\"", "sh", program, .. request.Arguments]
            : [$"exec {Env} \"LISTEN_PID=$$\" \"$@\"", "sh", .. odd, program, .. request.Arguments];
        return new SpawnPlan(Shell, ["sh", "-c", .. arguments], [.. variables.Where(static one => IsShellName(one.Key)).Select(Line)]);
    }

    private static Dictionary<string, string> EnvironmentOf(HandOverRequest request)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry one in Environment.GetEnvironmentVariables())
            variables[(string)one.Key] = (string?)one.Value ?? "";
        foreach (var (name, value) in request.Environment)
        {
            if (value is null)
                _ = variables.Remove(name);
            else
                variables[name] = value;
        }
        _ = variables.Remove("LISTEN_PID");
        _ = variables.Remove("LISTEN_PIDFDID");
        variables["LISTEN_FDS"] = request.Sockets.Length.ToString(CultureInfo.InvariantCulture);
        variables["LISTEN_FDNAMES"] = string.Join(':', request.Sockets.Select(static one => one.Name));
        return variables;
    }

    private static void Check(HandOverRequest request)
    {
        if (request.Sockets.IsDefaultOrEmpty || request.Sockets.Length > PassedVariables.MostSockets)
            throw new ArgumentException($"Name 1 to {PassedVariables.MostSockets} sockets to pass on.", nameof(request));
        foreach (var one in request.Sockets)
        {
            if (!PassedVariables.IsName(one.Name))
                throw new ArgumentException("A socket's name is at most 255 printable ASCII characters without a colon.", nameof(request));
        }
        if (request.Arguments.IsDefault || request.Arguments.Any(static one => one is null || one.Contains('\0', StringComparison.Ordinal)))
            throw new ArgumentException("An argument is text without a NUL character.", nameof(request));
        foreach (var (name, value) in request.Environment)
        {
            if (name.Length == 0 || name.AsSpan().ContainsAny('=', '\0') || value?.Contains('\0', StringComparison.Ordinal) == true)
                throw new ArgumentException("An environment variable has a name without '=', and no NUL character.", nameof(request));
        }
    }

    private static bool IsShellName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(static one => char.IsAsciiLetterOrDigit(one) || one == '_');

    private static string Line(KeyValuePair<string, string> variable) => $"{variable.Key}={variable.Value}";
}

/// <summary>A program to start with sockets of this process. Immutable; checked when it is started.</summary>
public sealed record HandOverRequest
{
    /// <summary>The program: a path, or a name to look up in PATH.</summary>
    public required string Program { get; init; }

    /// <summary>Its arguments, without its own name.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>How its environment differs from this process's; a null value removes the variable.</summary>
    public ImmutableDictionary<string, string?> Environment { get; init; } = ImmutableDictionary<string, string?>.Empty;

    /// <summary>The sockets, 1 to 1,024, which become its descriptors 3, 4… in this order.</summary>
    public required ImmutableArray<HandedSocket> Sockets { get; init; }

    /// <summary>
    /// LISTEN_PID is the child's own id, as sd_listen_fds(3) requires. The id is known only after the start, so <c>/bin/sh</c> sets it and then
    /// becomes the program, in the same process. False: LISTEN_PID is left out and no shell is needed; the child must then take sockets without
    /// LISTEN_PID (<see cref="ListenPidMismatch.Take"/>).
    /// </summary>
    public bool TellsProcessId { get; init; } = true;

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(HandOverRequest? other) => other is not null
        && Sequence.AreEqual(Arguments, other.Arguments)
        && Sequence.AreEqual(Sockets, other.Sockets)
        && (Program, TellsProcessId) == (other.Program, other.TellsProcessId)
        && Environment.Count == other.Environment.Count && Environment.All(one => other.Environment.TryGetValue(one.Key, out var value) && value == one.Value);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Sequence.Hash(Arguments), Program, TellsProcessId);
}

/// <summary>A child started with sockets of this process. Thread-safe.</summary>
[SupportedOSPlatform("linux")]
public sealed class HandedOverProcess
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<int?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isReaped;

    internal HandedOverProcess(int id)
    {
        Id = id;
        new Thread(AwaitEnd) { IsBackground = true, Name = "bindwise child" }.Start();
    }

    /// <summary>Its process id: the one in its LISTEN_PID.</summary>
    public int Id { get; }

    /// <summary>
    /// Completes when the child has ended, with its exit code; 128 plus the signal's number if a signal ended it; null if this process ignores
    /// SIGCHLD, because the system then keeps no exit code.
    /// </summary>
    public Task<int?> Ended => _ended.Task;

    /// <summary>Asks it to stop (SIGTERM); does nothing if it has ended.</summary>
    /// <exception cref="IOException">The system refused, for instance for a child of another user.</exception>
    public void Terminate() => Send(SignalCall.Terminate);

    /// <summary>Kills it (SIGKILL); does nothing if it has ended. Connections that it had accepted are lost; those still waiting are not.</summary>
    /// <exception cref="IOException">The system refused, for instance for a child of another user.</exception>
    public void Kill() => Send(SignalCall.Kill);

    // Its number may be another process's once it was reaped: no signal goes there.
    private void Send(int signal)
    {
        lock (_gate)
        {
            var errno = _isReaped ? Errno.None : SignalCall.SendToChild(Id, signal);
            if (errno is not (Errno.None or Errno.ESRCH))
                throw new IOException($"Cannot send process {Id} a signal: {errno}.");
        }
    }

    private void AwaitEnd()
    {
        var errno = ChildWaitCall.AwaitEnd(Id, out var exitCode);
        lock (_gate)
        {
            _ = ChildWaitCall.TryReap(Id);
            _isReaped = true;
        }
        _ended.SetResult(errno == Errno.None ? exitCode : null);
    }
}

/// <summary>A socket to pass to a child, and its name there.</summary>
/// <param name="Socket">The socket; it stays this process's own too.</param>
/// <param name="Name">Its name in LISTEN_FDNAMES: at most 255 printable ASCII characters without a colon.</param>
public sealed record HandedSocket(Socket Socket, string Name)
{
    /// <summary>All sockets of a listener, under one name.</summary>
    /// <param name="listener">The listener, which keeps them.</param>
    /// <param name="name">Their name.</param>
    public static ImmutableArray<HandedSocket> Of(BoundListener listener, string name)
    {
        ArgumentNullException.ThrowIfNull(listener);
        return [.. listener.Sockets.Select(one => new HandedSocket(one.Socket, name))];
    }
}

/// <summary>Where a program is: before it is started, so that a wrong name is an error of the start and not of the child.</summary>
internal static class ProgramPath
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The path of an executable file.</summary>
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
            : (Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, program));
        return candidates.Select(Path.GetFullPath).FirstOrDefault(IsExecutable)
            ?? throw new FileNotFoundException($"{program} cannot be started: no executable file has that name{(program.Contains('/', StringComparison.Ordinal) ? "" : " in PATH")}.", program);
    }

    private static bool IsExecutable(string path) => File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & AnyExecute) != 0);
}
