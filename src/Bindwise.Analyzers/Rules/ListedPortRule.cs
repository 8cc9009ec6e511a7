namespace Bindwise.Analyzers.Rules;

/// <summary>
/// BWC003, of a search: for a port that no list of IPGlobalProperties has, or that a method says is free, and of which the number goes on,
/// as a result or into a bind. A bind in the search that goes on to the next port when it fails decides by itself; whether one port is free
/// is another question, and so is which port a server listens on.
/// </summary>
internal static class ListedPortRule
{
    private static readonly string[] Picks = ["First", "FirstOrDefault", "Last", "LastOrDefault", "Single", "SingleOrDefault", "Min", "Max",
        "ElementAt", "ElementAtOrDefault"];

    /// <summary>Whether a body may be a part of such a search.</summary>
    public static bool MayConcern(FunctionBody body) => body.All<IInvocationOperation>()
        .Any(static call => IsList(call) || (call.Arguments.Any(IsNumber) && IsPredicate(call.TargetMethod)));

    public static void Check(INamedTypeSymbol type, ImmutableArray<FunctionBody> bodies, Action<Diagnostic> report)
    {
        var asked = new Dictionary<ISymbol, bool?>(SymbolEqualityComparer.Default);
        // IsFree(port) binds a socket to it and closes that.
        foreach (var (body, variable) in bodies.SelectMany(static body => body.Variables.Select(variable => (body, variable))))
        {
            if (PortGivenBackRule.IsForItsPortAlone(variable) && AskedPort.Of(body, variable) is { } port
                && LocalValues.Unwrap(port)
                    is IParameterReferenceOperation { Parameter: { ContainingSymbol: IMethodSymbol method } parameter }
                    && IsPredicate(method))
                asked[parameter] = variable.Uses[0].Function.Descendants().OfType<ICatchClauseOperation>()
                    .SelectMany(static clause => clause.Descendants()).OfType<IReturnOperation>()
                    .FirstOrDefault()?.ReturnedValue?.ConstantValue.Value as bool?;
        }
        var tests = bodies.Select(body => (body, tests: new PortTests(body, asked))).ToList();
        // Or it asks a list itself, or another such method.
        for (var before = -1; before != asked.Count;)
        {
            before = asked.Count;
            foreach (var (port, answer) in tests.SelectMany(static one => one.tests.Find()))
            {
                if (port is IParameterSymbol { ContainingSymbol: IMethodSymbol method } && IsPredicate(method) && !asked.ContainsKey(port))
                    asked.Add(port, answer.AsReturned());
            }
        }
        foreach (var (body, found) in tests)
        {
            foreach (var search in found.Find().GroupBy(static test => test.Port, SymbolEqualityComparer.Default))
            {
                var test = search.Where(
                    one => IsSearch(one.Port, one.Answer) && (IsKept(one.Port) || GoesOn(body, new PortFlow(body, [], one.Port))))
                    .Concat(search.Where(one => PickedBy(one.Port, one.Answer) is { } pick && GoesOn(body, new PortFlow(body, [pick]))))
                    .Select(static one => one.Answer.At).FirstOrDefault();
                if (test is not null)
                {
                    var subject = test is IInvocationOperation call && IsPredicate(call.TargetMethod) ? $"'{call.TargetMethod.Name}'"
                        : "A list of sockets";
                    report(Diagnostic.Create(AnalyzerRules.PortGivenBack, test.Syntax.GetLocation(), $"{subject} keeps no port"));
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
    private static bool IsSearch(ISymbol port, InUseAnswer answer) =>
        ControlOrder.Enclosing(answer.At).OfType<ILoopOperation>().Any(loop => IsEndedBy(answer.At, loop) && !answer.EndsWithTaken(loop)
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
    private static IOperation? PickedBy(ISymbol port, InUseAnswer answer)
    {
        if (ControlOrder.FunctionOf(answer.At) is not IAnonymousFunctionOperation lambda
            || !SymbolEqualityComparer.Default.Equals(port.ContainingSymbol, lambda.Symbol) || answer.PicksTaken(lambda))
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

    /// <summary>
    /// The bind, or the Start that follows, stands in a try block in a loop, and in that loop what searches for a port, if that is named:
    /// the next round takes another one.
    /// </summary>
    public static bool IsRetried(FunctionBody body, ListeningSite site, IOperation? search = null) =>
        body.Variables.SelectMany(static variable => variable.Of(SocketUseKind.Bound)).Select(static use => use.Operation)
            .Where(bind => bind.Syntax.SpanStart >= site.Operation.Syntax.SpanStart)
            .Append(site.Operation).Any(bind => ControlOrder.Enclosing(bind).OfType<ITryOperation>().Any(attempt =>
                attempt.Catches.Length > 0 && ControlOrder.Enclosing(attempt).OfType<ILoopOperation>()
                    .Any(loop => search is null || ControlOrder.IsWithin(search, loop))));
}

/// <summary>Finds where a body asks the lists of IPGlobalProperties for a port: in LINQ, in a loop over one, or by a method.</summary>
internal sealed class PortTests(FunctionBody body, Dictionary<ISymbol, bool?> asked)
{
    // Most bodies ask for none.
    private readonly HashSet<ISymbol>? _lists = body.Operations.Any(ListedPortRule.IsList) ? ListsOf(body) : null;

    /// <summary>The variables that have the port's number, and what asks.</summary>
    public IEnumerable<(ISymbol Port, InUseAnswer Answer)> Find()
    {
        foreach (var operation in body.Operations)
        {
            switch (operation)
            {
                case IInvocationOperation call when IsOfList(Source(call)):
                    foreach (var port in call.Arguments.Where(argument => argument.Value != Source(call))
                        .SelectMany(static argument => Numbers(argument.Value)).Where(port => !IsOfLambdaIn(port, call)))
                        yield return (port, new InUseAnswer(call, OfMethod(call.TargetMethod.Name)));
                    break;
                case IInvocationOperation call when asked.Count > 0:
                    foreach (var argument in call.Arguments)
                    {
                        if (argument.Parameter is { } parameter && asked.TryGetValue(parameter.OriginalDefinition, out var isTaken)
                            && Number(argument.Value) is { } port)
                            yield return (port, new InUseAnswer(call, isTaken));
                    }
                    break;
                case IForEachLoopOperation loop when IsOfList(loop.Collection):
                    foreach (var comparison in loop.Body.DescendantsAndSelf().OfType<IBinaryOperation>()
                        .Where(static one => one.OperatorKind is BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals))
                    {
                        if (PortComparedIn(comparison, loop) is { } port)
                            yield return (port, new InUseAnswer(comparison, comparison.OperatorKind == BinaryOperatorKind.Equals));
                    }
                    break;
            }
        }
    }

    // entry.Port == port, and entry == port where the list is one of numbers.
    private static ISymbol? PortComparedIn(IBinaryOperation comparison, IForEachLoopOperation loop)
    {
        var (left, right) = (LocalValues.Unwrap(comparison.LeftOperand), LocalValues.Unwrap(comparison.RightOperand));
        return IsOfEntry(left) ? Number(right) : IsOfEntry(right) ? Number(left) : null;

        bool IsOfEntry(IOperation value) => value.DescendantsAndSelf().OfType<ILocalReferenceOperation>()
            .Any(local => loop.Locals.Contains(local.Local, SymbolEqualityComparer.Default));
    }

    // Of a set, Add is true for what it did not have.
    private static bool? OfMethod(string name) => name switch
    {
        "Any" or "Contains" or "Count" or "Exists" or "FirstOrDefault" or "IndexOf" or "Where" => true,
        "Add" or "All" or "TrueForAll" => false,
        _ => null,
    };

    private static IOperation? Source(IInvocationOperation call) => call.Instance ?? call.Arguments.FirstOrDefault()?.Value;

    private bool IsOfList(IOperation? value) => value is not null && _lists is not null && value.DescendantsAndSelf()
        .Any(one => ListedPortRule.IsList(one) || (one is ILocalReferenceOperation local && _lists.Contains(local.Local)));

    private static IEnumerable<ISymbol> Numbers(IOperation value) => value.DescendantsAndSelf().Select(Number).OfType<ISymbol>();

    private static ISymbol? Number(IOperation value) =>
        LocalValues.Unwrap(value) is { Type.SpecialType: SpecialType.System_Int32, ConstantValue.HasValue: false } number
            ? SocketUses.VariableOf(number) : null;

    private static bool IsOfLambdaIn(ISymbol port, IOperation call) =>
        call.Descendants().OfType<IAnonymousFunctionOperation>()
            .Any(lambda => SymbolEqualityComparer.Default.Equals(port.ContainingSymbol, lambda.Symbol));

    // The locals that are a list, made of one, as a set of its ports, or an entry in a loop over one.
    private static HashSet<ISymbol> ListsOf(FunctionBody body)
    {
        var lists = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        for (var before = -1; before != lists.Count;)
        {
            before = lists.Count;
            foreach (var operation in body.Operations)
            {
                var (variable, value) = operation switch
                {
                    IVariableDeclaratorOperation { Initializer: { } initializer } declarator => (declarator.Symbol, initializer.Value),
                    ISimpleAssignmentOperation { Target: ILocalReferenceOperation target } assignment => (target.Local, assignment.Value),
                    IInvocationOperation
                    {
                        TargetMethod.Name: "Add" or "AddRange" or "UnionWith", Instance: ILocalReferenceOperation target,
                        Arguments: { Length: 1 } added
                    } => (target.Local, added[0].Value),
                    IForEachLoopOperation { Locals: { Length: 1 } entry } loop => (entry[0], loop.Collection),
                    _ => (null, null),
                };
                if (variable is not null && (operation is IForEachLoopOperation || variable.Type is IArrayTypeSymbol
                    or INamedTypeSymbol { IsGenericType: true }) && value!.DescendantsAndSelf().Any(one =>
                        ListedPortRule.IsList(one) || (one is ILocalReferenceOperation local && lists.Contains(local.Local))))
                    lists.Add(variable);
            }
        }
        return lists;
    }
}

/// <summary>The answer to whether a port is in use, and what the code makes of it.</summary>
/// <param name="at">The question.</param>
/// <param name="isTaken">What true says: that the port is in use, or that it is not; null where that is not known.</param>
internal sealed class InUseAnswer(IOperation at, bool? isTaken)
{
    public IOperation At { get; } = at;

    /// <summary>What true says of the method whose result it is.</summary>
    public bool? AsReturned() => Outcome() switch
    {
        (IReturnOperation, var answer) => answer,
        (IConditionalOperation { WhenTrue: var branch }, var answer)
            when End(branch) is IReturnOperation { ReturnedValue.ConstantValue: { HasValue: true, Value: bool one } } => answer == one,
        _ => null,
    };

    /// <summary>Whether a loop ends with a port that is in use: it searches for a server, or a conflict.</summary>
    public bool EndsWithTaken(ILoopOperation loop) => Outcome() switch
    {
        (IConditionalOperation { WhenTrue: var branch }, { } answer) => End(branch) switch
        {
            IReturnOperation => answer,
            IBranchOperation jump when Same(jump.Target, loop.ExitLabel) => answer,
            IBranchOperation jump when Same(jump.Target, loop.ContinueLabel) => !answer,
            _ => false,
        },
        (ILoopOperation, { } answer) => !answer,
        (IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: var local } }, { } answer) =>
            loop.Descendants().OfType<ILocalReferenceOperation>()
                .Any(one => Same(one.Local, local) && new InUseAnswer(one, answer).EndsWithTaken(loop)),
        _ => false,
    };

    /// <summary>Whether it is the condition of a LINQ method that takes the ports that are in use.</summary>
    public bool PicksTaken(IAnonymousFunctionOperation lambda) => Outcome() is (IReturnOperation, true)
        && ControlOrder.Enclosing(lambda).OfType<IInvocationOperation>().First().TargetMethod.Name is not ("SkipWhile" or "OrderBy");

    private static bool Same(ISymbol one, ISymbol other) => SymbolEqualityComparer.Default.Equals(one, other);

    private static IOperation? End(IOperation branch) => branch is IBlockOperation block ? block.Operations.LastOrDefault() : branch;

    // Where the answer goes, and what true says there.
    private (IOperation? To, bool? IsTaken) Outcome()
    {
        var answer = isTaken;
        for (var to = At.Parent; ; to = to.Parent)
        {
            switch (to)
            {
                case IUnaryOperation { OperatorKind: UnaryOperatorKind.Not }:
                    answer = !answer;
                    break;
                case IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalAnd or BinaryOperatorKind.ConditionalOr }
                    or IConversionOperation or IParenthesizedOperation or IArgumentOperation or IInvocationOperation
                    or IPropertyReferenceOperation:
                    break;
                // Any(…) == false, Count(…) == 0, IndexOf(…) < 0
                case IBinaryOperation { OperatorKind: var kind, RightOperand.ConstantValue: { HasValue: true, Value: var other } }:
                    answer ^= (kind is BinaryOperatorKind.Equals or BinaryOperatorKind.LessThan) != (other is true);
                    break;
                default:
                    return (to, answer);
            }
        }
    }
}
