using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
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
                // Behind the numbers that the child's get, so that filling one overwrites none that is still to be given.
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
        string[] stage = odd.IsEmpty
            ? ["export LISTEN_PID=$$; exec \"$@\"", "sh", program, .. request.Arguments]
            : [$"exec {Env} \"LISTEN_PID=$$\" \"$@\"", "sh", .. odd, program, .. request.Arguments];
        return new SpawnPlan(Shell, ["sh", "-c", .. stage], [.. variables.Where(static one => IsShellName(one.Key)).Select(Line)]);
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
