using System.CommandLine;

namespace Bindwise.Cli.CommandLine;

/// <summary>An option whose value is one of a few words.</summary>
internal sealed class ChoiceOption<T> : ValueOption
    where T : struct
{
    private readonly string _kind;
    private readonly (string Word, T Value)[] _words;

    /// <param name="name">As <c>--on</c>.</param>
    /// <param name="value">What the value is, as <c>HOST</c>.</param>
    /// <param name="description">What it does, for help and manual page.</param>
    /// <param name="kind">What another word is not, as <c>a theme</c>.</param>
    public ChoiceOption(string name, string value, string description, string kind, params (string Word, T Value)[] words)
        : base(name, value, description)
    {
        _kind = kind;
        _words = words;
        Offering(words.Select(static pair => pair.Word));
    }

    /// <summary>What was given; null where nothing was, or a word that it does not take.</summary>
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
