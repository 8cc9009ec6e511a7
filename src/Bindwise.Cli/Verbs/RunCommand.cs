using System.Runtime.Versioning;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Terminals;
using Bindwise.Model.Restarting;
using Bindwise.Model.Targets.Grammar;
using Bindwise.Supervising;
using Bindwise.Supervising.Holding;

namespace Bindwise.Cli.Verbs;

/// <param name="Automatic">The ports that are to be moved to any free one.</param>
/// <param name="Hold">How it is started again; null where this process becomes it.</param>
internal sealed record RunLine(SupervisionPlan Plan, ImmutableArray<ushort> Automatic, IReadOnlyList<string> Program, HoldPlan? Hold);

internal sealed class RunCommand : Verb
{
    public const string Name = "run";
    public const string Description = "Run a program so that TIME_WAIT does not block its restarts.";

    /// <summary>More make no sense on one command line.</summary>
    private const int MostMoves = 32;

    private readonly Flag _watch =
        new("--no-reuse-address", "Do not set SO_REUSEADDR: only explain what fails, and do what the other options say.");
    private readonly TimeOption _wait =
        new("--wait", "Hold a bind() that fails with EADDRINUSE until it succeeds, at most for this time: 500ms, 10s, 2m, 1h; --wait "
            + "alone: without limit.")
        { Arity = ArgumentArity.ZeroOrOne };

    private readonly ListOption _ports = new("--port", "OLD=NEW",
        "When it binds port OLD, give it NEW; with auto as NEW: a free port, which is printed and put into its environment as "
            + "BINDWISE_PORT_OLD. Can be repeated.");
    private readonly ListOption _addresses =
        new("--address", "OLD=NEW", "When it binds address OLD, give it NEW, of the same family; a [::] that takes IPv4 as well moves with "
            + "0.0.0.0. Can be repeated.");
    private readonly ValueOption _report =
        new("--report", "FILE", "Append the answer to each failure to FILE, one line of JSON each, as bindwise why --json.");
    private readonly ValueOption _events =
        new("--events", "FILE", "Append what happens to its sockets to FILE, one line of JSON each; - for standard output.");

    private readonly Flag _verbose =
        new("--verbose", "Say at the start what the program lacks under it: without root, the rights of setuid programs.", "-v");

    private readonly HoldOptions _hold = new();

    public RunCommand() : base(Name, Description) => Take([_watch, _wait, _ports, _addresses, .. _hold.All, _report, _events, _verbose]);

    public override bool TakesProgram => true;

    public override int? ProgramAt(string[] line) => FirstWordOfProgram(line);

    public override VerbRun Read(ParseResult parsed)
    {
        if (!OperatingSystem.IsLinux())
            throw new UsageException("bindwise run needs Linux");
        var line = Understand(parsed);
        return (_, errors) => OperatingSystem.IsLinux() ? new RunRun(line, errors).Start() : ExitCode.Error;
    }

    [SupportedOSPlatform("linux")]
    private RunLine Understand(ParseResult parsed)
    {
        if (Program is not [not "", ..])
            throw new UsageException(ParserFault.NoProgram(Program)
                + ": name one, as in: bindwise run -- python3 -m http.server 8080");
        var wait = _wait.Read(parsed);
        var plan = new SupervisionPlan
        {
            ReuseAddress = !parsed.GetValue(_watch),
            Wait = wait ?? (parsed.GetResult(_wait) is null ? TimeSpan.Zero : Timeout.InfiniteTimeSpan),
            Report = parsed.GetValue(_report),
            Events = parsed.GetValue(_events),
            ReportsLostRights = parsed.GetValue(_verbose),
        };
        var automatic = ImmutableArray.CreateBuilder<ushort>();
        var seen = new HashSet<string>();
        foreach (var text in parsed.GetValue(_ports) ?? [])
        {
            if (text.Split('=') is not [var from, var to] || ReadPort(from) is not { } old || (to != "auto" && ReadPort(to) is null))
                throw new UsageException($"--port {text} is not a move: give OLD=NEW with ports from 1 to 65535, as in --port 8080=9090, "
                    + "or --port 8080=auto");
            if (!seen.Add(from) || seen.Count > MostMoves)
                throw new UsageException(seen.Count > MostMoves ? $"--port was given more than {MostMoves} times"
                    : $"--port {from} was given more than once");
            if (ReadPort(to) is { } next)
                plan = plan with { Ports = plan.Ports.Add(new PortMove(old, next)) };
            else
                automatic.Add(old);
        }
        foreach (var text in parsed.GetValue(_addresses) ?? [])
        {
            if (text.Split('=') is not [var from, var to] || !IpAddress.TryParse(HostText.Unbracketed(from), out var old)
                || !IpAddress.TryParse(HostText.Unbracketed(to), out var next) || old.Family != next.Family)
                throw new UsageException($"--address {text} is not a move: give OLD=NEW with two IPv4 or two IPv6 addresses, as in "
                    + "--address 0.0.0.0=127.0.0.1");
            if (!seen.Add(old.ToString()) || plan.Addresses.Length == MostMoves)
                throw new UsageException(plan.Addresses.Length == MostMoves ? $"--address was given more than {MostMoves} times"
                    : $"--address {from} was given more than once");
            plan = plan with { Addresses = plan.Addresses.Add(new AddressMove(old, next)) };
        }
        if (_report.ReadFile(parsed) is "" || plan.Events is "")
            throw new UsageException("--report and --events need the name of a file");
        return new RunLine(plan, automatic.ToImmutable(), Program, _hold.Read(parsed));
    }

