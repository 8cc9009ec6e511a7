using System.CommandLine;
using System.CommandLine.Completions;

namespace Bindwise.Cli.CommandLine;

/// <summary>An option that takes no value.</summary>
internal sealed class Flag : Option<bool>
{
    /// <summary>Defines it.</summary>
    /// <param name="name">As <c>--json</c>.</param>
    /// <param name="description">What it does, for help and manual page.</param>
    /// <param name="aliases">As <c>-q</c>.</param>
    public Flag(string name, string description, params string[] aliases)
        : base(name, aliases)
    {
        Description = description;
        Arity = ArgumentArity.Zero;
    }
}

/// <summary>What exists on this host now, which a shell offers as a value (<c>bindwise complete</c>).</summary>
internal enum LiveValue : byte
{
    /// <summary>Nothing: the value is something else.</summary>
    None,

    /// <summary>The TCP and UDP ports in use.</summary>
    Ports,

    /// <summary>Services and sockets of systemd.</summary>
    Units,

    /// <summary>Running containers.</summary>
    Containers,
}

/// <summary>An option that takes one value.</summary>
internal class ValueOption : Option<string>
{
    /// <summary>Defines it.</summary>
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

/// <summary>An option that takes one value each time, and can be given several times.</summary>
internal sealed class ListOption : Option<string[]>
{
    /// <summary>Defines it.</summary>
    /// <param name="name">As <c>--port</c>.</param>
    /// <param name="value">What a value is, as <c>OLD=NEW</c>.</param>
    /// <param name="description">What it does, for help and manual page.</param>
    public ListOption(string name, string value, string description)
        : base(name)
    {
        HelpName = value;
        Description = description;
        Arity = ArgumentArity.OneOrMore;
        AllowMultipleArgumentsPerToken = false;
    }
}

/// <summary>An option whose value is one of a few words.</summary>
/// <typeparam name="T">What a word stands for.</typeparam>
internal sealed class ChoiceOption<T> : ValueOption
    where T : struct
{
    private readonly string _kind;
    private readonly (string Word, T Value)[] _words;

    /// <summary>Defines it.</summary>
    /// <param name="name">As <c>--on</c>.</param>
    /// <param name="value">What the value is, as <c>HOST</c>.</param>
    /// <param name="description">What it does, for help and manual page.</param>
    /// <param name="kind">What another word is not, as <c>a theme</c>.</param>
    /// <param name="words">The words.</param>
    public ChoiceOption(string name, string value, string description, string kind, params (string Word, T Value)[] words)
        : base(name, value, description)
    {
        _kind = kind;
        _words = words;
        Offering(words.Select(static pair => pair.Word));
    }

    /// <summary>What was given; null where nothing was, or a word that it does not take.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="fault">What is wrong, one line; null when nothing is.</param>
    public T? Read(ParseResult parsed, out string? fault)
    {
        fault = null;
        if (parsed.GetValue(this) is not { } given)
            return null;
        if (ValueOf(given) is { } value)
            return value;
        var known = _words.Select(static pair => pair.Word).ToList();
        fault = $"{Name} {given} is {_kind}: give {string.Join(", ", known[..^1])} or {known[^1]}";
        return null;
    }

    /// <summary>What a word stands for; null for one that it does not take.</summary>
    public T? ValueOf(string word)
    {
        foreach (var (known, value) in _words)
        {
            if (known == word)
                return value;
        }
        return null;
    }
}
