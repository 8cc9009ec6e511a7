using System.CommandLine.Completions;
using System.Diagnostics;
using Bindwise.Lab.Catalogue;
using Bindwise.Lab.Kernel;
using Bindwise.Lab.Playing;
using Bindwise.Lab.Proving;
using Bindwise.Lab.Recording;
using Bindwise.Linux.Live;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Platforms;
using Bindwise.Model.Scenarios.Claims;
using Bindwise.Rendering.Claims;
using Bindwise.Rendering.Scenarios;
using static System.FormattableString;

namespace Bindwise.Cli.Verbs.Lab;

/// <param name="IsFast">Long waits in virtual time.</param>
internal sealed record LabProveRequest(IReadOnlyList<string> Ids, string? Folder, PlayOn On, string Platform, bool IsFast, bool IsJson,
    bool IsVerbose);

internal sealed class LabProveCommand : Verb
{
    private const string Proving =
        "A claim has cases: each sets up one situation on an empty host. A claim is true if it holds in all of them, false if it holds in "
            + "none, and otherwise true if ..., with the condition. The verdict follows from what was played and is then compared with the "
            + "one recorded for this kernel. docs/lab.md says how to write a claim of your own.";

    private readonly Argument<string[]> _ids = new("ID")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "A claim from bindwise lab list, or a claim's file. Several are played side by side.",
        CompletionSources = { static _ => ScenarioCatalogue.Claims.Select(static id => new CompletionItem(id)) }
    };
    private readonly Flag _all = new("--all", "Every claim, side by side: less than three minutes.");

    private readonly ChoiceOption<PlayOn> _on = new("--on", "HOST",
        "Where to play: model (the rules, in virtual time), kernel (this one) or both, side by side. Default: both, or model where the "
            + "kernel cannot be used.",
        "no host", ("model", PlayOn.Model), ("kernel", PlayOn.Kernel), ("both", PlayOn.Both));

    private readonly Flag _fast =
        new("--fast", "Play cases that wait longer than a second only on the model, in virtual time; the answer says so.");

    private readonly ValueOption _platform = new ValueOption("--platform", "NAME",
        "Judge by the documented rules of another system, without running anything: " + string.Join(", ", ClaimSystems.All[1..])
            + ". Default: linux, whose experiments are played.")
        .Offering(ClaimSystems.All);

    private readonly ValueOption _from = new("--from", "DIR", "Take the claims in this folder instead of the built-in ones.");
    private readonly Flag _verbose = new("--verbose", "Show every step, the sockets before and after, and why.", "-v");
    private readonly Flag _json = new("--json", "Print one line of JSON per claim.");

    public LabProveCommand()
        : base("prove", "Play a claim's experiments, and say whether it is true here.") =>
        Take(_ids, _all, _on, _fast, _platform, _from, _verbose, _json);

    public override HelpPage Help =>
        new HelpPage("bindwise lab prove: play a claim's experiments, and say whether it is true here.")
            .Examples(
                "bindwise lab prove reuse-time-wait",
                "bindwise lab prove tw-length tw-fin-timeout",
                "bindwise lab prove --all --fast",
                "bindwise lab prove --all --json",
                "bindwise lab prove --platform macos reuse-wildcard")
            .Usage("bindwise lab prove [options] ID...", "bindwise lab prove [options] --all")
            .Parameters(Command)
            .Text(Proving)
            .Text(LabHelp.OnTheKernel)
            .ExitCodes("Exit codes (the worst counts, in the order 2, 1, 0):",
                (ExitCode.Success, "model and kernel agree, and every verdict is the recorded one"),
                (ExitCode.Negative, "model and kernel differ, or a verdict or a result is not the recorded one"),
                (ExitCode.Error, "wrong usage, a claim that does not exist or has a mistake, or the kernel cannot be used"),
                (ExitCode.Interrupted, "interrupted"));

    public override VerbRun Read(ParseResult parsed)
    {
        var named = parsed.GetValue(_ids) ?? [];
        if (named.Length == 0 && !parsed.GetValue(_all))
            throw new UsageException("no ID given: name claims from bindwise lab list, or give --all");
        if (named.Length > 0 && parsed.GetValue(_all))
            throw new UsageException("give IDs or --all, not both");
        if (parsed.GetValue(_from) is "")
            throw new UsageException("--from needs the name of a folder: --from DIR");
        var host = _on.Read(parsed) ?? PlayOn.WhereItCan;
        var system = parsed.GetValue(_platform) ?? ClaimSystems.Linux;
        if (ChosenRules.Platform(system, out var noSystem) is null)
            throw new UsageException(noSystem!);
        if (system != ClaimSystems.Linux && host is PlayOn.Kernel or PlayOn.Both)
            throw new UsageException($"--platform {system} follows documents and runs nothing: leave --on out");
        if (host == PlayOn.Kernel && parsed.GetValue(_fast))
            throw new UsageException("--fast plays long waits on the model: leave --on kernel out");
        var request = new LabProveRequest(named, parsed.GetValue(_from), host, system, parsed.GetValue(_fast), parsed.GetValue(_json),
            parsed.GetValue(_verbose));
        return (output, errors) => new LabProve(request, output, errors).Play();
    }
}

