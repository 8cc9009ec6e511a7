using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;
using Bindwise.Cli.CommandLine;
using Bindwise.Lab.Generating;
using Bindwise.Model.Targets;

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
internal sealed class LabFuzzCommand
{
    private const int DefaultSeconds = 60;
    private const int DefaultSecondsWithWaits = 120;

    // A week.
    private const int MostSeconds = 7 * 24 * 60 * 60;

    private readonly Option<string> seconds = new("--seconds") { HelpName = "N", Description = $"How long to play, in seconds. Default: {DefaultSeconds}. From 10 s on it also waits for FIN_WAIT2 to end, from 100 s on for TIME_WAIT." };
    private readonly Option<string> seed = new("--seed") { HelpName = "S", Description = "A number: the same seed gives the same scenarios." };
    private readonly Option<string> count = new("--count") { HelpName = "N", Description = "Stop after this many scenarios." };
    private readonly Option<string> profile = new("--profile")
    {
        HelpName = "WHAT",
        Description = "Only scenarios of one kind: quick, fin-wait2 (each waits 6 s) or time-wait (66 s), thousands at once. Default: a mixture.",
    };

    private readonly Option<string> on = new("--on") { HelpName = "HOST", Description = "Where to play: both, or model to try the model alone. Default: both, or model where the kernel cannot be used." };
    private readonly Option<string> output = new("--out") { HelpName = "DIR", Description = "Save each mismatch in this folder, as a .bind file." };
    private readonly Option<bool> json = new("--json") { Arity = ArgumentArity.Zero, Description = "Print the report as one line of JSON." };
    private readonly HelpOption help = new("--help", "-h", "-?") { Description = "Show this help." };

    /// <summary>Sets the verb up.</summary>
    public LabFuzzCommand() =>
        Command = new Command("fuzz", "Play random scenarios on model and kernel, and report differences.") { seconds, seed, count, profile, on, output, json, help };

    /// <summary>The verb for the parser.</summary>
    public Command Command { get; }

    /// <summary>Whether help was asked for.</summary>
    public bool WantsHelp(ParseResult parsed) => parsed.GetResult(help) is not null;

    /// <summary>What to do, or what is wrong with the command line.</summary>
    public ParseResult<VerbRun> Read(ParseResult parsed)
    {
        if (!TryNumber(parsed.GetValue(seconds), 1, MostSeconds, out var time))
            return Fault($"--seconds takes a number from 1 to {MostSeconds}");
        if (!TryNumber(parsed.GetValue(count), 1, long.MaxValue, out var most))
            return Fault("--count takes a number from 1");
        if (!TryNumber(parsed.GetValue(seed), 0, ulong.MaxValue, out var start))
            return Fault($"--seed takes a number from 0 to {ulong.MaxValue}");
        if (parsed.GetValue(output) is "")
            return Fault("--out needs the name of a folder: --out DIR");
        if (!TryProfile(parsed.GetValue(profile), out var only))
            return Fault($"--profile {parsed.GetValue(profile)} is not a profile: give quick, fin-wait2 or time-wait");
        PlayOn? where = parsed.GetValue(on) switch
        {
            null => PlayOn.WhereItCan,
            "model" => PlayOn.Model,
            "both" => PlayOn.Both,
            _ => null,
        };
        if (where is not { } host)
            return Fault($"--on {parsed.GetValue(on)} is no host: give both or model");
        var ordinary = only == ScenarioProfile.TimeWait ? DefaultSecondsWithWaits : DefaultSeconds;
        var request = new LabFuzzRequest((int?)time ?? ordinary, start, only, host, (long?)most, parsed.GetValue(output), parsed.GetValue(json));
        return new ParseResult<VerbRun>((answers, errors) => new LabFuzz(request, answers, errors).Play());
    }

    private static bool TryProfile(string? text, out ScenarioProfile? profile)
    {
        profile = text switch
        {
            "quick" => ScenarioProfile.Quick,
            "fin-wait2" => ScenarioProfile.FinWait2,
            "time-wait" => ScenarioProfile.TimeWait,
            _ => null,
        };
        return text is null || profile is not null;
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

    private static ParseResult<VerbRun> Fault(string message) => new(null, message);
}
