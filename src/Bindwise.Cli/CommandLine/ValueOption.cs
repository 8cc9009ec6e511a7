using System.CommandLine;
using System.CommandLine.Completions;

namespace Bindwise.Cli.CommandLine;

internal class ValueOption : Option<string>
{
    /// <param name="name">As <c>--device</c>.</param>
    /// <param name="value">What the value is, as <c>NAME</c>; for FILE and DIR a shell completes paths.</param>
    /// <param name="description">What it does, for help and manual page.</param>
    /// <param name="aliases">As <c>-o</c>.</param>
    public ValueOption(string name, string value, string description, params string[] aliases)
        : base(name, aliases)
    {
        HelpName = value;
        Description = description;
    }

    /// <summary>What of this host the value names, which a shell asks for when it completes it.</summary>
    public LiveValue Live { get; init; }

    /// <summary>Adds values to offer where a shell completes them.</summary>
    /// <param name="words">The words; they need not be all that it takes.</param>
    public ValueOption Offering(params IEnumerable<string> words)
    {
        CompletionSources.Add(_ => words.Select(static word => new CompletionItem(word)));
        return this;
    }
}
