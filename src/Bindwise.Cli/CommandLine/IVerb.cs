using System.CommandLine;
using Bindwise.Cli.Output;
using Bindwise.Model.Scenarios.Words;
using Bindwise.Model.Targets;
using Bindwise.Rendering.Escaping;

namespace Bindwise.Cli.CommandLine;

/// <summary>What a verb does once its command line is understood.</summary>
internal delegate ExitCode VerbRun(AnswerStream output, ErrorLines errors);

/// <summary>A verb of the program, made only when it was asked for.</summary>
internal interface IVerb
{
    /// <summary>The verb for the parser.</summary>
    Command Command { get; }

    /// <summary>The help that was asked for; null when none was.</summary>
    HelpPage? Help(ParseResult parsed);

    /// <summary>What to do, or what is wrong with the command line.</summary>
    ParseResult<VerbRun> Read(ParseResult parsed);
}

/// <summary>A verb as the program knows it before it is asked for.</summary>
/// <param name="Name">The word.</param>
/// <param name="Description">One sentence.</param>
/// <param name="Create">Makes it.</param>
internal sealed record VerbEntry(string Name, string Description, Func<IVerb> Create);

/// <summary><c>bindwise help lab run</c> means <c>bindwise lab run --help</c>.</summary>
internal static class HelpVerb
{
    /// <summary>The verb.</summary>
    public const string Name = "help";

    /// <summary>The arguments with the option in place of the verb; <c>lab help run</c> is the same as <c>help lab run</c>.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="first">Where the verb stands.</param>
    public static string[] Replace(string[] arguments, int first) => arguments[first..] switch
    {
        [Name, .. var words] => [.. arguments[..first], .. words, "--help"],
        ["lab", Name, .. var words] => [.. arguments[..first], "lab", .. words, "--help"],
        _ => arguments,
    };

    /// <summary>Why there is no help of that name, one line.</summary>
    public static string WhyNot(string word, IReadOnlyCollection<string> verbs)
    {
        var near = Nearest.To(word, verbs);
        return $"there is no verb {Escaper.Escape(word, 60)}; {(near is null ? $"there are {string.Join(", ", verbs)}" : $"did you mean bindwise help {near}?")}";
    }
}
