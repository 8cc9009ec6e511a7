namespace Bindwise.Analyzers.Sockets;

/// <summary>
/// Which variables of a type are UNIX sockets. They have no ports, SO_REUSEADDR and SO_REUSEPORT mean nothing there, and no close resets a
/// connection: no rule about one socket is for them.
/// </summary>
internal sealed class UnixSockets
{
    private readonly HashSet<ISymbol> _found = new(SymbolEqualityComparer.Default);

    /// <summary>The bodies without them.</summary>
    public static ImmutableArray<FunctionBody> LeaveOut(ImmutableArray<FunctionBody> bodies)
    {
        var sockets = new UnixSockets();
        // Again after each that is found: one body may know where the socket of another comes from.
        while (bodies.Any(sockets.Find))
        {
        }
        return sockets._found.Count == 0 ? bodies : bodies.Select(body =>
            body.With(body.Variables.Where(variable => !sockets._found.Contains(variable.Symbol)).ToImmutableArray())).ToImmutableArray();
    }

    private bool Find(FunctionBody body)
    {
        var before = _found.Count;
        foreach (var variable in body.Variables)
        {
            if (variable.Uses.Any(use => IsOfPath(body, use)) || (variable.Has(SocketUseKind.Assigned)
                && variable.Of(SocketUseKind.Assigned).All(use => IsOne(use.Value!))))
                _found.Add(variable.Symbol);
        }
        foreach (var argument in body.All<IArgumentOperation>())
        {
            if (CalledMethods.ParameterOf(argument.Value) is { } parameter && body.Types.IsSocket(parameter.Type) && IsOne(argument.Value))
                _found.Add(parameter);
        }
        return _found.Count > before;
    }

    // Bind, Connect.
    private static bool IsOfPath(FunctionBody body, SocketUse use) => use is
    {
        Kind: SocketUseKind.Bound or SocketUseKind.Other,
        Operation: IInvocationOperation call
    } && call.Arguments.Any(argument => body.Values.Resolve(argument.Value).Type?.Name == "UnixDomainSocketEndPoint");

    private bool IsOne(IOperation value) => LocalValues.Unwrap(value) switch
    {
        IObjectCreationOperation creation => creation.Arguments.Any(static argument => LocalValues.Unwrap(argument.Value)
            is IFieldReferenceOperation { Field: { Name: "Unix", ContainingType.Name: "AddressFamily" } }),
        // Accept
        IInvocationOperation { Instance: { } listener } => IsOne(listener),
        var other => SocketUses.VariableOf(other) is { } variable && _found.Contains(variable),
    };
}
