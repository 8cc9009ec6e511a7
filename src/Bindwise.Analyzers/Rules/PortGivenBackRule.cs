namespace Bindwise.Analyzers.Rules;

/// <summary>BWC003. A socket that is bound and closed, and of which nothing but the port's number goes on: as a result, or into the next
/// bind. One that accepts, sends or receives, or that other code gets, is used for more.</summary>
internal static class PortGivenBackRule
{
    public static void Check(FunctionBody body, Report report)
    {
        foreach (var variable in body.Variables)
        {
            if (variable.Symbol is not ILocalSymbol || !IsForItsPortAlone(variable) || AskedPort.Of(body, variable) is not { } asked)
                continue;
            if (body.Values.Number(asked) == 0)
            {
                var ports = new PortFlow(body, variable.Of(SocketUseKind.EndPointRead).Select(static use => use.Operation));
                if (FirstRead(variable) is { } read && (ports.IsResult || IsBoundAgain(ports, variable)))
                    report(Diagnostic.Create(AnalyzerRules.PortGivenBack, read.Syntax.GetLocation(),
                        $"'{variable.Symbol.Name}' is closed before this port is used"));
            }
            else if (SocketUses.VariableOf(LocalValues.Unwrap(asked)) is { } port && IsTried(body, variable, port))
                report(Diagnostic.Create(AnalyzerRules.PortGivenBack, asked.Syntax.GetLocation(),
                    $"'{variable.Symbol.Name}' is closed before this port is used"));
        }
    }

    /// <summary>Whether a socket is bound and closed, and nothing else is done with it.</summary>
    public static bool IsForItsPortAlone(SocketVariable variable) =>
        variable.Has(SocketUseKind.Closed) && variable.Has(SocketUseKind.Bound) && variable.Of(SocketUseKind.Assigned).Count() == 1
        && variable.Uses.All(use => use.Function == variable.Uses[0].Function)
        && variable.Uses.All(static use => use.Kind is not (SocketUseKind.Accepting or SocketUseKind.Escaped)
            && (use.Kind != SocketUseKind.Other || use.Name.Length == 0));

    // Start, Stop, return port, and a catch for the ports that are taken.
    private static bool IsTried(FunctionBody body, SocketVariable variable, ISymbol port)
    {
        var bound = variable.Of(SocketUseKind.Bound).First();
        return ControlOrder.Enclosing(bound.Operation).OfType<ITryOperation>().Any(attempt => attempt.Catches.Any(one =>
                SocketTypes.Is(one.ExceptionType, body.Types.SocketException)
                    || SocketTypes.Is(one.ExceptionType, body.Types.HttpListenerException)))
            && body.All<IReturnOperation>()
                .Any(result => result.ReturnedValue is { } value && ControlOrder.IsAlwaysBefore(bound.Operation, result)
                && SymbolEqualityComparer.Default.Equals(SocketUses.VariableOf(LocalValues.Unwrap(value)), port));
    }

    // Another listener is made for it once the socket is closed.
    private static bool IsBoundAgain(PortFlow ports, SocketVariable variable)
    {
        var closed = variable.Of(SocketUseKind.Closed).Where(static use => use.Name != "using").ToList();
        return ports.Sites.Any(site => closed.Exists(close => ControlOrder.IsAlwaysBefore(close.Operation, site.Operation)));
    }

    // The whole expression that reads it first.
    private static IOperation? FirstRead(SocketVariable variable)
    {
        var at = variable.Of(SocketUseKind.EndPointRead).FirstOrDefault()?.Operation;
        while (at?.Parent is IConversionOperation or IPropertyReferenceOperation { Property.Name: "Port" })
            at = at.Parent;
        return at;
    }
}
