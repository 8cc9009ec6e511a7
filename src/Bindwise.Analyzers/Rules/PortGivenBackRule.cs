namespace Bindwise.Analyzers.Rules;

/// <summary>
/// BWC003. A socket that is bound and closed, and of which nothing but the port's number goes on: as a result, or into the next bind. One
/// that accepts, sends or receives, or that other code gets, is used for more.
/// </summary>
internal static class PortGivenBackRule
{
    public static void Check(FunctionBody body, Action<Diagnostic> report)
    {
        foreach (var variable in body.Variables)
        {
            if (variable.Symbol is not ILocalSymbol || !IsForItsPortAlone(variable) || AskedPort.Of(body, variable) is not { } asked)
                continue;
            if (body.Values.Number(asked) == 0)
            {
                var ports = new PortFlow(body, variable.Of(SocketUseKind.EndPointRead).Select(static use => use.Operation));
                if (FirstRead(variable) is { } read && (ports.IsResult || IsBoundAgain(body, ports, variable)))
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

    // Another listener is made for it once the socket is closed, and nothing takes another port where that fails.
    private static bool IsBoundAgain(FunctionBody body, PortFlow ports, SocketVariable variable)
    {
        var closed = variable.Of(SocketUseKind.Closed).Select(static use => use.IsUsing ? StatementOf(use) : use.Operation)
            .OfType<IOperation>().ToList();
        return ports.Sites.Any(site => closed.Exists(close => ControlOrder.IsAlwaysBefore(close, site.Operation))
            && !ListedPortRule.IsRetried(body, site, variable.Of(SocketUseKind.Bound).First().Operation));
    }

    // using (…) { }, which closes at its end; null for a declaration, which closes where no other statement follows.
    private static IOperation? StatementOf(SocketUse use) => ControlOrder.Enclosing(use.Operation).OfType<IUsingOperation>()
        .FirstOrDefault(statement => ControlOrder.IsWithin(use.Operation, statement.Resources));

    // The whole expression that reads it first.
    private static IOperation? FirstRead(SocketVariable variable)
    {
        var at = variable.Of(SocketUseKind.EndPointRead).FirstOrDefault()?.Operation;
        while (at?.Parent is IConversionOperation or IPropertyReferenceOperation { Property.Name: "Port" })
            at = at.Parent;
        return at;
    }
}

/// <summary>Where the number of a port goes within a body, from the expressions that read it and the variables that have it.</summary>
internal sealed class PortFlow
{
    private readonly FunctionBody _body;
    private readonly HashSet<IOperation> _reads;
    private readonly HashSet<ISymbol> _variables;

    public PortFlow(FunctionBody body, IEnumerable<IOperation> reads, params ISymbol[] variables)
    {
        _body = body;
        _reads = [.. reads];
        _variables = new HashSet<ISymbol>(variables, SymbolEqualityComparer.Default);
        for (var before = -1; before != _variables.Count;)
        {
            before = _variables.Count;
            foreach (var operation in body.Operations)
            {
                switch (operation)
                {
                    case IVariableDeclaratorOperation { Initializer: { } initializer } declarator when IsPort(initializer.Value):
                        _variables.Add(declarator.Symbol);
                        break;
                    case ISimpleAssignmentOperation { Target: ILocalReferenceOperation target } assignment when IsPort(assignment.Value):
                        _variables.Add(target.Local);
                        break;
                }
            }
        }
    }

    /// <summary>Whether it is returned, or kept in a field, or given back through a parameter.</summary>
    public bool IsResult =>
        _body.All<IReturnOperation>().Any(result => result.ReturnedValue is { } value && IsMadeOfPort(value))
        || _body.All<ISimpleAssignmentOperation>().Any(assignment =>
            IsMadeOfPort(assignment.Value) && (assignment.Target is IParameterReferenceOperation { Parameter.RefKind: not RefKind.None }
            || (assignment.Target is IFieldReferenceOperation or IPropertyReferenceOperation
                && SocketUses.VariableOf(assignment.Target) is not null)));

    public IEnumerable<ListeningSite> Sites => ListeningSites.Find(_body).Where(site => IsPort(site.PortOperation));

    private bool IsPort(IOperation value) => LocalValues.Unwrap(value) switch
    {
        ILocalReferenceOperation local => _variables.Contains(local.Local),
        IParameterReferenceOperation parameter => _variables.Contains(parameter.Parameter),
        IPropertyReferenceOperation { Property.Name: "Port", Instance: { } endPoint } property =>
            IsPort(endPoint) || _reads.Contains(property),
        var other => _reads.Contains(other),
    };

    private bool IsMadeOfPort(IOperation value) => IsPort(value) || LocalValues.Unwrap(value) switch
    {
        IInterpolatedStringOperation text => text.Parts.OfType<IInterpolationOperation>().Any(part => IsMadeOfPort(part.Expression)),
        IObjectCreationOperation { Type.Name: "Uri" or "UriBuilder" or "IPEndPoint" or "ValueTask" } creation =>
            creation.Arguments.Any(argument => IsMadeOfPort(argument.Value)),
        IInvocationOperation { TargetMethod: { Name: "FromResult", IsStatic: true } } call =>
            call.Arguments.Any(argument => IsMadeOfPort(argument.Value)),
        IInvocationOperation { TargetMethod.Name: "ToString", Instance: { } instance } => IsMadeOfPort(instance),
        ITupleOperation tuple => tuple.Elements.Any(IsMadeOfPort),
        IBinaryOperation { Type.SpecialType: SpecialType.System_String } text =>
            IsMadeOfPort(text.LeftOperand) || IsMadeOfPort(text.RightOperand),
        _ => false,
    };
}
