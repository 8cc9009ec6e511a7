namespace Bindwise.Analyzers.Sockets;

/// <summary>
/// Code that runs on Windows alone: by a condition around it, by an exit before it, or by [SupportedOSPlatform]. Where a condition asks for
/// Windows among other things, and leaves it open, it counts as such code.
/// </summary>
internal static class WindowsCode
{
    private const string Windows = "windows";

    public static bool Is(IOperation operation, LocalValues values)
    {
        var at = operation;
        for (; at.Parent is { } parent; at = parent)
        {
            if (IsChosenByWindows(parent, at, values)
                || (parent is IBlockOperation block
                    && block.Operations.TakeWhile(one => one != at).Any(one => IsExitElsewhere(one, values))))
                return true;
        }
        for (var symbol = operation.SemanticModel?.GetEnclosingSymbol(operation.Syntax.SpanStart); symbol is not null;
            symbol = symbol.ContainingSymbol)
        {
            if (IsForWindowsAlone(symbol) || (symbol is IMethodSymbol { AssociatedSymbol: { } property } && IsForWindowsAlone(property)))
                return true;
        }
        return false;
    }

    private static bool IsChosenByWindows(IOperation choice, IOperation part, LocalValues values) => choice switch
    {
        IConditionalOperation { Condition: var condition } conditional when part != condition =>
            HoldsFor(condition, part == conditional.WhenTrue, values) ?? AsksForWindows(condition, values),
        IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalAnd or BinaryOperatorKind.ConditionalOr, LeftOperand: var left } both
            when part == both.RightOperand =>
            HoldsFor(left, both.OperatorKind == BinaryOperatorKind.ConditionalAnd, values) ?? AsksForWindows(left, values),
        ISwitchCaseOperation section => section.Clauses.All(static one => one is ISingleValueCaseClauseOperation { Value: var platform }
            && IsPlatformOfWindows(platform)),
        _ => false,
    };

    // if (!OperatingSystem.IsWindows()) return;
    private static bool IsExitElsewhere(IOperation statement, LocalValues values) => statement is IConditionalOperation conditional
        && ((Leaves(conditional.WhenTrue) && HoldsFor(conditional.Condition, false, values) == true)
            || (Leaves(conditional.WhenFalse) && HoldsFor(conditional.Condition, true, values) == true));

    private static bool Leaves(IOperation? statement) => statement switch
    {
        IReturnOperation or IThrowOperation or IBranchOperation => true,
        IExpressionStatementOperation expression => Leaves(expression.Operation),
        IBlockOperation { Operations: { Length: > 0 } operations } => Leaves(operations[operations.Length - 1]),
        _ => false,
    };

    /// <summary>Whether it is Windows where a condition has that value: true, false, or null where it can be either.</summary>
    private static bool? HoldsFor(IOperation condition, bool value, LocalValues values)
    {
        condition = values.Resolve(condition);
        if (IsWindows(condition))
            return value;
        switch (condition)
        {
            case IUnaryOperation { OperatorKind: UnaryOperatorKind.Not } not:
                return HoldsFor(not.Operand, !value, values);
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.NotEquals } other when IsPlatformOfWindows(other.RightOperand):
                return !value;
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalAnd or BinaryOperatorKind.ConditionalOr } both:
                var (left, right) = (HoldsFor(both.LeftOperand, value, values), HoldsFor(both.RightOperand, value, values));
                // Both operands have the value, or one of them has it.
                return value == (both.OperatorKind == BinaryOperatorKind.ConditionalAnd) ? left ?? right : left == right ? left : null;
            default:
                return null;
        }
    }

    private static bool AsksForWindows(IOperation condition, LocalValues values) =>
        condition.DescendantsAndSelf().SelectMany(one => values.Resolve(one).DescendantsAndSelf())
            .Any(static one => IsWindows(one) || one is IInvocationOperation { TargetMethod.Name: "IsWindowsVersionAtLeast" });

    private static bool IsWindows(IOperation operation) => operation switch
    {
        IInvocationOperation call => call.TargetMethod.Name == "IsWindows"
            || (call.TargetMethod.Name == "IsOSPlatform" && call.Arguments.Length == 1 && IsNameOfWindows(call.Arguments[0].Value)),
        IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals } comparison => IsPlatformOfWindows(comparison.RightOperand),
        IIsPatternOperation { Pattern: IConstantPatternOperation pattern } => IsPlatformOfWindows(pattern.Value),
        _ => false,
    };

    private static bool IsPlatformOfWindows(IOperation value) => LocalValues.Unwrap(value)
        is IFieldReferenceOperation { Field: { Name: "Win32NT", ContainingType.Name: "PlatformID" } };

    private static bool IsNameOfWindows(IOperation value) => LocalValues.Unwrap(value) is
        IPropertyReferenceOperation { Property: { Name: "Windows", ContainingType.Name: "OSPlatform" } }
        || (value.ConstantValue is { HasValue: true, Value: string name } && name.Equals(Windows, StringComparison.OrdinalIgnoreCase));

    private static bool IsForWindowsAlone(ISymbol symbol)
    {
        var names = symbol.GetAttributes().Where(static one => one.AttributeClass?.Name == "SupportedOSPlatformAttribute")
            .Select(static one => one.ConstructorArguments.FirstOrDefault().Value as string ?? "").ToList();
        return names.Count > 0 && names.TrueForAll(static name => name.StartsWith(Windows, StringComparison.OrdinalIgnoreCase));
    }
}
