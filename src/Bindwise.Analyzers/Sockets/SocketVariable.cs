namespace Bindwise.Analyzers.Sockets;

/// <summary>
/// A local, parameter, field or property that is a socket, and what a method body does with it, in the order of the text.
/// </summary>
internal sealed class SocketVariable(ISymbol symbol, ITypeSymbol type, ImmutableArray<SocketUse> uses)
{
    public ISymbol Symbol { get; } = symbol;
    public ITypeSymbol Type { get; } = type;
    public ImmutableArray<SocketUse> Uses { get; } = uses;

    public bool Has(SocketUseKind kind) => Uses.Any(use => use.Kind == kind);

    public IEnumerable<SocketUse> Of(SocketUseKind kind) => Uses.Where(use => use.Kind == kind);
}
