using System.CommandLine.Completions;
using Bindwise.Lab.Playing;

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

    /// <summary>Of a file for which neither standard stream can stand: why <c>-</c> is refused; null for every other value.</summary>
    public string? WhyNoStream(ParseResult parsed) =>
        parsed.GetValue(this) is "-" ? $"{Name} needs a file, and - is none; a file of that name is ./-" : null;

    /// <summary>Adds values to offer where a shell completes them.</summary>
    /// <param name="words">The words; they need not be all that it takes.</param>
    public ValueOption Offering(params IEnumerable<string> words)
    {
        CompletionSources.Add(_ => words.Select(static word => new CompletionItem(word)));
        return this;
    }
}

/// <summary><c>--kernel</c>: by which release of Linux the rules decide.</summary>
internal sealed class KernelOption : ValueOption
{
    /// <param name="meaning">What it changes, and what holds without it.</param>
    public KernelOption(string meaning)
        : base("--kernel", "RELEASE", meaning) => Offering(KernelRelease.Played.Select(static release => release.ToString()));

    /// <summary>The release that was given; null for none, or with a fault.</summary>
    public KernelRelease? Read(ParseResult parsed, out string? fault)
    {
        fault = null;
        return parsed.GetValue(this) is { } text ? ChosenRules.Kernel(text, out fault) : null;
    }
}

/// <summary><c>--site</c>: where the site's files are served.</summary>
internal sealed class SiteOption() : ValueOption("--site", "URL",
    "The address below which the site is served, as https://example.org/bindwise/. It has no default: the site's files are yours to serve.")
{
    private const string HowToServe =
        "no --site given; build the site's files and serve them (site/build; python3 -m http.server --directory artifacts/site 8000), "
            + "then add: --site http://localhost:8000/";

    /// <summary>The base, with the slash at its end; null with a fault.</summary>
    /// <param name="fault">What is wrong, one line; null when nothing is.</param>
    public string? Read(ParseResult parsed, out string? fault)
    {
        fault = null;
        if (parsed.GetValue(this) is not { } text)
            fault = HowToServe;
        else if (Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps
            || address.Scheme == Uri.UriSchemeHttp) && address is { Query: "", Fragment: "", UserInfo: "" })
            return address.AbsoluteUri.TrimEnd('/') + "/";
        else
            fault = $"--site {text} is not the address of a site: give one such as https://example.org/bindwise/";
        return null;
    }
}

/// <summary>An option whose value is one of a few words.</summary>
internal sealed class ChoiceOption<T> : ValueOption
    where T : struct
{
    private readonly string _kind;
    private readonly (string Word, T Value)[] _words;

    /// <param name="name">As <c>--on</c>.</param>
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

/// <summary><c>--color</c>, which every verb has.</summary>
internal static class ColourOption
{
    private const string Name = "--color";

    /// <summary>The option for the parser: it stands anywhere on the line.</summary>
    public static ChoiceOption<ColourUse> Instance { get; } = new(Name, "WHEN",
        "Use colors: auto, always or never. auto is the default: only on a terminal, unless NO_COLOR is set; FORCE_COLOR turns them on "
            + "everywhere.",
        "not a choice", ("auto", ColourUse.Auto), ("always", ColourUse.Always), ("never", ColourUse.Never))
    { Recursive = true };

    public static int Leading(ReadOnlySpan<string> arguments)
    {
        var count = 0;
        while (true)
        {
            var rest = arguments[count..];
            if (rest is [Name, { } word, ..] && Instance.ValueOf(word) is not null)
                count += 2;
            else if (rest is [{ } joined, ..] && joined.StartsWith(Name + "=", StringComparison.Ordinal)
                && Instance.ValueOf(joined[(Name.Length + 1)..]) is not null)
                count++;
            else
                return count;
        }
    }

    public static string? Apply(ParseResult parsed)
    {
        Terminal.Colours = Instance.Read(parsed, out var fault) ?? ColourUse.Auto;
        return fault;
    }
}

/// <summary>An option whose value is a time: <c>500ms</c>, <c>10s</c>, <c>2m</c>, <c>1h</c>; a number alone is seconds.</summary>
/// <param name="name">As <c>--grace</c>.</param>
/// <param name="description">What it does, for help and manual page.</param>
/// <param name="aliases">As <c>-t</c>.</param>
internal sealed class TimeOption(string name, string description, params string[] aliases) : ValueOption(name, "TIME", description, aliases)
{
    public static readonly TimeSpan Longest = TimeSpan.FromDays(10_000);

    // The longer unit first.
    private static readonly (string Unit, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("", 1)];

    /// <summary>No time at all is a time too.</summary>
    public bool TakesZero { get; init; }

    /// <summary>What was given; null where nothing was, or no time.</summary>
    /// <param name="fault">What is wrong, one line; null when nothing is.</param>
    public TimeSpan? Read(ParseResult parsed, out string? fault)
    {
        fault = null;
        if (parsed.GetValue(this) is not { } given)
            return null;
        if (Read(given) is { } time && (TakesZero || time > TimeSpan.Zero))
            return time;
        fault = $"{Name} {given} is not a time: give 500ms, 10s, 2m or 1h";
        return null;
    }

    /// <summary>Reads a time; null for a text that is none.</summary>
    internal static TimeSpan? Read(string text)
    {
        var (unit, seconds) = Array.Find(Units, one => text.EndsWith(one.Unit, StringComparison.OrdinalIgnoreCase));
        return double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
            out var number)
            && number * seconds is >= 0 and var all && all <= Longest.TotalSeconds
            ? TimeSpan.FromSeconds(all)
            : null;
    }
}

/// <summary>An option that takes one value each time, and can be given several times.</summary>
internal sealed class ListOption : Option<string[]>
{
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
