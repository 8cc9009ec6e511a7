using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Bindwise.Analyzers.Rules;

/// <summary>
/// BWC005. A loop that only a successful bind ends: whatever else can end it, or changes from one attempt to the next (a count, a deadline,
/// a cancellation, the port), makes it none of these. And any loop that starts what can be started once, again.
/// </summary>
internal static class EndlessRetryRule
{
    private const int LinuxAddressInUse = 98;
    private const int WindowsAddressInUse = 10048;

    // ERROR_SHARING_VIOLATION and ERROR_ALREADY_EXISTS, which HttpListener has from http.sys.
    private const int WindowsPortTaken = 32;
    private const int WindowsPrefixTaken = 183;

    public static void Check(FunctionBody body, Action<Diagnostic> report)
    {
        foreach (var attempt in body.All<ITryOperation>())
        {
            foreach (var clause in attempt.Catches)
            {
                if (LoopOf(attempt) is not { } loop || Fault(body, loop, attempt, clause) is not { } fault)
                    continue;
                report(Diagnostic.Create(AnalyzerRules.EndlessRetry, ((CatchClauseSyntax)clause.Syntax).CatchKeyword.GetLocation(), fault));
            }
        }
    }

    private static string? Fault(FunctionBody body, ILoopOperation loop, ITryOperation attempt, ICatchClauseOperation clause)
    {
        var spent = HostStarts.In(body, attempt).Where(start => HostStarts.IsCaughtBy(body, start, clause))
            .Select(start => HostStarts.SpentIn(body, start, loop)).FirstOrDefault(static one => one is not null);
        if (spent is not null && !AlwaysLeaves(clause, loop) && !IsForOtherErrors(body, clause))
            return $"'{spent.Name}' cannot be started again once its start has failed: make a new one for each attempt";
        return IsOfAddressInUse(body, loop, attempt, clause) && IsEndless(loop, attempt) && !HasOtherEnd(body, loop, attempt, clause)
            && !AsksElsewhere(body, loop, attempt)
            ? "While another process listens on the port this loop never ends, and nobody learns why: give it a deadline or a number of "
                + "attempts" : null;
    }

    // A filter that asks what the error is, and not for an address in use.
    private static bool IsForOtherErrors(FunctionBody body, ICatchClauseOperation clause) => clause.Filter is { } filter
        && filter.DescendantsAndSelf().Any(static one => one is ILocalReferenceOperation && IsException(one))
        && !filter.DescendantsAndSelf().Any(one => IsAddressInUse(body, one));

    // A catch block that ends the loop whatever happens.
    private static bool AlwaysLeaves(ICatchClauseOperation clause, ILoopOperation loop) =>
        clause.Handler.Operations.Any(operation => IsExit(Bare(operation), loop));

    private static IOperation Bare(IOperation statement) =>
        statement is IExpressionStatementOperation expression ? expression.Operation : statement;

    private static bool IsOfAddressInUse(FunctionBody body, ILoopOperation loop, ITryOperation attempt, ICatchClauseOperation clause)
    {
        if (SocketTypes.Is(clause.ExceptionType, body.Types.AddressInUseException)
            || clause.DescendantsAndSelf().Any(one => IsAddressInUse(body, one)))
            return true;
        // Without a filter it catches that, too: of a bind, or of a server's start.
        return clause.Filter is null && !clause.Handler.Descendants().Any(static one => one is IConditionalOperation or ISwitchOperation)
            && ((IsOfSocket(body.Types, loop, attempt, clause)
                    // A port that the system chooses is never taken: what is tried again there is to connect.
                    && body.Variables.Where(variable => body.Values.Number(AskedPort.Of(body, variable)) != 0)
                        .SelectMany(static variable => variable.Of(SocketUseKind.Bound))
                        .Any(bind => ControlOrder.IsWithin(bind.Operation, attempt.Body)))
                // A loop that runs a host again when it has ended is its supervisor.
                || HostStarts.In(body, attempt).Any(start => HostStarts.IsCaughtBy(body, start, clause)
                    && (start.TargetMethod.Name is "Start" or "StartAsync"
                        || loop.Descendants().Any(operation => IsExit(operation, loop)))));
    }

    private static bool IsOfSocket(SocketTypes types, ILoopOperation loop, ITryOperation attempt, ICatchClauseOperation clause) =>
        SocketTypes.Is(clause.ExceptionType, types.SocketException)
        // A loop that serves again after any error is a supervisor.
        || (Catches(clause, types.SocketException) && loop.Descendants().Any(operation => IsExit(operation, loop))
            && !attempt.Catches.TakeWhile(other => other != clause)
                .Any(other => other.Filter is null && Catches(other, types.SocketException)));

    /// <summary>Whether a clause catches an exception: by its type, a base of it, or whatever it is.</summary>
    public static bool Catches(ICatchClauseOperation clause, INamedTypeSymbol? thrown) =>
        clause.ExceptionType.SpecialType == SpecialType.System_Object
            || SocketTypes.Is(thrown, clause.ExceptionType as INamedTypeSymbol);

