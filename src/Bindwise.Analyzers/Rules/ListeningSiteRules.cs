using System.Globalization;
using System.Text.RegularExpressions;

namespace Bindwise.Analyzers.Rules;

/// <summary>BWC007. A body that listens on every address, and names a URL of localhost with the same port.</summary>
internal static class WildcardForLocalhostRule
{
    private static readonly Regex Localhost = new(@"https?://(?:localhost|127\.0\.0\.1|\[::1\]):(?<port>\d{1,5}(?!\d)|$)",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);

    // At the end of a part of an interpolated string the host follows.
    private static readonly Regex Elsewhere = new(@"https?://(?!localhost\b|127\.0\.0\.1\b|\[::1\])",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);

    public static void Check(FunctionBody body, Action<Diagnostic> report)
    {
        var sites = ListeningSites.Find(body).Where(static site => site.Address == ListenAddressKind.Wildcard).ToList();
        // A program that asks where it runs, as for a container, has chosen.
        if (sites.Count == 0
            || body.All<ILiteralOperation>().Any(static literal => literal.ConstantValue.Value is "DOTNET_RUNNING_IN_CONTAINER"))
            return;
        var mentions = body.Operations.SelectMany(operation => MentionsIn(body, operation)
            .Where(_ => !IsCalled(body, operation) && !NamesOthers(operation))).ToList();
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

    private static IEnumerable<Mention> MentionsIn(FunctionBody body, IOperation operation)
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

    // What the program calls itself, or which pages may call it (CORS), says nothing about who else may.
    private static bool IsCalled(FunctionBody body, IOperation text)
    {
        foreach (var at in ControlOrder.Enclosing(text).TakeWhile(static at => at is not IBlockOperation))
        {
            if ((at is IObjectCreationOperation made && IsOfCalls(made.Type))
                || (at is IInvocationOperation call && IsOfCalls((call.Instance ?? call.Arguments.FirstOrDefault()?.Value)?.Type)))
                return true;
            if (at is IVariableDeclaratorOperation { Symbol: var variable })
            {
                var uses = body.All<ILocalReferenceOperation>().Where(one => SymbolEqualityComparer.Default.Equals(one.Local, variable))
                    .ToList();
                return uses.Count > 0 && uses.TrueForAll(use => IsCalled(body, use));
            }
        }
        return false;
    }

    private static bool IsOfCalls(ITypeSymbol? type) => type?.Name is "Uri" or "UriBuilder" or "HttpClient" or "HttpRequestMessage"
        or "CorsPolicyBuilder";

    // A message that has a URL for other hosts too.
    private static bool NamesOthers(IOperation operation)
    {
        var message = operation as IInterpolatedStringOperation
            ?? ControlOrder.Enclosing(operation).TakeWhile(static at => at is not IBlockOperation).OfType<IInterpolatedStringOperation>()
                .FirstOrDefault();
        return message is null ? Elsewhere.IsMatch(TextOf(operation)!)
            : message.Parts.Any(static part => TextOf(part) is { } text && Elsewhere.IsMatch(text));
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

/// <summary>BWC008. The compiler warns of the constructor, too (CS0618); this rule has the fixes.</summary>
internal static class ObsoleteListenerRule
{
    public static void Check(FunctionBody body, Action<Diagnostic> report)
    {
        foreach (var creation in body.All<IObjectCreationOperation>())
        {
            if (SymbolEqualityComparer.Default.Equals(creation.Type, body.Types.TcpListener)
                && creation.Constructor is { Parameters: { Length: 1 } parameters }
                && parameters[0].Type.SpecialType == SpecialType.System_Int32)
                report(Diagnostic.Create(AnalyzerRules.ObsoleteListener, creation.Syntax.GetLocation()));
        }
    }
}

/// <summary>BWC009. The default of net.ipv4.ip_local_port_range; other systems have 49152 to 65535, most of which is in it.</summary>
internal static class EphemeralPortRule
{
    private const int First = 32768;
    private const int Last = 60999;

    public static void Check(FunctionBody body, Action<Diagnostic> report)
    {
        foreach (var site in ListeningSites.Find(body))
        {
            if (site.Port is { } port and >= First and <= Last)
                report(Diagnostic.Create(AnalyzerRules.EphemeralPort, site.PortOperation.Syntax.GetLocation(), port));
        }
    }
}
