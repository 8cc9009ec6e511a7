using System.Buffers;
using System.Globalization;
using System.Text;
using Bindwise.Cli;
using Bindwise.Cli.Output;
using Bindwise.Cli.Verbs.Lab;
using Bindwise.Lab.Kernel;
using Bindwise.Linux.Live;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Scenarios;
using Bindwise.Rendering.Scenarios;
using static System.FormattableString;

namespace Bindwise.Fuzz;

/// <summary>One run of <c>fuzz</c>.</summary>
internal sealed class FuzzSession(FuzzRequest request, AnswerStream output, ErrorLines errors)
{
    private readonly string _kernel = OperatingSystem.IsLinux() ? RunningKernel.ReadName() : "";

    /// <summary>Plays, and gives the exit code.</summary>
    public ExitCode Play()
    {
        using var cancellation = new CancellationTokenSource();
        using var interruption = Interruption.Cancels(cancellation, errors);
        if (LabHosts.Open(request.On, errors) is not { } hosts)
            return ExitCode.Error;
        if (!request.Json)
            output.Write(Invariant(
                $"seed {request.Seed}, Linux {_kernel}, {(hosts.Kernel is null ? "the model alone" : "model and kernel")}\n"));
        var plan = new FuzzPlan(request.Seed)
        {
            Duration = TimeSpan.FromSeconds(request.Seconds),
            Count = request.Count,
            Profile = request.Profile,
            Kernel = hosts.Kernel is not null ? KernelHosts.Rules : KernelRelease.Documented,
        };
        try
        {
            var report = Run(new FuzzRun(hosts, new StreamLimits(), plan), cancellation.Token);
            Show(report);
            return ExitOf(report, cancellation.IsCancellationRequested);
        }
        catch (LiveUnavailableException exception)
        {
            errors.Write(exception.Message);
            return ExitCode.Error;
        }
    }

    private FuzzReport Run(FuzzRun run, CancellationToken cancellation)
    {
        if (!Terminal.CanRedrawErrors || request.Json)
            return run.Play(cancellation);
        using var progress =
            new ProgressLine(errors, Terminal.Detect().Width ?? ScenarioResultText.DefaultWidth, () => TextOf(run.Progress));
        return run.Play(cancellation);
    }

    private ExitCode ExitOf(FuzzReport report, bool isInterrupted)
    {
        var code = report.IsGood ? ExitCode.Success : ExitCode.Negative;
        if (!Save(report) || report.Error is not null || output.Fault is not null)
            code = ExitCode.Error;
        if (report.Error is { } error)
            errors.Write(error);
        if (output.Fault is { } fault)
            errors.Write($"cannot write to standard output: {fault}");
        return isInterrupted ? ExitCode.Interrupted : code;
    }

    private void Show(FuzzReport report)
    {
        if (request.Json)
        {
            var line = new ArrayBufferWriter<byte>();
            FuzzReportJson.Write(line, report, _kernel, ProgramVersion.Text, finding => TextOf(report, finding));
            line.Write("\n"u8);
            output.Write(line.WrittenSpan);
            return;
        }
        foreach (var finding in report.Findings)
            output.Write("\n" + TextOf(report, finding));
        output.Write("\n" + FuzzReportText.Render(report, _kernel, ProgramVersion.Text));
    }

    private string TextOf(FuzzReport report, Finding finding)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {finding.Summary}\n");
        text.Append(CultureInfo.InvariantCulture, $"# Linux {_kernel}, found by: {FuzzTool.Name} fuzz --seed {report.Seed}\n");
        return text.Append(BindText.Write((finding.Smallest ?? finding.First).Scenario)).ToString();
    }

    private bool Save(FuzzReport report)
    {
        if (request.SaveTo is not { } folder)
            return true;
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var finding in report.Findings)
                File.WriteAllText(Path.Combine(folder, finding.First.Scenario.Name + ".bind"), TextOf(report, finding));
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException
            or NotSupportedException)
        {
            errors.Write($"cannot save to {folder}: {SystemFault.Describe(exception)}");
            return false;
        }
    }

    private string TextOf(FuzzProgress progress)
    {
        var seconds = progress.Elapsed.TotalSeconds;
        var phase = progress.IsShrinking ? "shrinking what was found" : Invariant($"{seconds:F0} of {request.Seconds} s");
        return Invariant($"{progress.Scenarios:N0} scenarios, {progress.Scenarios / seconds:N0} a second, {progress.Waiting:N0} waiting")
            + Invariant($", {progress.Mismatches:N0} mismatches, {phase}");
    }
}
