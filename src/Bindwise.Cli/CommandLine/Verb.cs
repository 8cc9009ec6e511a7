using Bindwise.Model.Scenarios.Words;
using Bindwise.Rendering.Escaping;

namespace Bindwise.Cli.CommandLine;

/// <summary>What a verb does once its command line is understood.</summary>
internal delegate ExitCode VerbRun(AnswerStream output, ErrorLines errors);

/// <summary>A verb: a name, parameters, help, and what it does. One with verbs below it is a verb too.</summary>
internal abstract class Verb
{
    // HelpOption looks its own description up in resources, by reflection: half a millisecond.
    private readonly Option<bool> _help = new("--help", "-h", "-?") { Description = "Show this help.", Arity = ArgumentArity.Zero };

    protected Verb(string name, string description) => Command = new Command(name, description);

    /// <summary>The verb for the parser, and its parameters: the one definition for parser, help, completion and manual page.</summary>
    public Command Command { get; }

    public IReadOnlyList<Verb> Verbs { get; private set; } = [];

    public abstract HelpPage Help { get; }

    /// <summary>
    /// Threads without which it does not start: those that it has at the same time, where some are of the runtime's pool, which ends the
    /// process when it is refused one.
    /// </summary>
    public virtual int NeededThreads => 0;

    /// <summary>A command of the user's own may stand after <c>--</c>.</summary>
    public virtual bool TakesProgram => false;

    /// <summary>That command, which is not for the parser; null where there is no <c>--</c>.</summary>
    public IReadOnlyList<string>? Program { get; set; }

    /// <summary>Where in the command line that command begins, or the <c>--</c> before it; null where there is none.</summary>
    public virtual int? ProgramAt(string[] line) => TakesProgram && Array.IndexOf(line, "--") is >= 0 and var at ? at : null;

    /// <summary>Where that command begins without a <c>--</c> too: at the first word that is neither an option nor one's value.</summary>
    protected int? FirstWordOfProgram(string[] line)
    {
        for (var at = Array.IndexOf(line, Command.Name) + 1; at < line.Length; at++)
        {
            if (line[at] is "--" or not ['-', _, ..])
                return at;
            if (line[at] == ColourOption.Instance.Name
                || Command.Options.Any(option => option.Name == line[at] && option.Arity.MinimumNumberOfValues > 0))
                at++;
        }
        return null;
    }

    /// <summary>What it does, as the command line says.</summary>
    /// <exception cref="UsageException">Something is missing, or cannot be.</exception>
    public abstract VerbRun Read(ParseResult parsed);

    /// <summary>The same of the verb that the command line names, after what holds for all verbs was looked at.</summary>
    /// <exception cref="UsageException">The command line cannot be understood.</exception>
    public VerbRun ReadNamed(ParseResult parsed)
    {
        if (ParserFault.Of(parsed) is { } mistake)
            throw new UsageException(mistake);
        ColourOption.Apply(parsed);
        return UnknownOption.In(parsed) is { } unknown ? throw new UsageException(unknown) : Named(parsed).Read(parsed);
    }

    public Verb Named(ParseResult parsed) =>
        Verbs.Select(verb => verb.Named(parsed)).FirstOrDefault(verb => verb.Command == parsed.CommandResult.Command) ?? this;

    public HelpPage? HelpFor(ParseResult parsed) =>
        Verbs.Select(verb => verb.HelpFor(parsed)).FirstOrDefault(static page => page is not null)
            ?? (parsed.GetResult(_help) is { Implicit: false } ? Help : null);

    protected void Take(params IEnumerable<Symbol> parameters)
    {
        foreach (var parameter in parameters.Append(_help))
        {
            if (parameter is Argument argument)
                Command.Arguments.Add(argument);
            else
                Command.Options.Add((Option)parameter);
        }
    }

    protected void Offer(params IReadOnlyList<Verb> verbs)
    {
        Verbs = verbs;
        foreach (var verb in verbs)
            Command.Subcommands.Add(verb.Command);
        Take();
        // With something to do of its own the parser lets it stand alone, and Read says what is missing.
        Command.SetAction(static _ => 0);
    }
}

/// <param name="IsSeldomNeeded">The short help only names it.</param>
/// <param name="IsHidden">It serves those who build the program: no help lists it.</param>
internal sealed record VerbEntry(string Name, string Description, Func<Verb> Create, bool HasVerbs = false, bool IsSeldomNeeded = false,
    bool IsHidden = false);

/// <summary><c>bindwise help lab run</c> means <c>bindwise lab run --help</c>.</summary>
internal static class HelpVerb
{
    public const string Name = "help";

    /// <summary>The arguments with the option in place of the verb; <c>lab help run</c> is the same as <c>help lab run</c>.</summary>
    public static string[] Replace(string[] arguments, int first, IReadOnlyCollection<VerbEntry> verbs) => arguments[first..] switch
    {
        [Name, .. var words] => [.. arguments[..first], .. words, "--help"],
        [var verb, Name, .. var words] when verbs.Any(entry => entry.HasVerbs && entry.Name == verb) =>
            [.. arguments[..first], verb, .. words, "--help"],
        _ => arguments,
    };

    public static string WhyNot(string word, IReadOnlyCollection<string> verbs)
    {
        var near = Nearest.To(word, verbs);
        return $"there is no verb {Escaper.Escape(word, 60)}; "
            + (near is null ? $"there are {string.Join(", ", verbs)}" : $"did you mean bindwise help {near}?");
    }
}