    private static ushort? ReadPort(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 ? port : null;

    private const string What =
        "bindwise becomes the program (exec): process id, exit code, signals, terminal, streams and descriptors are the program's own. A "
            + "separate supervisor process sees only its bind(), listen(), setsockopt(SO_REUSEADDR) and landlock_restrict_self() (seccomp "
            + "user notification), so traffic runs at full speed. It ends with the last of the program's processes.";

    private const string Limits =
        "SO_REUSEADDR works over TIME_WAIT only if the old server had it too: so the first start under bindwise run may still have to "
            + "wait, later ones do not. io_uring's bind() and setsockopt() of 32-bit programs are not supervised; for UNIX sockets, a "
            + "failed bind() is explained and nothing is changed. Without root, setuid programs such as sudo gain no rights under it. If "
            + "the supervisor is killed, the program goes on, and its next bind() fails with ENOSYS.";

    private const string Holding =
        "With --hold bindwise is the program's parent. SIGHUP starts the program again; SIGTERM and SIGINT are passed on to it, and it is "
            + "not started again. A TCP socket is kept once it listens, a UNIX socket with its file, a UDP socket once it is bound; a port "
            + "that the kernel chooses is not kept.";

    public override HelpPage Help =>
        new HelpPage("bindwise run: run an unmodified program so that TIME_WAIT does not block its restarts, and explain each bind() that "
            + "fails.")
            .Examples(
                "bindwise run -- python3 -m http.server 8080",
                "bindwise run --wait=30s -- python3 -m http.server 8080",
                "bindwise run --port 8080=auto -- python3 -m http.server 8080",
                "bindwise run --address 0.0.0.0=127.0.0.1 --events - -- python3 -m http.server 8080",
                "bindwise run --no-reuse-address --report failures.jsonl -- python3 -m http.server 8080",
                "bindwise run --hold --watch '*.py' -- python3 server.py")
            .Usage("bindwise run [options] [--] COMMAND...")
            .Parameters(Command)
            .Text(What)
            .Text(Limits)
            .Text(Holding)
            .ExitCodes("Exit codes (with a command that was started: the command's own):",
                (ExitCode.Error, "wrong usage, or a file cannot be written"),
                (ExitCode.NotExecutable, "the command cannot be executed"),
                (ExitCode.NotFound, "the command was not found"));
}

internal sealed class HoldOptions
{
    /// <summary>More make no sense on one command line.</summary>
    private const int MostPatterns = 32;

    /// <summary>FDNAME_MAX of systemd.</summary>
    private const int LongestName = 255;

    private readonly Flag _hold =
        new("--hold", "Start the program as a child, start it again when it has ended, and give each start the listening sockets of the "
            + "last: connections wait in between.");
    private readonly ChoiceOption<RestartPolicy> _restart = new("--restart", "WHEN",
        "With --hold: start it again always, on-failure (any end but exit code 0; the default) or never (except on SIGHUP).",
        "not a policy",
        ("always", RestartPolicy.Always), ("on-failure", RestartPolicy.OnFailure), ("never", RestartPolicy.Never));

    private readonly TimeOption _stopTimeout =
        new("--stop-timeout", "With --hold: SIGKILL follows SIGTERM after this time, 5s by default.");

    private readonly ListOption _watch = new("--watch", "GLOB",
        "With --hold: start it again when a file changes; * and ? within a name, ** for any folders, a folder for all in it. Quote it. Can "
            + "be repeated.");
    private readonly Flag _overlap =
        new("--overlap", "With --hold: on SIGHUP and on a change the new one is up before the old one is stopped.");
    private readonly Flag _listenFds =
        new("--listen-fds", "With --hold: pass the kept sockets to each start as descriptors 3, 4..., with LISTEN_FDS, as systemd does.");

