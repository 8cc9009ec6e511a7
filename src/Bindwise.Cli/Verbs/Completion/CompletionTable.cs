using System.CommandLine;
using System.CommandLine.Completions;
using Bindwise.Cli.Verbs.Why;

namespace Bindwise.Cli.Verbs.Completion;

/// <summary>What can stand where on a command line, from the definitions that the parser has.</summary>
/// <param name="Places">The places: the program alone, and each verb.</param>
internal sealed record CompletionTable(IReadOnlyList<CompletionPlace> Places)
{
    /// <summary>Collects it from the verbs that help lists.</summary>
    public static CompletionTable Of(IReadOnlyList<VerbEntry> verbs)
    {
        var listed = verbs.Where(static entry => !entry.IsHidden).ToList();
        var all = listed.Select(static entry => entry.Create()).ToList();
        // A command line without a verb is one of why.
        var usual = all.First(static verb => verb.Command.Name == WhyCommand.Name);
        var root = PlaceOf("", usual) with
        {
            TakesFiles = false,
            Verbs = [.. listed.Select(static entry => (entry.Name, entry.Description)), (HelpVerb.Name, "Show the help of a verb.")],
        };
        root = root with { Options = [.. root.Options, new CompletionOption(["--version", "-V"], "Show the version.", null)] };
        return new CompletionTable([root, .. all.SelectMany(verb => PlacesOf(verb, verb.Command.Name))]);
    }

    private static IEnumerable<CompletionPlace> PlacesOf(Verb verb, string path) =>
        verb.Verbs.SelectMany(below => PlacesOf(below, $"{path} {below.Command.Name}")).Prepend(PlaceOf(path, verb));

    private static CompletionPlace PlaceOf(string path, Verb verb)
    {
        var arguments = verb.Command.Arguments.Where(static argument => !argument.Hidden).ToList();
        return new CompletionPlace(path)
        {
            Verbs = [.. verb.Verbs.Select(static below => (below.Command.Name, below.Command.Description ?? ""))],
            Options = [.. verb.Command.Options.Append(ColourOption.Instance).Select(OptionOf)],
            Words = [.. arguments.SelectMany(static argument => WordsOf(argument.CompletionSources))],
            // A target may be a UNIX path.
            TakesFiles = arguments.Exists(
                static argument => argument.Name is "TARGET" || argument.Name.Contains("FILE", StringComparison.Ordinal)),
            Live = arguments.Exists(static argument => argument.Name is "TARGET" or "FILTER") ? LiveValue.Ports : LiveValue.None,
        };
    }

    private static CompletionOption OptionOf(Option option) => new(
        [option.Name, .. option.Aliases],
        option.Description ?? "",
        option.HelpName is null ? null : new CompletionValue([.. WordsOf(option.CompletionSources)], option.HelpName is "FILE",
            option.HelpName is "DIR", (option as ValueOption)?.Live ?? LiveValue.None));

    // A shell would split or expand any other.
    private static IEnumerable<string> WordsOf(List<Func<CompletionContext, IEnumerable<CompletionItem>>> sources) =>
        sources.SelectMany(static source => source(CompletionContext.Empty)).Select(static item => item.Label)
            .Where(static word => word.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.')).Distinct();
}

/// <param name="Path">The verbs before it, as <c>lab run</c>; empty for none.</param>
internal sealed record CompletionPlace(string Path)
{
    public IReadOnlyList<(string Name, string Description)> Verbs { get; init; } = [];
    public IReadOnlyList<CompletionOption> Options { get; init; } = [];
    public IReadOnlyList<string> Words { get; init; } = [];
    public bool TakesFiles { get; init; }
    public LiveValue Live { get; init; }
}

/// <param name="Names">As <c>--json</c> and <c>-q</c>.</param>
internal sealed record CompletionOption(IReadOnlyList<string> Names, string Description, CompletionValue? Value);

internal sealed record CompletionValue(IReadOnlyList<string> Words, bool IsFile, bool IsFolder, LiveValue Live);
