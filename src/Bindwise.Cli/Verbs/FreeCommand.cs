namespace Bindwise.Cli.Verbs;

internal sealed class FreeCommand : Verb
{
    public const string Name = "free";
    public const string Description = "End what holds a port or socket, in the gentlest way that works.";

    private static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DefaultSettle = TimeSpan.FromSeconds(2);

    private readonly Argument<string[]> _targets = new("TARGET")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "What to free, as for bindwise why: 8080, 127.0.0.1:8080, 53/udp, /run/app.sock, an error text in quotes, or - to "
            + "read one from standard input.",
    };

    private readonly Flag _yes = new("--yes",
        "Do it without asking, also for programs that only inherited the socket; as root also for processes of other users.", "-y");
    private readonly Flag _dryRun = new("--dry-run", "Only say what would be done: exit code 0 if that would free it.", "-n");
    private readonly TimeOption _grace = new("--grace", "How long processes have to end after SIGTERM (5s).") { TakesZero = true };
    private readonly Flag _force = new("--force", "Then end them by SIGKILL: they cannot clean up.");
    private readonly Flag _destroy =
        new("--destroy", "Destroy sockets that no process holds any more, such as TIME_WAIT. Needs root (CAP_NET_ADMIN).");
    private readonly TimeOption _wait = new("--wait", "Wait at most this long for such sockets; on a terminal with a countdown.");
    private readonly TimeOption _settle =
        new("--settle", "How long to watch whether it is taken again (2s; 0 for not at all).") { TakesZero = true };
    private readonly BindingOptions _binding = new();
    private readonly Flag _json = new("--json", "Print one line of JSON per target. It never asks: give --yes or --dry-run.");

    public FreeCommand()
        : base(Name, Description) =>
        Take([_targets, _yes, _dryRun, _grace, _force, _destroy, _wait, _settle, .. _binding.All, _json]);

    public override VerbRun Read(ParseResult parsed)
    {
        var targets = parsed.GetValue(_targets) ?? [];
        var grace = _grace.Read(parsed);
        var wait = _wait.Read(parsed);
        var settle = _settle.Read(parsed);
        var options = _binding.Read(parsed);
        if (targets.Length == 0)
            throw new UsageException("no target given: name one, as in: bindwise free 8080");
        if (targets.Count(static target => target == "-") > 1)
            throw new UsageException("- was given twice, but standard input can be read only once");
        var (isConsented, isDry, isJson) = (parsed.GetValue(_yes), parsed.GetValue(_dryRun), parsed.GetValue(_json));
        var request = new FreeRequest
        {
            Query = new PortQuery { Target = WhyRequest.NoTarget, Options = options },
            GracePeriod = grace ?? DefaultGrace,
            Force = parsed.GetValue(_force),
            Destroy = parsed.GetValue(_destroy),
            Wait = wait,
            Settle = settle ?? DefaultSettle,
            // The plan names the user; without an answer nothing is done.
            MayEndOthers = isConsented || isDry || (!isJson && Consent.IsPossible),
        };
        var job = new FreeJob([.. targets], request, isConsented, isDry, isJson);
        return (output, errors) => Free(job, output, errors);
    }

    private static ExitCode Free(FreeJob job, AnswerStream output, ErrorLines errors) => !OperatingSystem.IsLinux()
        ? errors.Fail("bindwise free needs Linux; bindwise why shows what holds a port")
        // An end before the first look is over: nothing was asked or done.
        : Interruption.Ends(errors, cancellation =>
            OperatingSystem.IsLinux() ? new FreeRun(job, output, errors, cancellation).Run() : ExitCode.Error);

    private const string Order =
        "It shows what is in the way and what it will do, and asks once. A systemd unit and a container are stopped by their managers; "
            + "other programs get SIGTERM, the one that made the socket first and its workers only if they do not follow. It ends a "
            + "process by a handle, never by a number, and checks after your answer that this process still holds the socket. At the end a "
            + "real bind() proves that the target is free.";

    private const string Never =
        "It never ends process 1, itself or what it runs in, a program that only has a connection on the port, a process of another user "
            + "(root: if you agree), docker-proxy (but its container), or anything in another network namespace. If a parent may start the "
            + "server again, free asks separately whether to end it too, and does so only if it does start it again. Without a terminal "
            + "and without --yes it only says what it would do.";

    public override HelpPage Help =>
        new HelpPage("bindwise free: end what holds a port, an address or a UNIX socket, in the gentlest way that works.")
            .Examples(
                "bindwise free 8080",
                "bindwise free 3000 5173 --yes",
                "bindwise free 8080 --dry-run --json",
                "bindwise free 8080 --yes --grace 10s --force",
                "bindwise free 8080 --plain --wait 70s --yes",
                "bindwise free /run/app.sock")
            .Usage("bindwise free [options] TARGET...")
            .Parameters(Command)
            .Text(Order)
            .Text(Never)
            .ExitCodes("Exit codes (with several targets the worst counts, in the order 2, 3, 1, 0):",
                (ExitCode.Success, "every target can be bound now; with --dry-run: it would be freed"),
                (ExitCode.Negative, "it cannot: refused, declined, not confirmed, or still held"),
                (ExitCode.Error, "wrong usage, or the system failed"),
                (ExitCode.Undetermined, "unknown: something that matters could not be read"),
                (ExitCode.Interrupted, "interrupted; it says what was done"));
}

/// <summary>What <c>free</c> was asked.</summary>
/// <param name="Targets">As typed; <c>-</c> stands for an error text on standard input.</param>
/// <param name="Request">What is asked for about each of them, which takes the place of its target.</param>
internal sealed record FreeJob(ImmutableArray<string> Targets, FreeRequest Request, bool IsConsented, bool IsDry, bool Json);
