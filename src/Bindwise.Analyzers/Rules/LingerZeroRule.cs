namespace Bindwise.Analyzers.Rules;

/// <summary>
/// BWC004. SO_LINGER with a time of 0 makes close() discard what is unsent and send RST; a listener's setting goes to the sockets that it
/// accepts. What depends on a condition, or follows an exception, may be meant.
/// </summary>
internal static class LingerZeroRule
{
    public static void Check(INamedTypeSymbol type, ImmutableArray<FunctionBody> bodies, Action<Diagnostic> report)
    {
        var accepted = AcceptedParameters(bodies);
        foreach (var body in bodies)
        {
            foreach (var variable in body.Variables)
            {
                var isListener = variable.Has(SocketUseKind.Listening);
                foreach (var set in variable.Of(SocketUseKind.OptionSet)
                    .Where(use => use.Name is "LingerState" or "Linger" && IsZero(body, use.Value!)))
                {
                    var origin = variable.Of(SocketUseKind.Assigned)
                        .LastOrDefault(use => use.Position < set.Position && IsAccepted(use.Value!));
                    if ((isListener || origin is not null || accepted.Contains(variable.Symbol)) && !DependsOnMore(set, origin)
                        && !IsTakenBack(body, variable, set))
                        report(Diagnostic.Create(AnalyzerRules.LingerZero, set.Operation.Syntax.GetLocation(), "LingerOption(true, 0)"));
                }
            }
        }
    }

    private static bool IsZero(FunctionBody body, IOperation value) =>
        body.Values.Resolve(value) is IObjectCreationOperation creation && SocketTypes.Is(creation.Type, body.Types.LingerOption)
        && LocalValues.Argument(creation.Arguments, "enable")?.ConstantValue is { HasValue: true, Value: true }
            && body.Values.Number(LocalValues.Argument(creation.Arguments, "seconds")) == 0;

    private static bool IsAccepted(IOperation value) => LocalValues.Unwrap(value) switch
    {
        IInvocationOperation call =>
            SocketUses.IsAccept(call.TargetMethod.Name) && !call.TargetMethod.Name.StartsWith("Begin", StringComparison.Ordinal),
        IPropertyReferenceOperation { Property.Name: "AcceptSocket" } => true,
        IPropertyReferenceOperation { Property.Name: "Client", Instance: { } client } => IsAccepted(client),
        _ => false,
    };

    // A reset by default, and an end in order for a connection that came so far.
    private static bool IsTakenBack(FunctionBody body, SocketVariable variable, SocketUse set) =>
        variable.Of(SocketUseKind.OptionSet).Any(use => use.Position > set.Position && use.Function == set.Function
            && use.Name is "LingerState" or "Linger" && !IsZero(body, use.Value!));

    private static bool DependsOnMore(SocketUse set, SocketUse? origin)
    {
        // As far as the part that the accepted socket is for alone: a loop around both is no condition.
        var within = origin is null ? set.Function
            : ControlOrder.Enclosing(set.Operation).FirstOrDefault(at => ControlOrder.IsWithin(origin.Operation, at)) ?? set.Function;
        return ControlOrder.IsConditional(set.Operation, within);
    }

    // The parameters of private methods and local functions that are only ever called with accepted sockets.
    private static HashSet<ISymbol> AcceptedParameters(ImmutableArray<FunctionBody> bodies)
    {
        var accepted = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        var others = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        foreach (var body in bodies)
        {
            foreach (var argument in body.All<IArgumentOperation>())
            {
                if (argument.Parameter is not
                    {
                        ContainingSymbol: IMethodSymbol
                        {
                            DeclaredAccessibility: Accessibility.Private
                    or Accessibility.NotApplicable
                        }
                    } parameter || !body.Types.IsSocket(parameter.Type))
                    continue;
                var value = body.Values.Resolve(argument.Value);
                var isAccepted = IsAccepted(value) || (SocketUses.VariableOf(value) is { } symbol
                    && body.Variables.FirstOrDefault(one => SymbolEqualityComparer.Default.Equals(one.Symbol, symbol)) is { } variable
                    && variable.Has(SocketUseKind.Assigned)
                    && variable.Of(SocketUseKind.Assigned).All(static use => IsAccepted(use.Value!)));
                (isAccepted ? accepted : others).Add(parameter.OriginalDefinition);
            }
        }
        accepted.ExceptWith(others);
        return accepted;
    }
}
