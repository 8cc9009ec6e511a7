using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Bindwise.Cli.Output;
using Bindwise.Lab.Fuzzing;
using Bindwise.Lab.Playing;
using Bindwise.Linux.Live;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Scenarios;
using Bindwise.Rendering.Scenarios;
using static System.FormattableString;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary>One run of <c>lab fuzz</c>.</summary>
internal sealed class LabFuzz(LabFuzzRequest request, AnswerStream output, ErrorLines errors)
{
    private readonly string kernel = OperatingSystem.IsLinux() ? KernelRelease.Read() : "";

    /// <summary>Plays, and gives the exit code.</summary>
    public ExitCode Play()
    {
        using var cancellation = new CancellationTokenSource();
        using var interruption = Interruption.Cancels(cancellation, errors);
        if (LabHosts.Open(request.On, errors) is not { } stage)
            return ExitCode.Error;
        var seed = request.Seed ?? BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));
        if (!request.Json)
            output.Write(Invariant($"seed {seed}, Linux {kernel}, {(stage.Kernel is null ? "the model alone" : "model and kernel")}\n"));
        var plan = new FuzzPlan(seed) { Duration = TimeSpan.FromSeconds(request.Seconds), Count = request.Count, Profile = request.Profile };
        try
        {
            var report = Run(new FuzzRun(stage, new StreamLimits(), plan), cancellation.Token);
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
        using var progress = new ProgressLine(errors, Terminal.Detect().Width ?? ScenarioResultText.DefaultWidth, () => TextOf(run.Progress));
        return run.Play(cancellation);
    }

    private ExitCode ExitOf(FuzzReport report, bool isInterrupted)
    {
        var code = report.IsGood ? ExitCode.Free : ExitCode.Blocked;
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
            FuzzReportJson.Write(line, report, kernel, ProgramVersion.Text, finding => TextOf(report, finding));
            line.Write("\n"u8);
            output.Write(line.WrittenSpan);
            return;
        }
        foreach (var finding in report.Findings)
            output.Write("\n" + TextOf(report, finding));
        output.Write("\n" + FuzzReportText.Render(report, kernel, ProgramVersion.Text));
    }

    private string TextOf(FuzzReport report, Finding finding)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {finding.Summary}\n");
        text.Append(CultureInfo.InvariantCulture, $"# Linux {kernel}, found by: bindwise lab fuzz --seed {report.Seed}\n");
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
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            errors.Write($"cannot save to {folder}: {SystemFault.Describe(exception)}");
            return false;
        }
    }

    private string TextOf(FuzzProgress progress)
    {
        var seconds = progress.Elapsed.TotalSeconds;
        var phase = progress.IsShrinking ? "shrinking what was found" : Invariant($"{seconds:F0} of {request.Seconds} s");
        return Invariant(
            $"{progress.Scenarios:N0} scenarios, {progress.Scenarios / seconds:N0} a second, {progress.Waiting:N0} waiting, {progress.Mismatches:N0} mismatches, {phase}");
    }
}
