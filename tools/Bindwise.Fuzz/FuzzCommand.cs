using System.CommandLine;
using Bindwise.Cli.CommandLine;
using Bindwise.Cli.Verbs.Lab;
using Bindwise.Fuzz.Generating;

namespace Bindwise.Fuzz;

/// <summary>What <c>fuzz</c> was asked, understood.</summary>
/// <param name="Seconds">How long to play.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Profile">What the scenarios are about; null for a mixture.</param>
/// <param name="On">Both, the model, or what can be had.</param>
/// <param name="Count">How many scenarios at most; null for as many as the time allows.</param>
/// <param name="SaveTo">The folder for mismatches; null for none.</param>
/// <param name="Json">The report as one line of JSON.</param>
internal sealed record FuzzRequest(int Seconds, ulong Seed, ScenarioProfile? Profile, PlayOn On, long? Count, string? SaveTo, bool Json);

/// <summary><c>fuzz</c>: its options, told once for parser and help alike.</summary>
internal sealed class FuzzCommand : Verb
{
    private const string Fuzzing =
        "A mismatch is shrunk to the fewest steps that still show it and printed as a scenario that anyone can replay. "
        + "The report names the kernel's release, the seed and what was covered, and nothing about this machine: "
        + "you can attach it to a bug report. "
        + "A long run fails if it never met some rule.";

    private const int DefaultSeconds = 60;
    private const int DefaultSecondsWithWaits = 120;

    // A week.
    private const int MostSeconds = 7 * 24 * 60 * 60;

    private readonly NumberOption _seconds = new(
        "--seconds", "N",
        $"How long to play, in seconds. Default: {DefaultSeconds}. "
            + "From 10 s on it also waits for FIN_WAIT2 to end, from 100 s on for TIME_WAIT.",
        least: 1, MostSeconds);
    private readonly NumberOption _seed = NumberOption.Seed();
    private readonly NumberOption _count = new("--count", "N", "Stop after this many scenarios.", least: 1, long.MaxValue);
    private readonly ChoiceOption<ScenarioProfile> _profile = new("--profile", "WHAT",
        "Only scenarios of one kind: quick, fin-wait2 (each waits 6 s) or time-wait (66 s), thousands at once. Default: a mixture.",
        "not a profile", ScenarioProfiles.Words);

    private readonly ChoiceOption<PlayOn> _on = new("--on", "HOST",
        "Where to play: both, or model to try the model alone. Default: both, or model where the kernel cannot be used.",
        "no host", ("both", PlayOn.Both), ("model", PlayOn.Model));
    private readonly ValueOption _output = new("--out", "DIR", "Save each mismatch in this folder, as a .bind file.");
    private readonly Flag _json = new("--json", "Print the report as one line of JSON.");

    /// <summary>Sets the verb up.</summary>
    public FuzzCommand()
        : base("fuzz", "Play random scenarios on model and kernel, and report differences.") =>
        Take(_seconds, _seed, _count, _profile, _on, _output, _json);

    /// <inheritdoc/>
    public override HelpPage Help =>
        new HelpPage($"{FuzzTool.Name} fuzz: play random scenarios on the model and on this kernel, and report every difference.")
            .Examples(
                $"{FuzzTool.Start} fuzz",
                $"{FuzzTool.Start} fuzz --seconds 600 --out mismatches",
                $"{FuzzTool.Start} fuzz --seed 42 --count 10000 --on model")
            .Usage($"{FuzzTool.Name} fuzz [options]")
            .Parameters(Command)
            .Text(Fuzzing)
            .Text(LabHelp.OnTheKernel)
            .ExitCodes("Exit codes:",
                (ExitCode.Success, "model and kernel agree"),
                (ExitCode.Negative, "they differ, or a long run never met some rule"),
                (ExitCode.Error, "wrong usage, or the kernel cannot be used"),
                (ExitCode.Interrupted, "interrupted"));

    /// <inheritdoc/>
    public override VerbRun Read(ParseResult parsed)
    {
        var seconds = _seconds.Read(parsed);
        var count = _count.Read(parsed);
        var seed = _seed.Read(parsed);
        if (parsed.GetValue(_output) is "")
            throw new UsageException("--out needs the name of a folder: --out DIR");
        var profile = _profile.Read(parsed);
        var host = _on.Read(parsed) ?? PlayOn.WhereItCan;
        var ordinary = profile == ScenarioProfile.TimeWait ? DefaultSecondsWithWaits : DefaultSeconds;
        var request = new FuzzRequest(
            (int?)seconds ?? ordinary, seed ?? NumberOption.AnySeed(), profile, host, (long?)count,
            parsed.GetValue(_output), parsed.GetValue(_json));
        return (answers, errors) => new FuzzSession(request, answers, errors).Play();
    }
}