    private readonly ValueOption _names = new("--fdname", "NAMES",
        "With --listen-fds: their names (LISTEN_FDNAMES), in the order in which the program created them, separated by colons.");

    public IEnumerable<Option> All => [_hold, _restart, _stopTimeout, _watch, _overlap, _listenFds, _names];

    /// <summary>What was asked for; null without --hold.</summary>
    [SupportedOSPlatform("linux")]
    public HoldPlan? Read(ParseResult parsed)
    {
        if (!parsed.GetValue(_hold))
            return All.FirstOrDefault(one => parsed.GetResult(one) is { Implicit: false }) is not { } other ? null
                : throw new UsageException($"{other.Name} needs --hold: it is about restarts");
        string[] watch = parsed.GetValue(_watch) ?? [];
        string[] names = parsed.GetValue(_names)?.Split(':') ?? [];
        var passesSockets = parsed.GetValue(_listenFds);
        if (names.Length > 0 && !passesSockets)
            throw new UsageException("--fdname needs --listen-fds");
        if (names.Any(static name => name.Length is 0 or > LongestName || name.AsSpan().ContainsAnyExceptInRange(' ', '~')))
            throw new UsageException($"--fdname takes names of 1 to {LongestName} printable ASCII characters, with colons between them");
        if (watch.Length > MostPatterns || watch.Contains(""))
            throw new UsageException(watch.Contains("") ? "--watch needs a pattern" : $"--watch was given more than {MostPatterns} times");
        var plan = new HoldPlan
        {
            Watch = [.. watch],
            Overlap = parsed.GetValue(_overlap),
            PassesSockets = passesSockets,
            Names = [.. names],
        };
        plan = plan with { Restart = _restart.Read(parsed) ?? plan.Restart };
        return plan with { StopTimeout = _stopTimeout.Read(parsed) ?? plan.StopTimeout };
    }
}

[SupportedOSPlatform("linux")]
internal sealed class RunRun(RunLine line, ErrorLines errors)
{
    /// <summary>Becomes it; returns only where that does not work.</summary>
    public ExitCode Start()
    {
        var picked = new List<PickedPorts>();
        try
        {
            return Start(picked);
        }
        catch (Exception exception) when (exception is SupervisionException or PortPickException or IOException)
        {
            return errors.Fail(exception.Message);
        }
        finally
        {
            picked.ForEach(static one => one.Dispose());
        }
    }

    private ExitCode Start(List<PickedPorts> picked)
    {
        if (line.Hold is not null)
            HeldRun.Prepare(RawArguments.Read);
        var plan = line.Plan with { Columns = TerminalWidth.OfStandardError() };
        var variables = new List<KeyValuePair<string, string>>();
        foreach (var old in line.Automatic)
        {
            // Never the old one, and each time one that no other run has.
            var one = PortPicker.Pick(new PortPickRequest { Lease = null });
            picked.Add(one);
            var port = one.Ports[0].Number;
            plan = plan with { Ports = plan.Ports.Add(new PortMove(old, port)) };
            variables.Add(new(VariableOf(old), port.ToString(CultureInfo.InvariantCulture)));
        }
        var typed = line.Program;
        // As bytes: what was typed need not be UTF-8.
        var command = RawArguments.Read(typed.Count) ?? [.. typed.Select(Encoding.UTF8.GetBytes)];
        plan = plan with { ReportsLostRights = plan.ReportsLostRights || ProcessReplacement.GainsRights(command[0]) };
        if (line.Hold is { } hold)
        {
            ReportMoves(plan);
            return (ExitCode)HeldRun.Run(plan, hold, command, variables, new RunReport { IsParent = true });
        }
        var notes = SupervisionStart.Begin(plan, out var canMove, [.. picked.SelectMany(static one => one.Leases)]);
        if (canMove)
            ReportMoves(plan);
        else
            variables.Clear();
        foreach (var note in notes)
            errors.Write(note);
        var why = SupervisedCommand.Become(command, variables, out var exitCode);
        errors.Write($"{typed[0]}: {why}");
        return (ExitCode)exitCode;
    }

    private static string VariableOf(ushort old) => string.Create(CultureInfo.InvariantCulture, $"BINDWISE_PORT_{old}");

    /// <summary>Of the ports that nobody named.</summary>
    private void ReportMoves(SupervisionPlan plan)
    {
        foreach (var old in line.Automatic)
            errors.Write(string.Create(CultureInfo.InvariantCulture,
                $"port {old} becomes {plan.Ports.Last(move => move.Old == old).New} for this program ({VariableOf(old)})"));
    }
}
