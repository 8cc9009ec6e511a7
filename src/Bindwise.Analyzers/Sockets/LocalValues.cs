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
                case IInvocationOperation { TargetMethod: { Name: "ConfigureAwait" or "WithCancellation", IsExtensionMethod: true } } call:
                    operation = call.Arguments[0].Value;
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

/// <summary>Which port a socket variable is bound to, as its creation, its Bind or its prefix says.</summary>
internal static class AskedPort
{
    /// <summary>The expression of the port; null where it is not in this body, or there are several.</summary>
    public static IOperation? Of(FunctionBody body, SocketVariable variable)
    {
        var found = variable.Of(SocketUseKind.Assigned).Select(use => OfCreation(body, LocalValues.Unwrap(use.Value!)))
            .Concat(variable.Of(SocketUseKind.Bound).Where(static use => use.Name == "Bind").Select(use => OfEndPoint(body, use.Value)))
            .Concat(variable.Of(SocketUseKind.PrefixAdded).SelectMany(use => ListeningSites.OfUrls(body, use.Value!))
                .Select(static site => site.PortOperation))
            .Where(static port => port is not null).ToList();
        return found.Count == 1 ? found[0] : null;
    }

    private static IOperation? OfCreation(FunctionBody body, IOperation value) => value switch
    {
        IObjectCreationOperation creation
            when SocketTypes.Is(creation.Type, body.Types.TcpListener) || SocketTypes.Is(creation.Type, body.Types.UdpClient)
                || SocketTypes.Is(creation.Type, body.Types.TcpClient) =>
            creation.Constructor?.Parameters.Length > 0 && creation.Constructor.Parameters[0].Name == "hostname" ? null
                : LocalValues.Argument(creation.Arguments, "port") ?? OfEndPoint(body, LocalValues.Argument(creation.Arguments, "localEP")),
        IInvocationOperation { TargetMethod.Name: "Create" } call
            when SocketTypes.Is(call.TargetMethod.ContainingType, body.Types.TcpListener) => LocalValues.Argument(call.Arguments, "port"),
        _ => null,
    };

    private static IOperation? OfEndPoint(FunctionBody body, IOperation? endPoint) =>
        ListeningSites.EndPoint(body, endPoint) is { } creation ? LocalValues.Argument(creation.Arguments, "port") : null;
}