internal sealed class LabProve(LabProveRequest request, AnswerStream output, ErrorLines errors)
{
    // Shorter waits need no notice.
    private const int NoticeableSeconds = 2;

    private readonly Terminal _terminal = Terminal.Detect();
    private ExitCode _worst = ExitCode.Success;
    private bool _hasAnswered;

    public ExitCode Play()
    {
        using var interruption = Interruption.EndsAtOnce(errors);
        if (Find() is not { } claims)
            return ExitCode.Error;
        if (Request() is not { } where)
            return ExitCode.Error;
        try
        {
            Prove(claims, where);
        }
        catch (LiveUnavailableException exception)
        {
            Fail(exception.Message);
        }
        return _worst;
    }

    // Null when one is wrong: nothing is played then.
    private List<Claim>? Find()
    {
        var store = new ClaimStore(request.Folder);
        var ids = request.Ids.Count > 0 ? request.Ids : store.Ids(out _);
        if (ids.Count == 0)
        {
            _ = store.Ids(out var fault);
            Fail(fault!);
            return null;
        }
        var claims = new List<Claim>();
        foreach (var id in ids)
        {
            var found = store.Find(id);
            foreach (var fault in found.Faults)
                Fail(fault);
            if (found.Claim is { } claim && !claims.Contains(claim))
                claims.Add(claim);
        }
        return _worst == ExitCode.Success ? claims : null;
    }

    // Null when the kernel was asked for and cannot be used.
    private ProofRequest? Request()
    {
        if (request.Platform != ClaimSystems.Linux && PlatformProfiles.Find(request.Platform) is { } platform)
            return ProofSystems.OfDocuments(platform);
        return LabHosts.Open(request.On, errors) is { } hosts ? ProofSystems.Of(hosts, request.IsFast) : null;
    }

    private void Prove(List<Claim> claims, ProofRequest where)
    {
        var prover = new Prover(where);
        var seconds = claims.SelectMany(static claim => claim.Cases).Max(part => where.Hosts.WaitsOf(part.Scenario).MostSeconds);
        if (request.IsJson || !Terminal.CanRedrawErrors)
        {
            if (!request.IsJson && seconds >= NoticeableSeconds)
                errors.Write(string.Create(CultureInfo.InvariantCulture,
                    $"this takes up to {Math.Ceiling(seconds)} s on the kernel; cases wait side by side (--fast waits in virtual time)"));
            prover.Prove(claims, Answer);
            return;
        }
        var clock = Stopwatch.StartNew();
        using var progress = new ProgressLine(errors, _terminal.Width ?? ScenarioResultText.DefaultWidth,
            () => ProofBar.Of(prover.Progress, clock.Elapsed, (double)seconds));
        prover.Prove(claims, proof => progress.Above(() => Answer(proof)));
    }

