namespace Bindwise.Analyzers.Sockets;

/// <summary>
/// What certainly happens before what, by how the statements enclose each other. A goto can break it; what depends on a condition, a loop
/// or an exception never counts as having happened.
/// </summary>
internal static class ControlOrder
{
    /// <summary>The lambda, local function or whole body that an operation stands in.</summary>
    public static IOperation FunctionOf(IOperation operation)
    {
        var at = operation;
        while (at.Parent is { } parent)
        {
            at = parent;
            if (at is IAnonymousFunctionOperation or ILocalFunctionOperation)
                return at;
        }
        return at;
    }

    /// <summary>Whether the first has always been executed when the second is.</summary>
    public static bool IsAlwaysBefore(IOperation first, IOperation second)
    {
        if (first.Syntax.SpanStart > second.Syntax.SpanStart || FunctionOf(first) != FunctionOf(second))
            return false;
        var at = first;
        for (; at.Parent is { } parent; at = parent)
        {
            if (parent is IBlockOperation or ISwitchCaseOperation && IsWithin(second, parent))
                return !IsWithin(second, at);
            if (parent is IUsingOperation statement && statement.Resources == at && IsWithin(second, statement.Body))
                return true;
            if (!IsExecutedWith(parent, at))
                return false;
        }
        return false;
    }

    public static bool IsWithin(IOperation inner, IOperation outer)
    {
        for (var at = inner; at is not null; at = at.Parent)
        {
            if (at == outer)
                return true;
        }
        return false;
    }

    /// <summary>The operations that enclose one, from the inside, up to its function.</summary>
    public static IEnumerable<IOperation> Enclosing(IOperation operation)
    {
        for (var at = operation.Parent; at is not null; at = at.Parent)
        {
            yield return at;
            if (at is IAnonymousFunctionOperation or ILocalFunctionOperation)
                yield break;
        }
    }

    /// <summary>Whether it depends on a condition or an exception, within a part of its function.</summary>
    public static bool IsConditional(IOperation operation, IOperation within) =>
        Enclosing(operation).TakeWhile(at => at != within).Any(static at =>
            at is IConditionalOperation or ISwitchOperation or ISwitchExpressionOperation or ICatchClauseOperation or ICoalesceOperation
                or ILoopOperation);

    // A part of a statement that is executed whenever the statement is, and whose end the statement does not survive by an exception.
    private static bool IsExecutedWith(IOperation parent, IOperation part) => parent switch
    {
        IConditionalOperation conditional => conditional.Condition == part,
        ITryOperation attempt => attempt.Finally == part || attempt.Catches.Length == 0,
        IConditionalAccessOperation access => access.Operation == part,
        ILoopOperation or ICatchClauseOperation or ISwitchOperation or ISwitchCaseOperation or IBinaryOperation or ICoalesceOperation
            or ISwitchExpressionOperation
            or ISwitchExpressionArmOperation => false,
        _ => true,
    };
}
