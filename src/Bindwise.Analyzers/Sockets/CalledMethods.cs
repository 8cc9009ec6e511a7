namespace Bindwise.Analyzers.Sockets;

/// <summary>
/// What the private methods and local functions of a type do with a socket that they are passed, as uses at the place of the call. A method
/// is followed only where each call certainly does all of it: what depends on a condition, a loop or an exception stays with the method,
/// and the socket is one that other code gets.
/// </summary>
internal sealed class CalledMethods
{
    private const int Depth = 4;

    private readonly Dictionary<ISymbol, SocketVariable> _parameters = new(SymbolEqualityComparer.Default);

    private CalledMethods(ImmutableArray<FunctionBody> bodies)
    {
        foreach (var variable in bodies.SelectMany(static body => body.Variables))
        {
            if (variable.Symbol is IParameterSymbol { ContainingSymbol: IMethodSymbol method } && IsOwn(method) && IsOf(variable, method))
                _parameters[variable.Symbol] = variable;
        }
    }

    /// <summary>The bodies of a type, with what is done in its private methods in the place of their calls.</summary>
    public static ImmutableArray<FunctionBody> Follow(ImmutableArray<FunctionBody> bodies)
    {
        var methods = new CalledMethods(bodies);
        return methods._parameters.Count == 0 ? bodies : bodies.Select(body => body.With(body.Variables.Select(variable =>
            new SocketVariable(variable.Symbol, variable.Type, methods.Follow(variable.Uses, 0).ToImmutableArray())).ToImmutableArray()))
            .ToImmutableArray();
    }

    /// <summary>The parameter that a socket is passed to, of a private method or a local function; null where it goes elsewhere.</summary>
    public static IParameterSymbol? ParameterOf(IOperation value) =>
        value.Parent is IArgumentOperation { Parameter: { RefKind: RefKind.None } parameter, Parent: IInvocationOperation call }
            && IsOwn(call.TargetMethod) ? parameter.OriginalDefinition : null;

    /// <summary>Whether only the type's own code calls it.</summary>
    public static bool IsOwn(IMethodSymbol method) =>
        method.MethodKind == MethodKind.LocalFunction
            || method is { MethodKind: MethodKind.Ordinary, DeclaredAccessibility: Accessibility.Private };

    private IEnumerable<SocketUse> Follow(IEnumerable<SocketUse> uses, int depth)
    {
        foreach (var use in uses)
        {
            if (InMethod(use, depth) is not { } inner)
                yield return use;
            else
            {
                var call = use.Operation.Parent!.Parent!;
                foreach (var one in inner)
                    yield return new SocketUse(one.Kind, call, one.Name, one.Value, one.Origin);
            }
        }
    }

    private List<SocketUse>? InMethod(SocketUse use, int depth)
    {
        if (use.Kind != SocketUseKind.Escaped || depth == Depth || ParameterOf(use.Operation) is not { } parameter
            || !_parameters.TryGetValue(parameter, out var variable)
            || !RunsToItsEnd((IInvocationOperation)use.Operation.Parent!.Parent!) || !variable.Uses.All(IsCertain))
            return null;
        var inner = Follow(variable.Uses, depth + 1).ToList();
        return inner.TrueForAll(static one => one.Kind is SocketUseKind.OptionSet or SocketUseKind.Bound or SocketUseKind.Listening
            or SocketUseKind.Closed or SocketUseKind.Other) ? inner : null;
    }

    private static bool RunsToItsEnd(IInvocationOperation call) =>
        !call.TargetMethod.IsAsync
            || call.Parent is IAwaitOperation or IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Parent: IAwaitOperation };

    // Not in a lambda, which runs when it is called.
    private static bool IsOf(SocketVariable variable, IMethodSymbol method) => variable.Uses.All(use =>
        use.Function is ILocalFunctionOperation local ? SymbolEqualityComparer.Default.Equals(local.Symbol, method)
            : use.Function is not IAnonymousFunctionOperation && method.MethodKind == MethodKind.Ordinary);

    private static bool IsCertain(SocketUse use) =>
        !ControlOrder.IsConditional(use.Operation, use.Function)
        && !ControlOrder.Enclosing(use.Operation).OfType<ITryOperation>().Any(attempt => attempt.Catches.Length > 0)
        && !use.Function.Descendants().OfType<IReturnOperation>()
            .Any(result => (!result.IsImplicit || result.Kind != OperationKind.Return) && result.Syntax.SpanStart < use.Position
            && ControlOrder.FunctionOf(result) == use.Function && !ControlOrder.IsWithin(use.Operation, result));
}