    private static bool IsAddressInUse(FunctionBody body, IOperation operation) => operation switch
    {
        IFieldReferenceOperation { Field.Name: "AddressAlreadyInUse" } field =>
            SymbolEqualityComparer.Default.Equals(field.Field.ContainingType, body.Types.SocketError),
        IBinaryOperation { LeftOperand: IPropertyReferenceOperation { Property.Name: "ErrorCode" or "NativeErrorCode" } } comparison =>
            comparison.RightOperand.ConstantValue is { HasValue: true, Value: LinuxAddressInUse or WindowsAddressInUse }
            || (comparison.RightOperand.ConstantValue is { HasValue: true, Value: WindowsPortTaken or WindowsPrefixTaken }
                && SocketTypes.Is(((IPropertyReferenceOperation)comparison.LeftOperand).Instance?.Type, body.Types.HttpListenerException)),
        IIsTypeOperation type => SocketTypes.Is(type.TypeOperand, body.Types.AddressInUseException),
        ITypePatternOperation type => SocketTypes.Is(type.MatchedType, body.Types.AddressInUseException),
        IDeclarationPatternOperation type => SocketTypes.Is(type.MatchedType as INamedTypeSymbol, body.Types.AddressInUseException),
        IRecursivePatternOperation type => SocketTypes.Is(type.MatchedType, body.Types.AddressInUseException),
        _ => false,
    };

    private static ILoopOperation? LoopOf(ITryOperation attempt) =>
        ControlOrder.Enclosing(attempt).OfType<ILoopOperation>().FirstOrDefault();

    private static bool IsEndless(ILoopOperation loop, ITryOperation attempt) => loop switch
    {
        IWhileLoopOperation { Condition: { } condition } =>
            condition.ConstantValue is { HasValue: true, Value: true } || IsSetByTheAttemptAlone(condition, loop, attempt),
        IForLoopOperation forLoop => forLoop.Condition is null && forLoop.AtLoopBottom.IsEmpty,
        _ => false,
    };

    // while (!bound), where nothing but the attempt sets it.
    private static bool IsSetByTheAttemptAlone(IOperation condition, ILoopOperation loop, ITryOperation attempt)
    {
        var flag = LocalValues.Unwrap(condition is IUnaryOperation { OperatorKind: UnaryOperatorKind.Not } not ? not.Operand : condition);
        if (flag is not ILocalReferenceOperation reference || reference.Type?.SpecialType != SpecialType.System_Boolean)
            return false;
        var assignments = loop.Descendants().OfType<IAssignmentOperation>()
            .Where(set => set.Target is ILocalReferenceOperation target
                && SymbolEqualityComparer.Default.Equals(target.Local, reference.Local)).ToList();
        return assignments.Count > 0 && assignments.TrueForAll(set => ControlOrder.IsWithin(set, attempt.Body));
    }

    private static bool HasOtherEnd(FunctionBody body, ILoopOperation loop, ITryOperation attempt, ICatchClauseOperation clause)
    {
        // What a call is given where the code gives nothing is no cancellation.
        return loop.Descendants().Any(operation => (!operation.IsImplicit && SocketTypes.Is(operation.Type, body.Types.CancellationToken))
            || (ControlOrder.IsWithin(operation, clause) && IsChange(operation))
            || (!ControlOrder.IsWithin(operation, attempt.Body) && IsOwnCall(body, operation) && !OnlyReturns(body, operation))
            || (IsExit(operation, loop) && !IsOfSuccess(operation, attempt) && !IsOfAnotherError(operation, clause)));
    }

    // A port or an address that may be another one in each round.
    private static bool AsksElsewhere(FunctionBody body, ILoopOperation loop, ITryOperation attempt)
    {
        var function = ControlOrder.FunctionOf(attempt);
        var own = loop.Descendants().Where(one => ControlOrder.FunctionOf(one) == function).ToList();
        var places = own.OfType<IArgumentOperation>().Where(argument => IsPlace(body.Types, argument))
            .SelectMany(static argument => argument.Value.DescendantsAndSelf()).ToList();
        var variables = places.Select(SocketUses.VariableOf).OfType<ISymbol>().ToImmutableHashSet(SymbolEqualityComparer.Default);
        return places.Exists(MayDiffer) || own.Exists(one => one switch
        {
            IAssignmentOperation set => IsOne(SocketUses.VariableOf(set.Target)),
            IIncrementOrDecrementOperation step => IsOne(SocketUses.VariableOf(step.Target)),
            IVariableDeclaratorOperation { Initializer.Value: { } value } declared =>
                IsOne(declared.Symbol) && value.DescendantsAndSelf().Any(MayDiffer),
            _ => false,
        });

        bool IsOne(ISymbol? variable) => variable is not null && variables.Contains(variable);
    }

