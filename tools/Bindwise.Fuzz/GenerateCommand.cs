using System.CommandLine;
using Bindwise.Cli.CommandLine;
using Bindwise.Cli.Output;
using Bindwise.Fuzz.Generating;
using Bindwise.Fuzz.Generating.Filtering;
using Bindwise.Model.Scenarios;

namespace Bindwise.Fuzz;

/// <summary><c>generate</c>: its options, told once for parser and help alike.</summary>
internal sealed class GenerateCommand : Verb
{
    private const int DefaultCount = 1_000;

    private readonly NumberOption _seed = NumberOption.Seed();
    private readonly NumberOption _count = new("--count", "N", $"How many. Default: {DefaultCount}.", least: 1, long.MaxValue);
    private readonly ChoiceOption<ScenarioProfile> _profile = new("--profile", "WHAT",
        "Of which kind: quick (the default), fin-wait2 (each waits 6 s) or time-wait (66 s).",
        "not a profile", ScenarioProfiles.Words);

    private readonly KernelOption _kernel = new(
        $"Leave out what this release of Linux, as 6.1, decides by chance. Default: {KernelRelease.Documented}.");

    /// <summary>Sets the verb up.</summary>
    public GenerateCommand()
        : base("generate", "Print random scenarios, to be played elsewhere.") => Take(_seed, _count, _profile, _kernel);

    /// <inheritdoc/>
    public override HelpPage Help =>
        new HelpPage($"{FuzzTool.Name} generate: print random scenarios, one line of JSON each, as bindwise lab run takes them.")
            .Examples(
                $"{FuzzTool.Start} generate --seed 42 --count 200 | bindwise lab run --json -",
                $"{FuzzTool.Start} generate --kernel 5.10 --profile fin-wait2 --count 50")
            .Usage($"{FuzzTool.Name} generate [options]")
            .Parameters(Command)
            .ExitCodes("Exit codes:", (ExitCode.Success, "printed"), (ExitCode.Error, "wrong usage"));

    /// <inheritdoc/>
    public override VerbRun Read(ParseResult parsed)
    {
        var seed = _seed.Read(parsed) ?? NumberOption.AnySeed();
        var count = (long?)_count.Read(parsed) ?? DefaultCount;
        var profile = _profile.Read(parsed) ?? ScenarioProfile.Quick;
        var kernel = _kernel.Read(parsed) ?? KernelRelease.Documented;
        return (output, errors) => Print(seed, count, profile, kernel, output, errors);
    }

    private static ExitCode Print(
        ulong seed, long count, ScenarioProfile profile, KernelRelease kernel, AnswerStream output, ErrorLines errors)
    {
        for (var index = 0L; index < count && output.IsOpen; index++)
            output.Write(ScenarioJson.Write(ReleaseFilter.For(kernel, ScenarioGenerator.Generate(seed, index, profile))) + "\n");
        if (output.Fault is not { } unwritten)
            return ExitCode.Success;
        errors.Write($"cannot write to standard output: {unwritten}");
        return ExitCode.Error;
    }
}
