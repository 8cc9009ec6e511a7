namespace Bindwise.Analyzers.Rules;

/// <summary>BWC003, of a search: for a port that no list of IPGlobalProperties has, or that a method says is free, and of which the number
/// goes on, as a result or into a bind. A bind in the search that goes on to the next port when it fails decides by itself; whether one
/// port is free is another question.</summary>
internal static class ListedPortRule
{
    private static readonly string[] Picks = ["First", "FirstOrDefault", "Last", "LastOrDefault", "Single", "SingleOrDefault", "Min", "Max",
        "ElementAt", "ElementAtOrDefault"];

    /// <summary>Whether a body may be a part of such a search.</summary>
    public static bool MayConcern(FunctionBody body) => body.All<IInvocationOperation>()
        .Any(static call => IsList(call) || (call.Arguments.Any(IsNumber) && IsPredicate(call.TargetMethod)));

    public static void Check(INamedTypeSymbol type, ImmutableArray<FunctionBody> bodies, Report report)
    {
        var asked = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        // IsFree(port) binds a socket to it and closes that.
        foreach (var (body, variable) in bodies.SelectMany(static body => body.Variables.Select(variable => (body, variable))))
        {
            if (PortGivenBackRule.IsForItsPortAlone(variable) && AskedPort.Of(body, variable) is { } port
                && LocalValues.Unwrap(port)
                    is IParameterReferenceOperation { Parameter: { ContainingSymbol: IMethodSymbol method } parameter }
                    && IsPredicate(method))
                asked.Add(parameter);
        }
        var tests = bodies.Select(body => (body, tests: new PortTests(body, asked))).ToList();
        // Or it asks a list itself, or another such method.
        for (var before = -1; before != asked.Count;)
        {
            before = asked.Count;
            foreach (var port in tests.SelectMany(static one => one.tests.Find()).Select(static test => test.Port))
            {
                if (port is IParameterSymbol { ContainingSymbol: IMethodSymbol method } && IsPredicate(method))
                    asked.Add(port);
            }
        }
        foreach (var (body, found) in tests)
        {
            foreach (var search in found.Find().GroupBy(static test => test.Port, SymbolEqualityComparer.Default))
            {
                var test = search.FirstOrDefault(
                    one => IsSearch(one.Port, one.At) && (IsKept(one.Port) || GoesOn(body, new PortFlow(body, [], one.Port))))
                    ?? search.FirstOrDefault(one => PickedBy(one.Port, one.At) is { } pick && GoesOn(body, new PortFlow(body, [pick])));
                if (test is not null)
                {
                    var looked = test.At is IInvocationOperation call && IsPredicate(call.TargetMethod) ? $"'{call.TargetMethod.Name}'"
                        : "A list of sockets";
                    report(Diagnostic.Create(AnalyzerRules.PortGivenBack, test.At.Syntax.GetLocation(), $"{looked} keeps no port"));
                }
            }
        }
    }

    public static bool IsList(IOperation operation) =>
        operation is IInvocationOperation
        {
            TargetMethod:
            {
                Name: "GetActiveTcpListeners" or "GetActiveTcpConnections"
            or "GetActiveUdpListeners", ContainingType.Name: "IPGlobalProperties"
            }
        };

    private static bool IsNumber(IArgumentOperation argument) => argument.Parameter?.Type.SpecialType == SpecialType.System_Int32;

    private static bool IsPredicate(IMethodSymbol method) =>
        method.ReturnType.SpecialType == SpecialType.System_Boolean && CalledMethods.IsOwn(method);

    // The port is another one in each round of a loop around the question, and the answer ends the loop.
    private static bool IsSearch(ISymbol port, IOperation test) =>
        ControlOrder.Enclosing(test).OfType<ILoopOperation>().Any(loop => IsEndedBy(test, loop)
        && (loop.Locals.Contains(port, SymbolEqualityComparer.Default) || loop.Descendants().Any(one => one switch
        {
            IVariableDeclaratorOperation declarator => SymbolEqualityComparer.Default.Equals(declarator.Symbol, port),
            IAssignmentOperation assignment => IsReference(assignment.Target, port),
            IIncrementOrDecrementOperation step => IsReference(step.Target, port),
            _ => false,
        })));

    private static bool IsEndedBy(IOperation test, ILoopOperation loop) =>
        loop switch
        {
            IWhileLoopOperation { Condition: { } condition } => ControlOrder.IsWithin(test, condition),
            IForLoopOperation { Condition: { } condition } => ControlOrder.IsWithin(test, condition),
            _ => false,
        }
        || loop.Descendants().Any(one => one is IReturnOperation { IsImplicit: false }
            || (one is IBranchOperation { BranchKind: BranchKind.Break } branch
                && SymbolEqualityComparer.Default.Equals(branch.Target, loop.ExitLabel)));

    private static bool IsReference(IOperation operation, ISymbol variable) =>
        SymbolEqualityComparer.Default.Equals(SocketUses.VariableOf(operation), variable);

    // ports.First(port => !used.Contains(port)), and ports.Where(…).First().
    private static IOperation? PickedBy(ISymbol port, IOperation test)
    {
        if (ControlOrder.FunctionOf(test) is not IAnonymousFunctionOperation lambda
            || !SymbolEqualityComparer.Default.Equals(port.ContainingSymbol, lambda.Symbol))
            return null;
        for (var at = lambda.Parent; at is not null and not IBlockOperation; at = at.Parent)
        {
            if (at is IInvocationOperation { Type.SpecialType: SpecialType.System_Int32 } call
                && Array.IndexOf(Picks, call.TargetMethod.Name) >= 0)
                return call;
        }
        return null;
    }

    // A field, or a parameter that the caller reads.
    private static bool IsKept(ISymbol port) => port is IFieldSymbol or IPropertySymbol or IParameterSymbol { RefKind: not RefKind.None };

    private static bool GoesOn(FunctionBody body, PortFlow ports) => ports.IsResult || ports.Sites.Any(site => !IsRetried(body, site));

    // The bind, or the Start that follows, stands in a try block in a loop: the next round takes another port.
    private static bool IsRetried(FunctionBody body, ListeningSite site) =>
        body.Variables.SelectMany(static variable => variable.Of(SocketUseKind.Bound)).Select(static use => use.Operation)
            .Where(bind => bind.Syntax.SpanStart >= site.Operation.Syntax.SpanStart)
            .Append(site.Operation).Any(static bind => ControlOrder.Enclosing(bind).OfType<ITryOperation>().Any(static attempt =>
                attempt.Catches.Length > 0 && ControlOrder.Enclosing(attempt).OfType<ILoopOperation>().Any()));
}
