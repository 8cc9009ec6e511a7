using Microsoft.CodeAnalysis;

namespace Bindwise.Analyzers;

/// <summary>
/// A finding and what its fix has to know of the code as it was found; the fix itself can be made on code that other fixes have changed.
/// </summary>
internal sealed class Finding
{
    private static readonly string[] NetworkTypes = ["IPAddress", "IPEndPoint"];

    private readonly Diagnostic _diagnostic;
    private readonly SyntaxNode _root;
    private readonly SyntaxNode _node;
    private readonly SyntaxNode? _other;
    private readonly string? _kind;
    private readonly string _network;
    private readonly bool _isDisposable;

    public Finding(Diagnostic diagnostic, SyntaxNode root, SemanticModel model)
    {
        _diagnostic = diagnostic;
        _root = root;
        _node = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
        _other = diagnostic.AdditionalLocations.Count > 0
            ? root.FindNode(diagnostic.AdditionalLocations[0].SourceSpan, getInnermostNodeForTie: true) : null;
        diagnostic.Properties.TryGetValue(FixKeys.Kind, out _kind);
        // What is written before IPAddress and IPEndPoint: nothing where the file's usings know them.
        _network = Array.TrueForAll(NetworkTypes, type =>
            model.LookupNamespacesAndTypes(_node.SpanStart, name: type) is { Length: 1 } known
                && known[0].ToDisplayString() == "System.Net." + type) ? "" : "System.Net.";
        _isDisposable = diagnostic.Id == RuleIds.NeverClosed && model.GetDeclaredSymbol(_node) is ILocalSymbol { Type: { } type }
            && type.AllInterfaces.Any(static one => one.SpecialType == SpecialType.System_IDisposable);
    }

    /// <summary>The nodes that <see cref="Edits"/> looks for in changed code.</summary>
    public IEnumerable<SyntaxNode> Nodes => _other is null ? [_node] : [_node, _other];

    /// <summary>What is fixed first has the lowest number: statements that move keep their order.</summary>
    public int Order => _kind == FixKeys.MoveAfter ? -_node.SpanStart : _node.SpanStart;

    /// <summary>The changes to choose from; none where the code is not, or no longer, what a change is safe for.</summary>
    /// <param name="root">The code as it was found, or that with <see cref="Nodes"/> tracked and other findings fixed.</param>
    public IEnumerable<SourceEdit> Edits(SyntaxNode root)
    {
        var node = root == _root ? _node : root.GetCurrentNode(_node);
        var other = root == _root || _other is null ? _other : root.GetCurrentNode(_other);
        if (node is null || (_other is not null && other is null))
            return [];
        return _diagnostic.Id switch
        {
            RuleIds.ReuseAddress => OptionEdits.Remove(root, node, "Remove the option", _diagnostic.Id),
            RuleIds.LingerZero => OptionEdits.Remove(root, node, "Close without a reset", _diagnostic.Id),
            RuleIds.OptionAfterBind when _kind == FixKeys.MoveBefore => OptionEdits.MoveBeforeBind(root, node, other!),
            RuleIds.OptionAfterBind when _kind == FixKeys.BindLater => OptionEdits.BindAfter(root, node, other!, _network),
            RuleIds.NeverClosed when _isDisposable => ListenerEdits.AddUsing(root, node),
            RuleIds.WildcardForLocalhost => ListenerEdits.ToLoopback(root, node),
            RuleIds.ObsoleteListener => ListenerEdits.SayTheAddress(root, node, _network),
            RuleIds.PortReadTooEarly when _kind == FixKeys.MoveAfter => PortEdits.ReadAfterBind(root, node, other!),
            RuleIds.PortReadTooEarly when _kind == FixKeys.ReadFromSocket =>
                PortEdits.ReadFromSocket(root, node, _diagnostic.Properties[FixKeys.Receiver]!, _network),
            _ => [],
        };
    }
}

/// <summary>A change of a document, made when somebody asks for it.</summary>
/// <param name="title">What it does, as an editor shows it.</param>
/// <param name="key">The same for all changes of a rule that may be made at once.</param>
/// <param name="newRoot">Makes it.</param>
internal sealed class SourceEdit(string title, string key, Func<SyntaxNode> newRoot)
{
    public string Title { get; } = title;

    public string Key { get; } = key;

    public Func<SyntaxNode> NewRoot { get; } = newRoot;
}
