using System.CommandLine.Completions;
using Bindwise.Lab.Playing;

namespace Bindwise.Cli.CommandLine;

internal class ValueOption : Option<string>
{
    /// <param name="value">What the value is, as <c>NAME</c>; for FILE and DIR a shell completes paths.</param>
    public ValueOption(string name, string value, string description, params string[] aliases)
        : base(name, aliases)
    {
        HelpName = value;
        Description = description;
    }

    /// <summary>What of this host the value names, which a shell asks for when it completes it.</summary>
    public LiveValue Live { get; init; }

    /// <summary>A file for which neither standard stream can stand; null where none was given.</summary>
    public string? ReadFile(ParseResult parsed) => parsed.GetValue(this) is not "-" and var file ? file
        : throw new UsageException($"{Name} needs a file, and - is none; a file of that name is ./-");

    /// <summary>Adds words to offer where a shell completes a value; they need not be all that it takes.</summary>
    public ValueOption Offering(params IEnumerable<string> words)
    {
        CompletionSources.Add(_ => words.Select(static word => new CompletionItem(word)));
        return this;
    }
}

/// <summary><c>--kernel</c>: by which release of Linux the rules decide.</summary>
internal sealed class KernelOption : ValueOption
{
    public KernelOption(string meaning)
        : base("--kernel", "RELEASE", meaning) => Offering(KernelRelease.Played.Select(static release => release.ToString()));

    public KernelRelease? Read(ParseResult parsed) => parsed.GetValue(this) is not { } text ? null
        : ChosenRules.Kernel(text, out var fault) ?? throw new UsageException(fault!);
}

/// <summary><c>--site</c>: where the site's files are served.</summary>
internal sealed class SiteOption() : ValueOption("--site", "URL",
    "The address below which the site is served, as https://example.org/bindwise/. It has no default: the site's files are yours to serve.")
{
    private const string HowToServe =
        "no --site given; build the site's files and serve them (site/build; python3 -m http.server --directory artifacts/site 8000), "
            + "then add: --site http://localhost:8000/";

    public string Read(ParseResult parsed)
    {
        if (parsed.GetValue(this) is not { } text)
            throw new UsageException(HowToServe);
        return Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps
            || address.Scheme == Uri.UriSchemeHttp) && address is { Query: "", Fragment: "", UserInfo: "" }
            ? address.AbsoluteUri.TrimEnd('/') + "/"
            : throw new UsageException($"--site {text} is not the address of a site: give one such as https://example.org/bindwise/");
    }
}

/// <summary>An option whose value is one of a few words.</summary>
internal sealed class ChoiceOption<T> : ValueOption
    where T : struct
{
    private readonly string _kind;
    private readonly (string Word, T Value)[] _words;

    /// <param name="kind">What another word is not, as <c>a theme</c>.</param>
    public ChoiceOption(string name, string value, string description, string kind, params (string Word, T Value)[] words)
        : base(name, value, description)
    {
        _kind = kind;
        _words = words;
        Offering(words.Select(static pair => pair.Word));
    }

    public T? Read(ParseResult parsed)
    {
        if (parsed.GetValue(this) is not { } given)
            return null;
        var known = _words.Select(static pair => pair.Word).ToList();
        return ValueOf(given)
            ?? throw new UsageException($"{Name} {given} is {_kind}: give {string.Join(", ", known[..^1])} or {known[^1]}");
    }

    /// <summary>What a word stands for; null for one that it does not take.</summary>
    public T? ValueOf(string word) => Array.FindIndex(_words, pair => pair.Word == word) is >= 0 and var at ? _words[at].Value : null;
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

    public static void Apply(ParseResult parsed) => Terminal.Colours = Instance.Read(parsed) ?? ColourUse.Auto;
}

/// <summary>An option whose value is a time: <c>500ms</c>, <c>10s</c>, <c>2m</c>, <c>1h</c>; a number alone is seconds.</summary>
internal sealed class TimeOption(string name, string description, params string[] aliases) : ValueOption(name, "TIME", description, aliases)
{
    public static readonly TimeSpan Longest = TimeSpan.FromDays(10_000);

    // The longer unit first.
    private static readonly (string Unit, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("", 1)];

    /// <summary>No time at all is a time too.</summary>
    public bool TakesZero { get; init; }

    public TimeSpan? Read(ParseResult parsed)
    {
        if (parsed.GetValue(this) is not { } given)
            return null;
        return Read(given) is { } time && (TakesZero || time > TimeSpan.Zero) ? time
            : throw new UsageException($"{Name} {given} is not a time: give 500ms, 10s, 2m or 1h");
    }

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
    public ListOption(string name, string value, string description)
        : base(name)
    {
        HelpName = value;
        Description = description;
        Arity = ArgumentArity.OneOrMore;
        AllowMultipleArgumentsPerToken = false;
    }
}

/// <summary>What exists on this host now, which a shell offers as a value (<c>bindwise complete</c>).</summary>
internal enum LiveValue : byte
{
    None,
    Ports,
    Units,
    Containers,
}
