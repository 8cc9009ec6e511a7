using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Bindwise.Analyzers.Sockets;

internal sealed class LocalValues
{
    private const int Depth = 4;

    private readonly Dictionary<ILocalSymbol, IOperation?> _values = new(SymbolEqualityComparer.Default);

    public LocalValues(ImmutableArray<IOperation> operations)
    {
        foreach (var operation in operations)
        {
            switch (operation)
            {
                case IVariableDeclaratorOperation { Initializer: { } initializer } declarator:
                    Note(declarator.Symbol, initializer.Value);
                    break;
                case ISimpleAssignmentOperation { Target: ILocalReferenceOperation target } assignment:
                    Note(target.Local, assignment.Value);
                    break;
                case ILocalReferenceOperation reference when IsChangedOtherwise(reference):
                    _values[reference.Local] = null;
                    break;
            }
        }
    }

    /// <summary>What a value is, through conversions and locals that never change.</summary>
    public IOperation Resolve(IOperation operation)
    {
        for (var step = 0; step < Depth; step++)
        {
            operation = Unwrap(operation);
            if (operation is not ILocalReferenceOperation reference || !_values.TryGetValue(reference.Local, out var value)
                || value is null)
                return operation;
            operation = value;
        }
        return Unwrap(operation);
    }

    /// <summary>The one value of a local; null where it has several, or none that is known.</summary>
    public IOperation? Of(ILocalSymbol local) => _values.TryGetValue(local, out var value) ? value : null;

    public int? Number(IOperation? operation) =>
        operation is null ? null : operation.ConstantValue is { HasValue: true, Value: int direct } ? direct
            : Resolve(operation).ConstantValue is { HasValue: true, Value: int number } ? number : null;

    /// <summary>An operation without the conversions and awaits around it.</summary>
    public static IOperation Unwrap(IOperation operation)
    {
        while (true)
        {
            switch (operation)
            {
                case IConversionOperation conversion:
                    operation = conversion.Operand;
                    break;
                case IAwaitOperation await:
                    operation = await.Operation;
                    break;
                case IParenthesizedOperation parenthesized:
                    operation = parenthesized.Operand;
                    break;
                case IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Instance: { } task }:
                    operation = task;
                    break;
                default:
                    return operation;
            }
        }
    }

    public static IOperation? Argument(ImmutableArray<IArgumentOperation> arguments, string name) =>
        arguments.FirstOrDefault(argument => argument.Parameter?.Name == name)?.Value;

    private static bool IsChangedOtherwise(ILocalReferenceOperation reference) => reference.Parent switch
    {
        ICompoundAssignmentOperation assignment => assignment.Target == reference,
        ICoalesceAssignmentOperation assignment => assignment.Target == reference,
        IIncrementOrDecrementOperation => true,
        IArgumentOperation argument => argument.Parameter?.RefKind is RefKind.Ref or RefKind.Out,
        ITupleOperation tuple => tuple.Parent is IDeconstructionAssignmentOperation,
        IDeclarationExpressionOperation => true,
        _ => false,
    };

    // A second value makes it one that nobody knows; "T x = default" before it does, too.
    private void Note(ILocalSymbol local, IOperation value) => _values[local] = _values.ContainsKey(local) ? null : value;
}
