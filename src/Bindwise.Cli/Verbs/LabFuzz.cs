using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Bindwise.Cli.Output;
using Bindwise.Lab.Fuzzing;
using Bindwise.Lab.Playing;
using static System.FormattableString;

namespace Bindwise.Cli.Verbs;

/// <summary>One run of <c>lab fuzz</c>.</summary>
internal sealed class LabFuzz(LabFuzzRequest request, AnswerStream output, ErrorLines errors)
{
    private const int ProgressMilliseconds = 250;

    private readonly bool hasProgress = !Console.IsErrorRedirected && !request.Json;
    private TimeSpan lastProgress;

    /// <summary>Plays, and gives the exit code.</summary>
    public ExitCode Play()
    {
        using var cancellation = new CancellationTokenSource();
        using var interruption = Interruption.Cancels(cancellation);
        using var hosts = LabHosts.Open(request.On, errors);
        if (hosts is null)
            return ExitCode.Error;
        var seed = request.Seed ?? BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));
        if (!request.Json)
        {
            var where = hosts.Stage.Kernel is null ? "the model alone" : "model and kernel";
            output.Write(Invariant($"seed {seed}, Linux {LabHosts.Kernel}, {where}\n"));
        }
        var plan = new FuzzPlan(seed, LabScenarios.Of(seed), LabScenarios.Shrink)
        {
            Duration = TimeSpan.FromSeconds(request.Seconds),
            Count = request.Count,
            Reachable = LabScenarios.Reachable,
        };
        var report = new FuzzRun(hosts.Stage, new StreamLimits(), plan, ShowProgress).Play(cancellation.Token);
        EndProgress();
        Show(report);
        return ExitOf(report, cancellation.IsCancellationRequested);
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
            FuzzReportJson.Write(line, report, LabHosts.Kernel, ProgramVersion.Text, finding => TextOf(report, finding));
            line.Write("\n"u8);
            output.Write(line.WrittenSpan);
            return;
        }
        foreach (var finding in report.Findings)
            output.Write("\n" + TextOf(report, finding));
        output.Write("\n" + FuzzReportText.Render(report, LabHosts.Kernel, ProgramVersion.Text));
    }

    private static string TextOf(FuzzReport report, Finding finding)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {finding.Summary}\n");
        text.Append(CultureInfo.InvariantCulture, $"# Linux {LabHosts.Kernel}, scenario {finding.Number} of: bindwise lab fuzz --seed {report.Seed}\n");
        return text.Append(LabScenarios.TextOf((finding.Smallest ?? finding.First).Scenario)).ToString();
    }

    private bool Save(FuzzReport report)
    {
        if (request.SaveTo is not { } folder)
            return true;
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var finding in report.Findings)
                File.WriteAllText(Path.Combine(folder, Invariant($"{report.Seed}-{finding.Number}.bind")), TextOf(report, finding));
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            errors.Write($"cannot save to {folder}: {SystemFault.Describe(exception)}");
            return false;
        }
    }

    private void ShowProgress(FuzzProgress progress)
    {
        if (!hasProgress || progress.Elapsed - lastProgress < TimeSpan.FromMilliseconds(ProgressMilliseconds))
            return;
        lastProgress = progress.Elapsed;
        var seconds = progress.Elapsed.TotalSeconds;
        errors.Overwrite(Invariant(
            $"{progress.Scenarios:N0} scenarios, {progress.Scenarios / seconds:N0} a second, {progress.Mismatches:N0} mismatches, {seconds:F0} of {request.Seconds} s"));
    }

    private void EndProgress()
    {
        if (lastProgress > TimeSpan.Zero)
            errors.Overwrite("");
    }
}
