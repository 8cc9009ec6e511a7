namespace Bindwise.Analyzers.Rules;

/// <summary>Where a web application, a host or an HttpListener is started. Kestrel throws IOException where the address is in use,
/// HttpListener HttpListenerException; neither starts a second time after that, nor any host that Run or RunAsync has disposed
/// of.</summary>
internal static class HostStarts
{
    /// <summary>The starts in a try block, those in lambdas left out.</summary>
    public static IEnumerable<IInvocationOperation> In(FunctionBody body, ITryOperation attempt) =>
        attempt.Body.Descendants().OfType<IInvocationOperation>()
        .Where(call => IsStart(body.Types, call) && ControlOrder.FunctionOf(call) == ControlOrder.FunctionOf(attempt));

    /// <summary>Whether a clause catches what that start throws while another process listens.</summary>
    public static bool IsCaughtBy(FunctionBody body, IInvocationOperation start, ICatchClauseOperation clause)
    {
        var thrown = IsHttpListener(body.Types, start) ? body.Types.HttpListenerException : body.Types.IOException;
        return clause.ExceptionType.SpecialType == SpecialType.System_Object
            || SocketTypes.Is(thrown, clause.ExceptionType as INamedTypeSymbol)
            || (!IsHttpListener(body.Types, start) && SocketTypes.Is(clause.ExceptionType, body.Types.AddressInUseException));
    }

    /// <summary>The variable that is started and can be started once, where it is the same object in each round of the loop.</summary>
    public static ISymbol? SpentIn(FunctionBody body, IInvocationOperation start, ILoopOperation loop)
    {
        var host = Started(start);
        if (SocketUses.VariableOf(host) is not { } variable || !CannotStartAgain(body, start, host))
            return null;
        var isFixed = variable switch
        {
            ILocalSymbol local => body.Values.Of(local) is { } value && !ControlOrder.IsWithin(value, loop)
                && !loop.Locals.Contains(local, SymbolEqualityComparer.Default),
            IParameterSymbol parameter => !body.All<IAssignmentOperation>()
                .Any(set => SymbolEqualityComparer.Default.Equals(SocketUses.VariableOf(set.Target), parameter)),
            IFieldSymbol field => field.IsReadOnly,
            _ => false,
        };
        return isFixed ? variable : null;
    }

    private static bool IsStart(SocketTypes types, IInvocationOperation call) =>
        call.TargetMethod.Name is "StartAsync" or "RunAsync" or "Start" or "Run" && Started(call) is { Type: { } type }
            && (IsHost(types, type) || IsHttpListener(types, call));

    private static bool CannotStartAgain(FunctionBody body, IInvocationOperation start, IOperation host) =>
        start.TargetMethod.Name is "Run" or "RunAsync" || IsHttpListener(body.Types, start)
            || SocketTypes.Is(host.Type, body.Types.WebApplication) || IsOrHas(host.Type!, body.Types.WebHost)
        || body.Values.Resolve(host).Descendants()
            .Any(static one => one is IInvocationOperation { TargetMethod.Name: "ConfigureWebHost" or "ConfigureWebHostDefaults" });

    private static IOperation Started(IInvocationOperation call) =>
        LocalValues.Unwrap(call.Instance ?? call.Arguments.FirstOrDefault()?.Value ?? call);

    private static bool IsHttpListener(SocketTypes types, IInvocationOperation call) =>
        call.TargetMethod.Name == "Start" && SocketTypes.Is(Started(call).Type, types.HttpListener);

    private static bool IsHost(SocketTypes types, ITypeSymbol type) =>
        SocketTypes.Is(type, types.WebApplication) || IsOrHas(type, types.Host) || IsOrHas(type, types.WebHost);

    private static bool IsOrHas(ITypeSymbol type, INamedTypeSymbol? wanted) => wanted is not null
        && (SymbolEqualityComparer.Default.Equals(type, wanted) || type.AllInterfaces.Contains(wanted, SymbolEqualityComparer.Default));
}
