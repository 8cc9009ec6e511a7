using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.Text;
using Bindwise.Cli.CommandLine;
using Bindwise.Cli.Output;
using Bindwise.Lab.Fuzzing;
using Bindwise.Lab.Generating;
using Bindwise.Lab.Playing;
using Bindwise.Linux.Live;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Scenarios;
using Bindwise.Rendering.Scenarios;
using static System.FormattableString;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary>What <c>lab fuzz</c> was asked, understood.</summary>
/// <param name="Seconds">How long to play.</param>
/// <param name="Seed">The seed; null for one of our own choice.</param>
/// <param name="Profile">What the scenarios are about; null for a mixture.</param>
/// <param name="On">Both, the model, or what can be had.</param>
/// <param name="Count">How many scenarios at most; null for as many as the time allows.</param>
/// <param name="SaveTo">The folder for mismatches; null for none.</param>
/// <param name="Json">The report as one line of JSON.</param>
internal sealed record LabFuzzRequest(int Seconds, ulong? Seed, ScenarioProfile? Profile, PlayOn On, long? Count, string? SaveTo, bool Json);

/// <summary><c>bindwise lab fuzz</c>: its options, told once for parser and help alike.</summary>
internal sealed class LabFuzzCommand : Verb
{
    private const string Fuzzing =
        "A mismatch is shrunk to the fewest steps that still show it and printed as a scenario that anyone can replay. "
        + "The report names the kernel's release, the seed and what was covered, and nothing about this machine: you can attach it to a bug report. "
        + "A long run fails if it never met some rule.";

    private const int DefaultSeconds = 60;
    private const int DefaultSecondsWithWaits = 120;

    // A week.
    private const int MostSeconds = 7 * 24 * 60 * 60;

    private readonly ValueOption _seconds = new("--seconds", "N", $"How long to play, in seconds. Default: {DefaultSeconds}. From 10 s on it also waits for FIN_WAIT2 to end, from 100 s on for TIME_WAIT.");
    private readonly ValueOption _seed = new("--seed", "S", "A number: the same seed gives the same scenarios.");
    private readonly ValueOption _count = new("--count", "N", "Stop after this many scenarios.");
    private readonly ChoiceOption<ScenarioProfile> _profile = new("--profile", "WHAT",
        "Only scenarios of one kind: quick, fin-wait2 (each waits 6 s) or time-wait (66 s), thousands at once. Default: a mixture.",
        "not a profile", ("quick", ScenarioProfile.Quick), ("fin-wait2", ScenarioProfile.FinWait2), ("time-wait", ScenarioProfile.TimeWait));

    private readonly ChoiceOption<PlayOn> _on = new("--on", "HOST",
        "Where to play: both, or model to try the model alone. Default: both, or model where the kernel cannot be used.",
        "no host", ("both", PlayOn.Both), ("model", PlayOn.Model));
    private readonly ValueOption _output = new("--out", "DIR", "Save each mismatch in this folder, as a .bind file.");
    private readonly Flag _json = new("--json", "Print the report as one line of JSON.");

    /// <summary>Sets the verb up.</summary>
    public LabFuzzCommand()
        : base("fuzz", "Play random scenarios on model and kernel, and report differences.") => Take(_seconds, _seed, _count, _profile, _on, _output, _json);

    /// <inheritdoc/>
    public override HelpPage Help =>
        new HelpPage("bindwise lab fuzz: play random scenarios on the model and on this kernel, and report every difference.")
            .Examples(
                "bindwise lab fuzz",
                "bindwise lab fuzz --seconds 600 --out mismatches",
                "bindwise lab fuzz --seed 42 --count 10000 --on model")
            .Usage("bindwise lab fuzz [options]")
            .Parameters(Command)
            .Text(Fuzzing)
            .Text(LabHelp.OnTheKernel)
            .ExitCodes("Exit codes:",
                (ExitCode.Free, "model and kernel agree"),
                (ExitCode.Blocked, "they differ, or a long run never met some rule"),
                (ExitCode.Error, "wrong usage, or the kernel cannot be used"),
                (ExitCode.Interrupted, "interrupted"));

    /// <inheritdoc/>
    public override ParseResult<VerbRun> Read(ParseResult parsed)
    {
        if (!TryNumber(parsed.GetValue(_seconds), 1, MostSeconds, out var time))
            return Fault($"--seconds takes a number from 1 to {MostSeconds}");
        if (!TryNumber(parsed.GetValue(_count), 1, long.MaxValue, out var most))
            return Fault("--count takes a number from 1");
        if (!TryNumber(parsed.GetValue(_seed), 0, ulong.MaxValue, out var start))
            return Fault($"--seed takes a number from 0 to {ulong.MaxValue}");
        if (parsed.GetValue(_output) is "")
            return Fault("--out needs the name of a folder: --out DIR");
        var only = _profile.Read(parsed, out var noProfile);
        if (noProfile is not null)
            return Fault(noProfile);
        var host = _on.Read(parsed, out var noHost) ?? PlayOn.WhereItCan;
        if (noHost is not null)
            return Fault(noHost);
        var ordinary = only == ScenarioProfile.TimeWait ? DefaultSecondsWithWaits : DefaultSeconds;
        var request = new LabFuzzRequest((int?)time ?? ordinary, start, only, host, (long?)most, parsed.GetValue(_output), parsed.GetValue(_json));
        return new ParseResult<VerbRun>((answers, errors) => new LabFuzz(request, answers, errors).Play());
    }

    private static bool TryNumber(string? text, ulong least, ulong most, out ulong? number)
    {
        number = null;
        if (text is null)
            return true;
        if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value < least || value > most)
            return false;
        number = value;
        return true;
    }
}

/// <summary>One run of <c>lab fuzz</c>.</summary>
internal sealed class LabFuzz(LabFuzzRequest request, AnswerStream output, ErrorLines errors)
{
    private readonly string _kernel = OperatingSystem.IsLinux() ? RunningKernel.ReadName() : "";

    /// <summary>Plays, and gives the exit code.</summary>
    public ExitCode Play()
    {
        using var cancellation = new CancellationTokenSource();
        using var interruption = Interruption.Cancels(cancellation, errors);
        if (LabHosts.Open(request.On, errors) is not { } hosts)
            return ExitCode.Error;
        var seed = request.Seed ?? (uint)Random.Shared.NextInt64(1L << 32);
        if (!request.Json)
            output.Write(Invariant($"seed {seed}, Linux {_kernel}, {(hosts.Kernel is null ? "the model alone" : "model and kernel")}\n"));
        var plan = new FuzzPlan(seed)
        {
            Duration = TimeSpan.FromSeconds(request.Seconds),
            Count = request.Count,
            Profile = request.Profile,
            Kernel = hosts.Kernel is not null && OperatingSystem.IsLinux() ? RunningKernel.Read() : KernelRelease.Documented,
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
        text.Append(CultureInfo.InvariantCulture, $"# Linux {_kernel}, found by: bindwise lab fuzz --seed {report.Seed}\n");
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
