using System.CommandLine;
using System.CommandLine.Help;
using System.Text;
using Bindwise.Model.Targets;

namespace Bindwise.Cli.Verbs;

/// <summary><c>bindwise explain</c>: its argument and options, told once for parser and help alike.</summary>
internal sealed class ExplainCommand : IVerb
{
    /// <summary>The verb.</summary>
    public const string Name = "explain";

    /// <summary>What it does.</summary>
    public const string Description = "Explain a term, a cause or a rule in plain words, with the scenario that shows it.";

    private const string Examples = """
        Examples:
          bindwise explain TIME_WAIT
          bindwise explain "ephemeral port"
          bindwise explain BW004
          bindwise explain --scenario SO_REUSEADDR | bindwise lab run -
          bindwise explain

        """;

    private readonly Argument<string[]> term = new("TERM")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "A word of the subject (TIME_WAIT, 2MSL, backlog), a cause (time-wait) or a rule (BW004); without one all of them are listed.",
    };

    private readonly Option<bool> json = new("--json") { Arity = ArgumentArity.Zero, Description = "One line of JSON a page." };
    private readonly Option<bool> scenario = new("--scenario") { Arity = ArgumentArity.Zero, Description = "Only the scenario that shows it, for: bindwise lab run -" };
    private readonly HelpOption help = new("--help", "-h", "-?") { Description = "Show this." };

    /// <summary>Sets the verb up.</summary>
    public ExplainCommand() => Command = new Command(Name, Description) { term, json, scenario, help };

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public string? Help(ParseResult parsed)
    {
        if (parsed.GetResult(help) is null)
            return null;
        var text = new StringBuilder("bindwise explain: what a word of the subject means.\n\n").Append(Examples).Append("\nUsage: bindwise explain [options] [TERM]\n\n");
        HelpPage.AppendParameters(text, Command);
        return text.Append("\nExit codes:\n    0  it was explained\n    2  there is no such term, or the system failed\n").ToString();
    }

    /// <inheritdoc/>
    public ParseResult<VerbRun> Read(ParseResult parsed)
    {
        var words = parsed.GetValue(term) ?? [];
        if (UnknownOption.Among(words, Command) is { } unknown)
            return new ParseResult<VerbRun>(null, unknown);
        var (isJson, isScenario) = (parsed.GetValue(json), parsed.GetValue(scenario));
        if (isJson && isScenario)
            return new ParseResult<VerbRun>(null, "--json and --scenario exclude each other: the JSON has the scenarios in it");
        if (isScenario && words.Length == 0)
            return new ParseResult<VerbRun>(null, "--scenario of what? give a TERM");
        // Several words are one term: nobody quotes "ephemeral port".
        return new ParseResult<VerbRun>((output, errors) => new ExplainRun(string.Join(' ', words), isJson, isScenario, output, errors).Explain());
    }
}
