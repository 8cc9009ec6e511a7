namespace Bindwise.Analyzers.Rules;

/// <summary>Where the number of a port goes within a body, from the expressions that read it and the variables that have it.</summary>
internal sealed class PortFlow
{
    private readonly FunctionBody _body;
    private readonly HashSet<IOperation> _reads;
    private readonly HashSet<ISymbol> _variables;

    public PortFlow(FunctionBody body, IEnumerable<IOperation> reads, params ISymbol[] variables)
    {
        _body = body;
        _reads = [.. reads];
        _variables = new HashSet<ISymbol>(variables, SymbolEqualityComparer.Default);
        for (var before = -1; before != _variables.Count;)
        {
            before = _variables.Count;
            foreach (var operation in body.Operations)
            {
                switch (operation)
                {
                    case IVariableDeclaratorOperation { Initializer: { } initializer } declarator when IsPort(initializer.Value):
                        _variables.Add(declarator.Symbol);
                        break;
                    case ISimpleAssignmentOperation { Target: ILocalReferenceOperation target } assignment when IsPort(assignment.Value):
                        _variables.Add(target.Local);
                        break;
                }
            }
        }
    }

    /// <summary>Whether it is returned, or kept in a field, or given back through a parameter.</summary>
    public bool IsResult =>
        _body.All<IReturnOperation>().Any(result => result.ReturnedValue is { } value && IsMadeOfPort(value))
        || _body.All<ISimpleAssignmentOperation>().Any(assignment =>
            IsMadeOfPort(assignment.Value) && (assignment.Target is IParameterReferenceOperation { Parameter.RefKind: not RefKind.None }
            || (assignment.Target is IFieldReferenceOperation or IPropertyReferenceOperation
                && SocketUses.VariableOf(assignment.Target) is not null)));

    public IEnumerable<ListeningSite> Sites => ListeningSites.Find(_body).Where(site => IsPort(site.PortOperation));

    private bool IsPort(IOperation value) => LocalValues.Unwrap(value) switch
    {
        ILocalReferenceOperation local => _variables.Contains(local.Local),
        IParameterReferenceOperation parameter => _variables.Contains(parameter.Parameter),
        IPropertyReferenceOperation { Property.Name: "Port", Instance: { } endPoint } property =>
            IsPort(endPoint) || _reads.Contains(property),
        var other => _reads.Contains(other),
    };

    private bool IsMadeOfPort(IOperation value) => IsPort(value) || LocalValues.Unwrap(value) switch
    {
        IInterpolatedStringOperation text => text.Parts.OfType<IInterpolationOperation>().Any(part => IsMadeOfPort(part.Expression)),
        IObjectCreationOperation { Type.Name: "Uri" or "UriBuilder" or "IPEndPoint" or "ValueTask" } creation =>
            creation.Arguments.Any(argument => IsMadeOfPort(argument.Value)),
        IInvocationOperation { TargetMethod: { Name: "FromResult", IsStatic: true } } call =>
            call.Arguments.Any(argument => IsMadeOfPort(argument.Value)),
        IInvocationOperation { TargetMethod.Name: "ToString", Instance: { } instance } => IsMadeOfPort(instance),
        ITupleOperation tuple => tuple.Elements.Any(IsMadeOfPort),
        IBinaryOperation { Type.SpecialType: SpecialType.System_String } text =>
            IsMadeOfPort(text.LeftOperand) || IsMadeOfPort(text.RightOperand),
        _ => false,
    };
}
