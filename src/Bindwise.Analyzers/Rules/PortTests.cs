namespace Bindwise.Analyzers.Rules;

/// <summary>A place that asks whether a list of sockets has a port.</summary>
/// <param name="port">The variable that has the port's number.</param>
/// <param name="at">What asks.</param>
internal sealed class PortTest(ISymbol port, IOperation at)
{
    public ISymbol Port { get; } = port;
    public IOperation At { get; } = at;
}

/// <summary>Finds where a body asks the lists of IPGlobalProperties for a port: in LINQ, in a loop over a list, or by a method that does
/// it.</summary>
/// <param name="body">The body.</param>
/// <param name="asked">The parameters of methods that ask for them; the caller may add some later.</param>
internal sealed class PortTests(FunctionBody body, HashSet<ISymbol> asked)
{
    // Most bodies ask for none.
    private readonly HashSet<ISymbol>? _lists = body.Operations.Any(ListedPortRule.IsList) ? ListsOf(body) : null;

    public IEnumerable<PortTest> Find()
    {
        foreach (var operation in body.Operations)
        {
            switch (operation)
            {
                case IInvocationOperation call when IsOfList(Source(call)):
                    foreach (var port in call.Arguments.Where(argument => argument.Value != Source(call))
                        .SelectMany(static argument => Numbers(argument.Value)).Where(port => !IsOfLambdaIn(port, call)))
                        yield return new PortTest(port, call);
                    break;
                case IInvocationOperation call when asked.Count > 0:
                    foreach (var argument in call.Arguments.Where(
                        argument => argument.Parameter is { } parameter && asked.Contains(parameter.OriginalDefinition)))
                    {
                        if (Number(argument.Value) is { } port)
                            yield return new PortTest(port, call);
                    }
                    break;
                case IForEachLoopOperation loop when IsOfList(loop.Collection):
                    foreach (var comparison in loop.Body.DescendantsAndSelf().OfType<IBinaryOperation>()
                        .Where(static one => one.OperatorKind is BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals))
                    {
                        if (PortComparedIn(comparison, loop) is { } port)
                            yield return new PortTest(port, comparison);
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
