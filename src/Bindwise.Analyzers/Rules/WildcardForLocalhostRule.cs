using System.Globalization;
using System.Text.RegularExpressions;

namespace Bindwise.Analyzers.Rules;

/// <summary>BWC007. A body that listens on every address, and names a URL of localhost with the same port.</summary>
internal static class WildcardForLocalhostRule
{
    private static readonly Regex Localhost = new(@"https?://(?:localhost|127\.0\.0\.1|\[::1\]):(?<port>\d{1,5}(?!\d)|$)",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);

    public static void Check(FunctionBody body, Report report)
    {
        var sites = ListeningSites.Find(body).Where(static site => site.Address == ListenAddressKind.Wildcard).ToList();
        // A program that asks where it runs, as for a container, has chosen.
        if (sites.Count == 0
            || body.All<ILiteralOperation>().Any(static literal => literal.ConstantValue.Value is "DOTNET_RUNNING_IN_CONTAINER"))
            return;
        var mentions = Mentions(body).ToList();
        foreach (var site in sites)
        {
            if (mentions.Find(mention => mention.IsOf(body, site)) is { } mention)
                report(Diagnostic.Create(AnalyzerRules.WildcardForLocalhost, site.AddressOperation.Syntax.GetLocation(),
                    ImmutableDictionary<string, string?>.Empty, NameOf(site), mention.Text));
        }
    }

    private static string NameOf(ListeningSite site) => site.AddressOperation switch
    {
        IInvocationOperation call => call.TargetMethod.Name == "Create" ? "TcpListener.Create" : call.TargetMethod.Name,
        var address => address.Syntax.ToString(),
    };

    private static IEnumerable<Mention> Mentions(FunctionBody body)
    {
        foreach (var operation in body.Operations)
        {
            if (operation is IInterpolatedStringOperation interpolated)
            {
                for (var index = 0; index + 1 < interpolated.Parts.Length; index++)
                {
                    if (TextOf(interpolated.Parts[index]) is { } text && Localhost.Matches(text).Cast<Match>().LastOrDefault() is { } match
                        && match.Groups["port"].Length == 0
                        && interpolated.Parts[index + 1] is IInterpolationOperation port)
                        yield return new Mention(match.Value + port.Syntax, body.Values.Number(port.Expression),
                            SocketUses.VariableOf(LocalValues.Unwrap(port.Expression)));
                }
            }
            if (TextOf(operation) is { } whole)
            {
                foreach (Match match in Localhost.Matches(whole))
                {
                    if (match.Groups["port"].Length > 0)
                        yield return new Mention(match.Value, int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture), null);
                }
            }
        }
    }

    private static string? TextOf(IOperation operation) => operation switch
    {
        IInterpolatedStringTextOperation text => text.Text.ConstantValue.Value as string,
        ILiteralOperation or IFieldReferenceOperation => operation.ConstantValue is { HasValue: true, Value: string text } ? text : null,
        _ => null,
    };

    private sealed class Mention(string text, int? port, ISymbol? variable)
    {
        public string Text { get; } = text;

        public bool IsOf(FunctionBody body, ListeningSite site) =>
            (site.Port is { } number and not 0 && number == port)
            || (variable is not null
                && SymbolEqualityComparer.Default.Equals(variable, SocketUses.VariableOf(LocalValues.Unwrap(site.PortOperation))));
    }
}
