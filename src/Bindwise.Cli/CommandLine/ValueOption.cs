using System.CommandLine;
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
