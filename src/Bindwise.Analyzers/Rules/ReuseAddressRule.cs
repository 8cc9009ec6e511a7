namespace Bindwise.Analyzers.Rules;

/// <summary>
/// BWC001. On Unix, .NET sets SO_REUSEADDR and SO_REUSEPORT for ReuseAddress = true and for ExclusiveAddressUse = false
/// (SystemNative_SetSockOpt, pal_networking.c); Bind of a TCP socket sets SO_REUSEADDR by itself.
/// </summary>
internal static class ReuseAddressRule
{
    public static void Check(INamedTypeSymbol type, ImmutableArray<FunctionBody> bodies, Action<Diagnostic> report)
    {
        var reported = new HashSet<IOperation>();
        var variables = bodies.SelectMany(static body => body.Variables).ToList();
        var listening =
            new HashSet<ISymbol>(variables.Where(static variable => variable.Has(SocketUseKind.Listening) || IsReturnedToKestrel(variable))
            .Select(static variable => variable.Symbol), SymbolEqualityComparer.Default);
        var datagrams =
            new HashSet<ISymbol>(variables.Where(IsDatagram).Select(static variable => variable.Symbol), SymbolEqualityComparer.Default);
        // The methods that also get sockets that may not listen: what they set is meant for those, too.
        var others = new HashSet<ISymbol?>(bodies.SelectMany(static body => body.All<IArgumentOperation>()).Where(argument =>
            CalledMethods.ParameterOf(argument.Value) is { } parameter && bodies[0].Types.IsSocket(parameter.Type)
                && !IsListener(Passed(argument.Value), TypeOfPassed(argument.Value)))
            .Select(static argument => (ISymbol?)argument.Parameter!.ContainingSymbol.OriginalDefinition), SymbolEqualityComparer.Default);
        foreach (var body in bodies)
        {
            foreach (var variable in body.Variables)
            {
                if (!IsListener(variable.Symbol, variable.Type))
                    continue;
                foreach (var use in variable.Of(SocketUseKind.OptionSet).Where(Shares)
                    // On Windows SO_REUSEADDR is another option, and SO_EXCLUSIVEADDRUSE exists.
                    .Where(use => !WindowsCode.Is(use.Origin, body.Values) && !WindowsCode.Is(use.Operation, body.Values)
                        && !IsUndone(variable, use)))
                {
                    if ((use.Origin == use.Operation || !others.Contains(MethodOf(use))) && reported.Add(use.Origin))
                        report(Diagnostic.Create(AnalyzerRules.ReuseAddress, use.Origin.Syntax.GetLocation(),
                            use.Name == "ReuseAddress" ? "ReuseAddress" : "ExclusiveAddressUse = false"));
                }
            }
        }

        bool IsListener(ISymbol? symbol, ITypeSymbol? ofType) => symbol is not null && !datagrams.Contains(symbol)
            && (SocketTypes.Is(ofType, bodies[0].Types.TcpListener)
                || (SocketTypes.Is(ofType, bodies[0].Types.Socket) && listening.Contains(symbol)));
    }

    /// <summary>Whether it allows a second socket on the port.</summary>
    public static bool Shares(SocketUse use) => use.Value is { } value
        && LocalValues.Unwrap(value).ConstantValue is { HasValue: true } constant && (use.Name, constant.Value) switch
        {
            ("ReuseAddress", true) => true,
            ("ReuseAddress", int number) => number != 0,
            ("ExclusiveAddressUse", false or 0) => true,
            _ => false,
        };

    // By the last option that is set before Bind, in the same method or one that it calls.
    private static bool IsUndone(SocketVariable variable, SocketUse sharing) =>
        variable.Uses.SkipWhile(use => use != sharing).Skip(1).TakeWhile(static use => use.Kind != SocketUseKind.Bound)
        .Any(use => use.Kind == SocketUseKind.OptionSet && IsExclusive(use)
            && (use.Operation == sharing.Operation || ControlOrder.IsAlwaysBefore(sharing.Operation, use.Operation)));

    private static bool IsExclusive(SocketUse use) =>
        use.Value is { } value && LocalValues.Unwrap(value).ConstantValue is { HasValue: true } constant
        && (use.Name, constant.Value) is ("ReuseAddress", false or 0) or ("ExclusiveAddressUse", true or 1);

    private static ISymbol? MethodOf(SocketUse use) => (use.Operation as IInvocationOperation)?.TargetMethod.OriginalDefinition;

    // The variable that is passed, as its Server or Client as well.
    private static ISymbol? Passed(IOperation value) => SocketUses.VariableOf(Owner(value));

    private static ITypeSymbol? TypeOfPassed(IOperation value) => Owner(value).Type;

    private static IOperation Owner(IOperation value) =>
        LocalValues.Unwrap(value) is IPropertyReferenceOperation { Property.Name: "Server" or "Client", Instance: { } instance }
            ? LocalValues.Unwrap(instance) : LocalValues.Unwrap(value);

    private static bool IsDatagram(SocketVariable variable) =>
        variable.Of(SocketUseKind.Assigned).Any(static use => use.Value!.DescendantsAndSelf()
        .Any(static one => one is IFieldReferenceOperation { Field: { Name: "Dgram", ContainingType.Name: "SocketType" } }));

    // SocketTransportOptions.CreateBoundListenSocket: the socket is bound here, and listens in Kestrel.
    private static bool IsReturnedToKestrel(SocketVariable variable) => variable.Of(SocketUseKind.Bound).Any(static use =>
        use.Function is IAnonymousFunctionOperation function
            && ControlOrder.Enclosing(function).OfType<ISimpleAssignmentOperation>().Any(static set =>
            set.Target is IPropertyReferenceOperation { Property.Name: "CreateBoundListenSocket" }));
}
