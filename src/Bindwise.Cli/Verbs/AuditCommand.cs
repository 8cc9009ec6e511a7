using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Bindwise.Model.Auditing;
using Bindwise.Rendering.Auditing;
using Bindwise.Supervising.Auditing;
using Bindwise.Supervising.Restarting;

namespace Bindwise.Cli.Verbs;

/// <param name="FailOn">From which severity on findings make the exit code 1; <see cref="Never"/>: none does.</param>
internal sealed record AuditLine(IReadOnlyList<string> Program, TimeSpan? Time = null, int? Process = null, AuditSeverity FailOn = default,
    bool IsJson = false, bool IsSarif = false, Detail Detail = Detail.Normal)
{
    public const AuditSeverity Never = AuditSeverity.Error + 1;
}

/// <summary><c>bindwise audit</c>: its arguments and options.</summary>
internal sealed class AuditCommand : Verb
{
    public const string Name = "audit";
    public const string Description = "Run a program and report what it does wrong with its ports.";

    private readonly TimeOption _for =
        new("--for", "End the program after this time: 500ms, 10s, 2m, 1h. Without it: when it ends, or at Ctrl+C.");
    private readonly ValueOption _attach =
        new("--attach", "PID", "Run nothing: report the listening TCP sockets of a running process as they are now.");
    private readonly ChoiceOption<AuditSeverity> _failOn = new("--fail-on", "SEVERITY",
        "The lowest severity that makes the exit code 1: note, warning (the default), error, never.", "not a severity",
        [("note", AuditSeverity.Note), ("warning", AuditSeverity.Warning), ("error", AuditSeverity.Error), ("never", AuditLine.Never)]);

    private readonly Flag _json = new("--json", "Print one line of JSON. What the program prints goes to standard error.");
    private readonly Flag _sarif = new("--sarif", "Print SARIF 2.1.0. What the program prints goes to standard error.");
    private readonly Flag _verbose = new("--verbose", "Show every event.", "-v");
    private readonly Flag _quiet = new("--quiet", "Print the first line only.", "-q");

    public AuditCommand() : base(Name, Description) => Take(_for, _attach, _failOn, _json, _sarif, _verbose, _quiet);

    public override bool TakesProgram => true;

    public override int? ProgramAt(string[] line) => FirstWordOfProgram(line);

    public override VerbRun Read(ParseResult parsed)
    {
        if (!OperatingSystem.IsLinux())
            throw new UsageException("bindwise audit needs Linux");
        var attach = parsed.GetValue(_attach);
        var process = 0;
        if (attach is not null && (!int.TryParse(attach, NumberStyles.None, CultureInfo.InvariantCulture, out process) || process <= 0))
            throw new UsageException($"--attach {attach} is not a process id: give a number, such as pidof or bindwise why prints");
        if (attach is not null && (Program is [_, ..] || parsed.GetResult(_for) is not null))
            throw new UsageException("--attach inspects a running process: give neither a command nor --for with it");
        if (attach is null && Program is not [not "", ..])
            throw new UsageException(ParserFault.NoProgram(Program)
                + ": name one, as in: bindwise audit -- python3 -m http.server 8080");
        var line = new AuditLine(Program ?? [])
        {
            Process = attach is null ? null : process,
            Time = _for.Read(parsed),
            FailOn = _failOn.Read(parsed) ?? AuditSeverity.Warning,
            IsJson = parsed.GetValue(_json),
            IsSarif = parsed.GetValue(_sarif),
            Detail = parsed.GetValue(_quiet) ? Detail.Quiet : parsed.GetValue(_verbose) ? Detail.Verbose : Detail.Normal,
        };
        Flag.AllowOne(parsed, _json, _sarif);
        Flag.AllowOne(parsed, _quiet, _verbose);
        return (output, errors) => OperatingSystem.IsLinux() ? new AuditVerbRun(line, output, errors).Start() : ExitCode.Error;
    }

    private const string What =
        "The program's socket(), bind(), listen(), execve() and the setsockopt() that matter are handed to bindwise (seccomp user "
            + "notification), which changes nothing and lets each happen. accept(), connect(), close() and data are not touched: "
            + "connections are counted by the kernel's own messages about closed sockets.";

