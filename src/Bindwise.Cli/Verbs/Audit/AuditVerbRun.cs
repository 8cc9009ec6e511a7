using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Bindwise.Model.Auditing;
using Bindwise.Rendering.Auditing;
using Bindwise.Rendering.Text;
using Bindwise.Supervising.Auditing;

namespace Bindwise.Cli.Verbs.Audit;

/// <summary>One run of <c>audit</c>.</summary>
[SupportedOSPlatform("linux")]
internal sealed class AuditVerbRun(AuditLine line, AnswerStream output, ErrorLines errors)
{
    /// <summary>Runs the program, judges, shows, and gives the exit code.</summary>
    public ExitCode Start()
    {
        using var interruption = new CancellationTokenSource();
        using var urgency = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Interrupt);
        AuditRecord record;
        try
        {
            record = line.Process is { } process ? ProcessLook.Take(process) : ProgramAudit.Run(new AuditPlan(line.Program)
            {
                Time = line.Time,
                SendsOutputToErrors = line.IsJson || line.IsSarif,
                Interruption = interruption.Token,
                Urgency = urgency.Token,
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
        if (output.Fault is { } fault)
        {
            errors.Write($"cannot write to standard output: {fault}");
            return ExitCode.Error;
        }
        return findings.Any(one => one.Severity >= line.FailOn) ? ExitCode.Negative : ExitCode.Success;

        void Interrupt(PosixSignalContext context)
        {
            context.Cancel = true;
            if (interruption.IsCancellationRequested)
                urgency.Cancel();
            interruption.Cancel();
        }
    }

    private void Show(AuditRecord record, ImmutableArray<AuditFinding> findings)
    {
        if (!line.IsJson && !line.IsSarif)
        {
            var terminal = Terminal.Detect();
            output.Write(TextOutput.Format(AuditText.Render(record, findings, new TextOptions(terminal.Width, line.Detail)),
                terminal.IsColoured));
            return;
        }
        var bytes = new ArrayBufferWriter<byte>();
        if (line.IsJson)
            AuditJson.Write(bytes, record, findings);
        else
            AuditSarif.Write(bytes, findings, ProgramVersion.Text);
        output.Write(bytes.WrittenSpan);
    }
}
