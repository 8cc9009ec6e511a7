namespace Bindwise.Analyzers.Sockets;

/// <summary>A method's body, or a field's initializer: all that the rules ask of it is found in one walk.</summary>
internal sealed class FunctionBody
{
    // Most bodies have nothing to do with sockets: nothing more is made of them.
    private readonly Lazy<ImmutableArray<SocketVariable>> _variables;
    private readonly Lazy<LocalValues> _values;

    public FunctionBody(SocketTypes types, ISymbol owner, ImmutableArray<IOperation> blocks)
    {
        Types = types;
        Owner = owner;
        Operations = blocks.SelectMany(static block => block.DescendantsAndSelf()).ToImmutableArray();
        _values = new(() => new LocalValues(Operations));
        _variables = new(() => SocketUses.Collect(types, Operations));
    }

    private FunctionBody(FunctionBody other, ImmutableArray<SocketVariable> variables)
    {
        Types = other.Types;
        Owner = other.Owner;
        Operations = other.Operations;
        _values = other._values;
        _variables = new(() => variables);
    }

    public SocketTypes Types { get; }
    public ISymbol Owner { get; }

    /// <summary>Every operation, lambdas and local functions included.</summary>
    public ImmutableArray<IOperation> Operations { get; }

    public LocalValues Values => _values.Value;
    public ImmutableArray<SocketVariable> Variables => _variables.Value;

    /// <summary>The same code, with more known of its variables.</summary>
    public FunctionBody With(ImmutableArray<SocketVariable> variables) => new(this, variables);

    public IEnumerable<T> All<T>() where T : IOperation => Operations.OfType<T>();
}
