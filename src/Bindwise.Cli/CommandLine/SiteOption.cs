using System.CommandLine;

namespace Bindwise.Cli.CommandLine;

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