    private const string Which =
        "It finds options set after bind(), listeners without SO_REUSEADDR, SO_REUSEPORT without need, who closes first, sockets that "
            + "other programs inherit, wildcards that only loopback used, ports in the ephemeral range, backlogs cut or full, source ports "
            + "bound before connect(), ports looked for by bind(), IPV6_V6ONLY left to the system, UNIX files left behind, and errors of "
            + "bind() ignored. Each rule has a page: bindwise explain BWA002.";

    public override HelpPage Help =>
        new HelpPage("bindwise audit: run a program, and report what it does with its sockets that makes a later start, or a connection, "
            + "fail.")
            .Examples(
                "bindwise audit -- python3 -m http.server 8080",
                "bindwise audit --for 10s -- python3 -m http.server 8080",
                "bindwise audit --json --fail-on error --for 2s -- python3 -m http.server 8080",
                "bindwise audit --sarif --for 2s -- python3 -m http.server 8080 > audit.sarif")
            .Usage("bindwise audit [options] [--] COMMAND...")
            .Parameters(Command)
            .Text(What)
            .Text(Which)
            .ExitCodes("Exit codes (the program's own is in the report):",
                (ExitCode.Success, "no findings at or above that severity"),
                (ExitCode.Negative, "at least one"),
                (ExitCode.Error, "wrong usage, or the system does not allow it; the program was not started"),
                (ExitCode.NotExecutable, "the command cannot be executed"),
                (ExitCode.NotFound, "the command was not found"));
}

[SupportedOSPlatform("linux")]
internal sealed class AuditVerbRun(AuditLine line, AnswerStream output, ErrorLines errors)
{
    public ExitCode Start()
    {
        using var interruption = new CancellationTokenSource();
        using var urgency = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Interrupt);
        // Without the audit the program's calls would fail from then on.
        var signals = new ConcurrentQueue<int>();
        using var quit = PassOn(SignalNames.Quit);
        using var user1 = PassOn(SignalNames.User1);
        using var user2 = PassOn(SignalNames.User2);
        // The runtime would set the terminal's attributes, which from the background stops the whole process group (SIGTTOU).
        using var resume = PosixSignalRegistration.Create(PosixSignal.SIGCONT, static context => context.Cancel = true);
        AuditRecord record;
        try
        {
            record = line.Process is { } process ? ProcessAudit.Take(process) : ProgramAudit.Run(new AuditPlan(line.Program)
            {
                Time = line.Time,
                SendsOutputToErrors = line.IsJson || line.IsSarif,
                Interruption = interruption.Token,
                Urgency = urgency.Token,
                Signals = signals,
                Report = errors.Write,
            });
        }
        catch (AuditException exception)
        {
            errors.Write(exception.ExitCode == (int)ExitCode.Error ? exception.Message : $"{line.Program[0]}: {exception.Message}");
            return (ExitCode)exception.ExitCode;
        }
        var findings = AuditJudge.Judge(record);
        Show(record, findings);
        return findings.Any(one => one.Severity >= line.FailOn) ? ExitCode.Negative : ExitCode.Success;

        void Interrupt(PosixSignalContext context)
        {
            context.Cancel = true;
            if (interruption.IsCancellationRequested)
                urgency.Cancel();
            interruption.Cancel();
        }

        PosixSignalRegistration PassOn(int signal) => PosixSignalRegistration.Create((PosixSignal)signal, context =>
        {
            context.Cancel = true;
            signals.Enqueue(signal);
        });
    }

    private void Show(AuditRecord record, ImmutableArray<AuditFinding> findings)
    {
        if (!line.IsJson && !line.IsSarif)
        {
            var terminal = Terminal.Detect();
            output.Write(AuditText.Render(record, findings, new TextOptions(terminal.Width, line.Detail)), terminal);
            return;
        }
        output.WriteAll(bytes =>
        {
            if (line.IsJson)
                AuditJson.Write(bytes, record, findings);
            else
                AuditSarif.Write(bytes, findings, ProgramVersion.Text);
        });
    }
}