    private bool Answer(ClaimProof proof)
    {
        if (proof.Error is { } error)
            Fail($"{proof.Claim.Id}: {error}");
        else if (!proof.IsAsRecorded || proof.Agree is false)
            _worst = ExitCodes.Worst(_worst, ExitCode.Negative);
        if (request.IsJson)
            output.WriteLine(line => ClaimProofJson.Write(line, proof));
        else
        {
            var options = new TextOptions(_terminal.Width ?? ScenarioResultText.DefaultWidth,
                request.IsVerbose ? Detail.Verbose : Detail.Normal);
            output.Write((_hasAnswered ? "\n" : "") + TextOutput.Format(ClaimProofText.Render(proof, options), _terminal.IsColoured));
        }
        _hasAnswered = true;
        return output.IsOpen;
    }

    private void Fail(string message)
    {
        errors.Write(message);
        _worst = ExitCodes.Worst(_worst, ExitCode.Error);
    }
}

/// <summary>How far a run of <c>lab prove</c> is, as a bar for a terminal.</summary>
internal static class ProofBar
{
    private const int Cells = 12;

    public static string Of(ProofProgress progress, TimeSpan elapsed, double seconds)
    {
        var ofCases = progress.Cases == 0 ? 0 : (double)progress.Played / progress.Cases;
        // Nearly all the time goes by in waits, which all run at once.
        var share = seconds < 2 ? ofCases : Math.Min(elapsed.TotalSeconds / seconds, 0.99);
        var full = (int)Math.Clamp(share * Cells, 0, Cells);
        return Invariant($"[{new string('#', full)}{new string('.', Cells - full)}] {progress.Played} of {progress.Cases} cases")
            + Waiting(progress.Longest);
    }

    // The kernel's own countdown, beside what the scenario waits for.
    private static string Waiting(PlayProgress? wait)
    {
        if (wait is null)
            return "";
        var left = Math.Max(0, (wait.Wait - wait.Waited).TotalSeconds);
        var row = wait.Sockets.FirstOrDefault(static row => row.SecondsLeft is not null);
        var countdown = row is null ? "" : Invariant($", {TcpStateNames.Of(row.State, row.Protocol)} {row.SecondsLeft:0.0} s");
        var attempts = wait.Attempts > 0 ? Invariant($", attempt {wait.Attempts}") : "";
        // What moves stands first: a narrow terminal cuts the name.
        return Invariant($"; {left:0} s to wait{countdown}{attempts}: {wait.Scenario.Name}");
    }
}

/// <summary>What verdicts speak of, and where they are played.</summary>
internal static class ProofSystems
{
    /// <summary>The release of this kernel; elsewhere, and where it cannot be read, that whose rules the model has.</summary>
    public static string Release() =>
        OperatingSystem.IsLinux() && RunningKernel.ReadName() is { Length: > 0 } release ? release : ClaimSystems.ModelRelease;

    /// <summary>On this kernel, on the rules that the model has, or on both.</summary>
    public static ProofRequest Of(ScenarioHosts hosts, bool isFast)
    {
        if (hosts.Kernel is null)
        {
            var rules = new ProofSystem(ClaimSystems.Linux, ClaimSystems.ModelRelease, $"the rules of Linux {ClaimSystems.ModelRelease}");
            return new ProofRequest(VirtualCaseHosts.OfModel(KernelRelease.Documented), rules);
        }
        var options = new RecordingOptions
        {
            OnModel = hosts.Model is not null,
            IsFast = isFast,
            Kernel = KernelHosts.Rules,
        };
        return new ProofRequest(new RecordingCaseHosts(options), new ProofSystem(ClaimSystems.Linux, Release(), $"Linux {Release()}"));
    }

    public static ProofRequest OfDocuments(PlatformProfile platform) =>
        new(VirtualCaseHosts.OfDocuments(platform), new ProofSystem(platform.Id, "", platform.Name, IsRun: false));
}
