namespace Bindwise.Analyzers.Rules;

/// <summary>
/// BWC006. A local listener that no code closes or gets, in a method that ends before the process does; and a private one of a type whose
/// Dispose leaves it out.
/// </summary>
internal static class NeverClosedRule
{
    public static void Check(FunctionBody body, Action<Diagnostic> report)
    {
        if (IsEntryPoint(body))
            return;
        foreach (var variable in body.Variables)
        {
            if (variable.Symbol is ILocalSymbol && IsLeftOpen(body.Types, variable) && SingleCreation(variable) is { } created
                && IsCreated(body, created.Value!) && Ends(body, variable) && variable.Uses.All(use => use.Function == created.Function)
                && variable.Of(SocketUseKind.Accepting).All(IsWaitedFor) && !EndsProcess(body, created.Operation))
            {
                report(Diagnostic.Create(AnalyzerRules.NeverClosed, variable.Symbol.Locations[0], variable.Symbol.Name,
                    Until(body.Types, variable.Type)));
            }
        }
    }

    /// <summary>A listener that is started where it is made, and kept nowhere.</summary>
    public static void CheckNameless(FunctionBody body, Action<Diagnostic> report)
    {
        foreach (var start in body.All<IInvocationOperation>())
        {
            if (start is { TargetMethod.Name: "Start", Instance: { } listener }
                && SocketTypes.Is(listener.Type, body.Types.TcpListener) && IsCreated(body, listener) && !IsEntryPoint(body)
                && !EndsProcess(body, start))
            {
                report(Diagnostic.Create(AnalyzerRules.NeverClosed, listener.Syntax.GetLocation(), listener.Syntax,
                    Until(body.Types, listener.Type!)));
            }
        }
    }

    public static void CheckFields(INamedTypeSymbol type, ImmutableArray<FunctionBody> bodies, Action<Diagnostic> report)
    {
        if (bodies.IsEmpty || !type.AllInterfaces.Any(
            one => SocketTypes.Is(one, bodies[0].Types.Disposable) || SocketTypes.Is(one, bodies[0].Types.AsyncDisposable)))
            return;
        var fields = bodies.SelectMany(static body => body.Variables.Select(variable => (body, variable)))
            .Where(one => one.variable.Symbol is IFieldSymbol { IsStatic: false, DeclaredAccessibility: Accessibility.Private } field
                && SymbolEqualityComparer.Default.Equals(field.ContainingType, type));
        foreach (var field in fields.GroupBy(static one => one.variable.Symbol, SymbolEqualityComparer.Default))
        {
            if (field.Any(static one => one.variable.Has(SocketUseKind.Listening))
                && field.All(one => IsOpenIn(one.body.Types, one.variable))
                && !bodies.Any(body => body.All<IFieldReferenceOperation>().Any(one => IsOfAnother(one, field.Key!)))
                && field.SelectMany(static one => one.variable.Of(SocketUseKind.Assigned).Select(use => (one.body, use))).ToList()
                    is { Count: > 0 } assigned
                && assigned.TrueForAll(static one => IsCreated(one.body, one.use.Value!)))
            {
                report(Diagnostic.Create(AnalyzerRules.NeverClosed, field.Key!.Locations[0], field.Key.Name,
                    Until(bodies[0].Types, ((IFieldSymbol)field.Key).Type)));
            }
        }
    }

    // The field of an object that a static method or a callback was given: what is done with it there is not followed.
    private static bool IsOfAnother(IFieldReferenceOperation reference, ISymbol field) =>
        SymbolEqualityComparer.Default.Equals(reference.Field, field) && SocketUses.VariableOf(reference) is null;

    // .NET keeps a list of the HttpListeners that are started: the garbage collector finds none of them.
    private static string Until(SocketTypes types, ITypeSymbol type) =>
        SocketTypes.Is(type, types.HttpListener) ? "the process ends" : "the garbage collector finds the socket";

    private static bool IsLeftOpen(SocketTypes types, SocketVariable variable) =>
        variable.Has(SocketUseKind.Listening) && IsOpenIn(types, variable);

    private static SocketUse? SingleCreation(SocketVariable variable) =>
        variable.Of(SocketUseKind.Assigned).Take(2).ToList() is { Count: 1 } assigned
            && assigned[0].Operation is IVariableDeclaratorOperation ? assigned[0] : null;

    private static bool IsOpenIn(SocketTypes types, SocketVariable variable) =>
        (SocketTypes.Is(variable.Type, types.TcpListener) || SocketTypes.Is(variable.Type, types.Socket) || SocketTypes.Is(variable.Type,
            types.HttpListener)) && !variable.Has(SocketUseKind.Closed) && !variable.Has(SocketUseKind.Escaped);

    private static bool IsCreated(FunctionBody body, IOperation value) => LocalValues.Unwrap(value) switch
    {
        IObjectCreationOperation => true,
        IInvocationOperation { TargetMethod.Name: "Create" } call =>
            SocketTypes.Is(call.TargetMethod.ContainingType, body.Types.TcpListener),
        _ => false,
    };

    private static bool IsEntryPoint(FunctionBody body) =>
        SymbolEqualityComparer.Default.Equals(body.Owner, body.Types.EntryPoint)
            || body.Owner is IMethodSymbol { Name: "Main" or "<Main>$", IsStatic: true };

    private static bool EndsProcess(FunctionBody body, IOperation after) => body.All<IInvocationOperation>().Any(call =>
        call.TargetMethod is { Name: "Exit" or "FailFast", ContainingType.Name: "Environment" }
            && ControlOrder.IsAlwaysBefore(after, call) && !ControlOrder.IsConditional(call, ControlOrder.FunctionOf(call)));

    // A loop without a condition is a server's, which ends with the process; as is a wait without end.
    private static bool Ends(FunctionBody body, SocketVariable variable) => !body.Operations.Any(operation =>
        (operation is IWhileLoopOperation { Condition.ConstantValue: { HasValue: true, Value: true } }
                or IForLoopOperation { Condition: null }
            || (operation is IInvocationOperation { TargetMethod.Name: "Sleep" or "Delay", Arguments: { Length: 1 } arguments }
                && IsForEver(arguments[0].Value)))
        && operation.Syntax.SpanStart > variable.Uses[0].Position);

    private static bool IsForEver(IOperation time) => time.ConstantValue is { HasValue: true, Value: -1 }
        || LocalValues.Unwrap(time) is IFieldReferenceOperation { Field: { Name: "InfiniteTimeSpan", ContainingType.Name: "Timeout" } };

    // A task of AcceptAsync that goes on keeps the listener with it.
    private static bool IsWaitedFor(SocketUse accept)
    {
        if (accept.Name.StartsWith("Begin", StringComparison.Ordinal))
            return false;
        if (!accept.Name.EndsWith("Async", StringComparison.Ordinal))
            return true;
        return ControlOrder.Enclosing(accept.Operation).TakeWhile(static at => at is not IExpressionStatementOperation)
            .Any(static at => at is IAwaitOperation or IPropertyReferenceOperation { Property.Name: "Result" }
                or IInvocationOperation { TargetMethod.Name: "GetResult" or "Wait" });
    }
}
