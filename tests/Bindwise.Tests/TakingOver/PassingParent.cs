using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace Bindwise.Tests.TakingOver;

/// <summary>
/// A parent, not of .NET, that passes descriptors from 3 on and says so in LISTEN_*, as systemd does. The child is a static body of this
/// assembly, in a process of its own; what it prints is the answer. Only for use in a body that runs apart.
/// </summary>
internal static class PassingParent
{
    private const int LimitMilliseconds = 240_000;

    // Words: what to pass, separated by spaces; variables, separated by spaces ($$ is the pid of the process that execs, ~ a space); exec or wrapped; the program.
    private const string Script = """
        import fcntl, os, socket, sys
        things, variables, manner, program = sys.argv[1].split(), sys.argv[2].split(), sys.argv[3], sys.argv[4:]
        held = []
        for number, thing in enumerate(things, 3):
            kind, _, where = thing.partition("=")
            if kind in ("tcp", "udp", "bound", "shared"):
                host, _, port = where.rpartition(":")
                made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
                if ":" in host:
                    made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                if kind == "shared":
                    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                made.bind((host, int(port)))
                if kind == "tcp":
                    made.listen(16)
            elif kind == "unix":
                made = socket.socket(socket.AF_UNIX)
                made.bind(where)
                made.listen(16)
            elif kind == "unbound":
                made = socket.socket()
            elif kind == "connection":
                listening = socket.socket()
                listening.bind((where, 0))
                listening.listen()
                made = socket.create_connection(listening.getsockname())
                # Until the exec; a FIN then, while a listener that is closed would reset it.
                accepted = listening.accept()[0]
                peer = fcntl.fcntl(accepted.fileno(), fcntl.F_DUPFD_CLOEXEC, 200)
            elif kind == "netlink":
                made = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)
            elif kind == "file":
                made = open("/etc/passwd")
            else:
                made = None
            held.append(made)
        # Out of the way of the numbers that are to be filled.
        high = [made and fcntl.fcntl(made.fileno(), fcntl.F_DUPFD_CLOEXEC, 100) for made in held]
        os.closerange(3, 100)
        for number, made in enumerate(high, 3):
            if made is not None:
                os.dup2(made, number, inheritable=True)
        for one in variables:
            name, _, value = one.partition("=")
            os.environ[name] = value.replace("$$", str(os.getpid())).replace("~", " ")
        if manner == "exec":
            os.execvp(program[0], program)
        os.environ["WRAPPER"] = str(os.getpid())
        sys.exit(os.spawnvp(os.P_WAIT, program[0], program))
        """;

    /// <summary>Runs it by the parent's own exec: LISTEN_PID=$$ is the body's process.</summary>
    internal static Task<string> ExecAsync(string things, string variables, Func<Task> body) => RunAsync(things, variables, "exec", body);

    /// <summary>Runs it as a child of the wrapper: LISTEN_PID=$$ is the wrapper's.</summary>
    internal static Task<string> WrapAsync(string things, string variables, Func<Task> body) => RunAsync(things, variables, "wrapped", body);

    /// <summary>The command that runs a body of this assembly.</summary>
    internal static string[] Program(Func<Task> body) =>
    [
        Environment.ProcessPath!, "exec", Assembly.GetExecutingAssembly().Location, "run-apart",
        body.Method.DeclaringType!.FullName!, body.Method.MetadataToken.ToString(CultureInfo.InvariantCulture),
    ];

    /// <summary>Runs a command; gives what it prints, or fails with what it complains of.</summary>
    internal static async Task<string> OutputAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(LimitMilliseconds);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        var output = await process.StandardOutput.ReadToEndAsync(limit.Token).ConfigureAwait(false);
        await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await errors.ConfigureAwait(false)}");
        return output.TrimEnd('\n');
    }

    private static Task<string> RunAsync(string things, string variables, string manner, Func<Task> body) =>
        OutputAsync("/usr/bin/python3", ["-c", Script, things, variables, manner, .. Program(body)]);
}