    // What a socket or an endpoint is made of, bound to, or a host is told to listen on: a port, an address, a URL.
    private static bool IsPlace(SocketTypes types, IArgumentOperation argument) =>
        argument.Value.Type is { SpecialType: SpecialType.System_Int32 or SpecialType.System_UInt16 or SpecialType.System_String }
            or { Name: "EndPoint" or "IPEndPoint" or "IPAddress" or "Uri" }
        && argument.Parent switch
        {
            IObjectCreationOperation creation => types.IsSocket(creation.Type) || creation.Type?.Name == "IPEndPoint",
            IInvocationOperation call => call.TargetMethod.Name is "Bind" or "Create" or "Add" or "Run" or "RunAsync" or "UseUrls",
            _ => false,
        };

    // IPAddress.Parse("127.0.0.1") always gives the same.
    private static bool MayDiffer(IOperation operation) => operation is IIncrementOrDecrementOperation
        || (operation is IInvocationOperation call && !(call is { Instance: null, Arguments.IsEmpty: false }
            && call.Arguments.All(static one => one.Value.ConstantValue.HasValue)));

    private static bool IsChange(IOperation operation) =>
        operation is IAssignmentOperation { Target: not IDiscardOperation } or IIncrementOrDecrementOperation
        || (operation is ILocalReferenceOperation or IFieldReferenceOperation { Field.IsConst: false } or IParameterReferenceOperation
            or IPropertyReferenceOperation
            && ControlOrder.Enclosing(operation).OfType<ICatchClauseOperation>().FirstOrDefault()?.Filter is { } filter
            && ControlOrder.IsWithin(operation, filter)
            && !IsException(operation is IPropertyReferenceOperation { Instance: { } owner } ? owner : operation));

    // Code of the project's own, or that it was passed, may count and throw, or wait for a cancellation.
    private static bool IsOwnCall(FunctionBody body, IOperation operation) => operation is IInvocationOperation { TargetMethod: var method }
        && (method.MethodKind == MethodKind.DelegateInvoke
            || SymbolEqualityComparer.Default.Equals(method.ContainingAssembly, body.Owner.ContainingAssembly));

    // A method of the same file whose result nobody uses, as one that logs: it neither throws, counts, waits for a cancellation nor calls
    // what may.
    private static bool OnlyReturns(FunctionBody body, IOperation call) =>
        (call.Parent is IAwaitOperation awaited ? awaited : call).Parent is IExpressionStatementOperation
        && call is IInvocationOperation { TargetMethod: { IsVirtual: false, IsOverride: false } method, SemanticModel: { } model }
        && method.DeclaringSyntaxReferences is { Length: 1 } places && places[0] is var declared && declared.SyntaxTree == model.SyntaxTree
        && method.Parameters.All(static parameter => parameter.RefKind == RefKind.None)
        && model.GetOperation(declared.GetSyntax()) is { } code
        && !code.Descendants().Any(operation => SocketTypes.Is(operation.Type, body.Types.CancellationToken) || IsChange(operation)
            || IsOwnCall(body, operation) || (operation is not IReturnOperation && IsExit(operation, null)));

    private static bool IsException(IOperation operation)
    {
        for (var type = operation.Type; type is not null; type = type.BaseType)
        {
            if (type is { Name: "Exception", ContainingNamespace.Name: "System" })
                return true;
        }
        return false;
    }

    private static bool IsExit(IOperation operation, ILoopOperation? loop) => operation switch
    {
        IReturnOperation { IsImplicit: false } or IThrowOperation => true,
        IBranchOperation { BranchKind: BranchKind.Break } branch => SymbolEqualityComparer.Default.Equals(branch.Target, loop?.ExitLabel),
        IBranchOperation { BranchKind: BranchKind.GoTo } => true,
        IInvocationOperation { TargetMethod: { Name: "Exit" or "FailFast", ContainingType.Name: "Environment" } } => true,
        _ => false,
    };

    // break or return once the bind has succeeded: in the try block, or after it in the loop, where a caught error never comes.
    private static bool IsOfSuccess(IOperation operation, ITryOperation attempt) =>
        operation is not IThrowOperation && ControlOrder.IsWithin(operation, attempt.Body)
            && !ControlOrder.IsConditional(operation, attempt.Body);

    // if (error is not the one) throw;
    private static bool IsOfAnotherError(IOperation operation, ICatchClauseOperation clause) =>
        operation is IThrowOperation && ControlOrder.IsWithin(operation, clause)
        && ControlOrder.Enclosing(operation).TakeWhile(at => at != clause).OfType<IConditionalOperation>().FirstOrDefault()
            is { } conditional
        && conditional.Condition.DescendantsAndSelf().Where(static one => one is ILocalReferenceOperation or IParameterReferenceOperation)
            .All(IsException);
}

/// <summary>
/// Where a web application, a host or an HttpListener is started. Kestrel throws IOException where the address is in use, HttpListener
/// HttpListenerException; neither starts a second time after that, nor any host that Run or RunAsync has disposed of.
/// </summary>
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
        return EndlessRetryRule.Catches(clause, thrown)
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
