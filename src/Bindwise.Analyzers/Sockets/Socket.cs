namespace Bindwise.Analyzers.Sockets;

/// <summary>Finds the socket variables of a body, and what it does with each.</summary>
internal sealed class SocketUses
{
    private static readonly string[] AcceptNames = ["Accept", "BeginAccept", "EndAccept", "GetContext", "BeginGetContext", "EndGetContext"];

    private readonly SocketTypes _types;
    private readonly Dictionary<ISymbol, List<SocketUse>> _uses = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<ISymbol, ITypeSymbol> _typeOf = new(SymbolEqualityComparer.Default);

    private SocketUses(SocketTypes types) => _types = types;

    public static ImmutableArray<SocketVariable> Collect(SocketTypes types, ImmutableArray<IOperation> operations)
    {
        var uses = new SocketUses(types);
        foreach (var operation in operations)
        {
            switch (operation)
            {
                case IVariableDeclaratorOperation declarator when types.IsSocket(declarator.Symbol.Type):
                    uses.Declare(declarator);
                    break;
                case IFieldInitializerOperation initializer
                    when initializer.InitializedFields.Length == 1 && types.IsSocket(initializer.InitializedFields[0].Type):
                    uses.Assign(initializer.InitializedFields[0], initializer.InitializedFields[0].Type, initializer, initializer.Value);
                    break;
                case { Type: { } type } when types.IsSocket(type) && VariableOf(operation) is { } variable
                    && operation.Parent is not IVariableDeclaratorOperation:
                    uses.Use(variable, type, operation);
                    break;
            }
        }
        return uses._uses.Select(one => new SocketVariable(one.Key, uses._typeOf[one.Key],
            one.Value.OrderBy(static use => use.Position).ToImmutableArray())).ToImmutableArray();
    }

    /// <summary>The variable that an operation names, if it is one whose value only this object's own code changes.</summary>
    public static ISymbol? VariableOf(IOperation operation) => operation switch
    {
        ILocalReferenceOperation local => local.Local,
        IParameterReferenceOperation parameter => parameter.Parameter,
        IFieldReferenceOperation field when IsOwn(field) => field.Field,
        IPropertyReferenceOperation { Arguments.Length: 0 } property when IsOwn(property) => property.Property,
        _ => null,
    };

    private static bool IsOwn(IMemberReferenceOperation member) =>
        member.Instance is null or IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance };

    private void Declare(IVariableDeclaratorOperation declarator)
    {
        var value = declarator.Initializer?.Value ?? (declarator.Parent as IVariableDeclarationOperation)?.Initializer?.Value
            // await foreach (var connection in listener.AcceptAllAsync())
            ?? (declarator.Parent as IForEachLoopOperation)?.Collection;
        // "= null" makes no socket.
        if (value is not null && !(LocalValues.Unwrap(value).ConstantValue is { HasValue: true, Value: null }))
            Assign(declarator.Symbol, declarator.Symbol.Type, declarator, value);
        if (ControlOrder.Enclosing(declarator).Any(at => at is IUsingDeclarationOperation
            || (at is IUsingOperation statement && ControlOrder.IsWithin(declarator, statement.Resources))))
            Note(declarator.Symbol, declarator.Symbol.Type, new SocketUse(SocketUseKind.Closed, declarator, "using"));
    }

    private void Assign(ISymbol variable, ITypeSymbol type, IOperation operation, IOperation value)
    {
        Note(variable, type, new SocketUse(SocketUseKind.Assigned, operation, "=", value));
        if (LocalValues.Unwrap(value) is not IObjectCreationOperation creation)
            return;
        if (Binds(creation))
            Note(variable, type, new SocketUse(SocketUseKind.Bound, creation,
                $"new {creation.Type!.Name}({string.Join(", ", creation.Arguments.Select(static argument => argument.Syntax))})"));
        foreach (var initializer in creation.Initializer?.Initializers ?? ImmutableArray<IOperation>.Empty)
        {
            if (initializer is ISimpleAssignmentOperation
                { Target: IPropertyReferenceOperation { Instance: IInstanceReferenceOperation } property } set)
                Note(variable, type, new SocketUse(SocketUseKind.OptionSet, set, property.Property.Name, set.Value));
        }
    }

    // UdpClient's and TcpClient's constructors with an own port or address.
    private bool Binds(IObjectCreationOperation creation) =>
        creation.Arguments.Length > 0 && creation.Constructor?.Parameters[0] is { Name: "port" or "localEP" }
        && (SocketTypes.Is(creation.Type, _types.UdpClient) || SocketTypes.Is(creation.Type, _types.TcpClient));

    private void Use(ISymbol variable, ITypeSymbol type, IOperation reference)
    {
        var at = reference;
        while (true)
        {
            switch (at.Parent)
            {
                case IConversionOperation { IsImplicit: false } or IParenthesizedOperation:
                    at = at.Parent;
                    continue;
                case IConditionalAccessOperation access when access.Operation == at && InstanceOf(access) is { } instance:
                    at = instance;
                    continue;
                case IPropertyReferenceOperation { Property.Name: "Server" or "Client" } inner
                    when inner.Instance == at && _types.IsSocket(inner.Type):
                    at = inner;
                    continue;
                case ISimpleAssignmentOperation assignment when assignment.Target == at && at == reference:
                    Assign(variable, type, assignment, assignment.Value);
                    return;
                default:
                    Note(variable, type, Classify(at));
                    return;
            }
        }
    }

    private static IOperation? InstanceOf(IConditionalAccessOperation access) =>
        access.WhenNotNull.DescendantsAndSelf().FirstOrDefault(static one => one is IConditionalAccessInstanceOperation);

    private static SocketUse Classify(IOperation at)
    {
        switch (at.Parent)
        {
            case IInvocationOperation call when call.Instance == at:
                return OfCall(call);
            case IPropertyReferenceOperation property when property.Instance == at:
                if (property is { Property.Name: "Prefixes", Parent: IInvocationOperation { TargetMethod.Name: "Add" } add }
                    && add.Instance == property)
                    return new SocketUse(SocketUseKind.PrefixAdded, add, "Prefixes", LocalValues.Argument(add.Arguments, "uriPrefix"));
                if (property.Property.Name is "LocalEndpoint" or "LocalEndPoint")
                    return new SocketUse(SocketUseKind.EndPointRead, property, property.Property.Name);
                return property.Parent is ISimpleAssignmentOperation set && set.Target == property
                    ? new SocketUse(SocketUseKind.OptionSet, set, property.Property.Name, set.Value)
                    : new SocketUse(SocketUseKind.Other, property, property.Property.Name);
            case IUsingOperation statement when statement.Resources == at:
                return new SocketUse(SocketUseKind.Closed, at, "using");
            // if (listener is { } other): what is done with the other is done with this one.
            case IIsPatternOperation pattern when pattern.Pattern.DescendantsAndSelf().Any(static one => one
                is IDeclarationPatternOperation { DeclaredSymbol: not null } or IRecursivePatternOperation { DeclaredSymbol: not null }):
                return new SocketUse(SocketUseKind.Escaped, at);
            case IExpressionStatementOperation or IBinaryOperation or IIsPatternOperation or INameOfOperation or IIsTypeOperation:
                return new SocketUse(SocketUseKind.Other, at);
            case IConversionOperation
            {
                IsImplicit: true,
                Parent: IBinaryOperation or IArgumentOperation { Parent: IInvocationOperation { TargetMethod.Name: "ThrowIfNull" } }
            }:
            case IArgumentOperation { Parent: IInvocationOperation { TargetMethod.Name: "ThrowIfNull" } }:
                return new SocketUse(SocketUseKind.Other, at);
            default:
                return new SocketUse(SocketUseKind.Escaped, at);
        }
    }

    private static SocketUse OfCall(IInvocationOperation call)
    {
        var name = call.TargetMethod.Name;
        return name switch
        {
            "Bind" => new SocketUse(SocketUseKind.Bound, call, name, LocalValues.Argument(call.Arguments, "localEP")),
            "Start" => new SocketUse(SocketUseKind.Listening, call, name),
            "Listen" => new SocketUse(SocketUseKind.Listening, call, name),
            "Close" or "Dispose" or "DisposeAsync" or "Stop" or "Abort" => new SocketUse(SocketUseKind.Closed, call, name),
            "SetSocketOption" =>
                new SocketUse(SocketUseKind.OptionSet, call, OptionOf(call), LocalValues.Argument(call.Arguments, "optionValue")),
            _ when IsAccept(name) => new SocketUse(SocketUseKind.Accepting, call, name),
            _ => new SocketUse(SocketUseKind.Other, call, name),
        };
    }

    /// <summary>Accept, AcceptAsync, AcceptSocket, AcceptTcpClientAsync, BeginAccept, EndAcceptSocket, GetContext and so on.</summary>
    public static bool IsAccept(string method) => Array.Exists(AcceptNames, start => method.StartsWith(start, StringComparison.Ordinal));

    private static string OptionOf(IInvocationOperation call) =>
        LocalValues.Argument(call.Arguments, "optionName") is { } option && LocalValues.Unwrap(option) is IFieldReferenceOperation field
            ? field.Field.Name : "";

    private void Note(ISymbol variable, ITypeSymbol type, SocketUse use)
    {
        if (!_uses.TryGetValue(variable, out var known))
        {
            _uses.Add(variable, known = []);
            _typeOf.Add(variable, type);
        }
        known.Add(use);
        // TcpListener.Start binds and listens.
        if (use is { Kind: SocketUseKind.Listening, Name: "Start" })
            known.Add(new SocketUse(SocketUseKind.Bound, use.Operation, "Start"));
    }
}

/// <summary>What a piece of code does with a socket variable.</summary>
internal enum SocketUseKind
{
    /// <summary>The variable gets a value: <see cref="SocketUse.Value"/>.</summary>
    Assigned,

    /// <summary>Bind, TcpListener.Start, or a constructor that binds.</summary>
    Bound,

    /// <summary>Listen or TcpListener.Start.</summary>
    Listening,

    Accepting,

    /// <summary>An option is set: <see cref="SocketUse.Name"/> to <see cref="SocketUse.Value"/>.</summary>
    OptionSet,

    EndPointRead,

    /// <summary>An HttpListener gets a prefix: <see cref="SocketUse.Value"/>.</summary>
    PrefixAdded,

    /// <summary>Close, Dispose, Stop, Abort, or a using statement.</summary>
    Closed,

    /// <summary>Other code gets the socket: an argument, a return value, another variable.</summary>
    Escaped,

    /// <summary>Anything else, such as Connect or Send.</summary>
    Other,
}

internal sealed class SocketUse(SocketUseKind kind, IOperation operation, string name = "", IOperation? value = null,
    IOperation? origin = null)
{
    public SocketUseKind Kind { get; } = kind;

    /// <summary>The call, the assignment, or what else uses it.</summary>
    public IOperation Operation { get; } = operation;

    public string Name { get; } = name;
    public IOperation? Value { get; } = value;

    /// <summary>Where it stands: <see cref="Operation"/>, or in a private method that this calls.</summary>
    public IOperation Origin { get; } = origin ?? operation;

    /// <summary>The method, lambda or local function that it stands in.</summary>
    public IOperation Function { get; } = ControlOrder.FunctionOf(operation);

    public int Position => Operation.Syntax.SpanStart;

    /// <summary>A using: it stands where the socket is still open, and closes it at the end.</summary>
    public bool IsUsing => Kind == SocketUseKind.Closed && Name == "using";
}

/// <summary>A variable that is a socket (local, parameter, field or property), and what a body does with it, in the text's order.</summary>
internal sealed class SocketVariable(ISymbol symbol, ITypeSymbol type, ImmutableArray<SocketUse> uses)
{
    public ISymbol Symbol { get; } = symbol;
    public ITypeSymbol Type { get; } = type;
    public ImmutableArray<SocketUse> Uses { get; } = uses;

    public bool Has(SocketUseKind kind) => Uses.Any(use => use.Kind == kind);

    public IEnumerable<SocketUse> Of(SocketUseKind kind) => Uses.Where(use => use.Kind == kind);
}

/// <summary>The framework's types that the rules speak of, as one compilation knows them.</summary>
internal sealed class SocketTypes(Compilation compilation, INamedTypeSymbol socket)
{
    /// <summary>The types of a compilation; null where it knows no sockets, and no rule applies.</summary>
    public static SocketTypes? Of(Compilation compilation) =>
        compilation.GetTypeByMetadataName("System.Net.Sockets.Socket") is { } socket ? new SocketTypes(compilation, socket) : null;

    public INamedTypeSymbol Socket { get; } = socket;
    public INamedTypeSymbol? TcpListener { get; } = compilation.GetTypeByMetadataName("System.Net.Sockets.TcpListener");
    public INamedTypeSymbol? TcpClient { get; } = compilation.GetTypeByMetadataName("System.Net.Sockets.TcpClient");
    public INamedTypeSymbol? UdpClient { get; } = compilation.GetTypeByMetadataName("System.Net.Sockets.UdpClient");
    public INamedTypeSymbol? HttpListener { get; } = compilation.GetTypeByMetadataName("System.Net.HttpListener");
    public INamedTypeSymbol? HttpListenerException { get; } = compilation.GetTypeByMetadataName("System.Net.HttpListenerException");
    public INamedTypeSymbol? IPAddress { get; } = compilation.GetTypeByMetadataName("System.Net.IPAddress");
    public INamedTypeSymbol? IPEndPoint { get; } = compilation.GetTypeByMetadataName("System.Net.IPEndPoint");
    public INamedTypeSymbol? LingerOption { get; } = compilation.GetTypeByMetadataName("System.Net.Sockets.LingerOption");
    public INamedTypeSymbol? SocketError { get; } = compilation.GetTypeByMetadataName("System.Net.Sockets.SocketError");
    public INamedTypeSymbol? SocketException { get; } = compilation.GetTypeByMetadataName("System.Net.Sockets.SocketException");
    public INamedTypeSymbol? AddressInUseException { get; } =
        compilation.GetTypeByMetadataName("Microsoft.AspNetCore.Connections.AddressInUseException");
    public INamedTypeSymbol? IOException { get; } = compilation.GetTypeByMetadataName("System.IO.IOException");
    public INamedTypeSymbol? WebApplication { get; } = compilation.GetTypeByMetadataName("Microsoft.AspNetCore.Builder.WebApplication");
    public INamedTypeSymbol? WebHost { get; } = compilation.GetTypeByMetadataName("Microsoft.AspNetCore.Hosting.IWebHost");
    public INamedTypeSymbol? Host { get; } = compilation.GetTypeByMetadataName("Microsoft.Extensions.Hosting.IHost");
    public INamedTypeSymbol? CancellationToken { get; } = compilation.GetTypeByMetadataName("System.Threading.CancellationToken");
    public INamedTypeSymbol? Disposable { get; } = compilation.GetTypeByMetadataName("System.IDisposable");
    public INamedTypeSymbol? AsyncDisposable { get; } = compilation.GetTypeByMetadataName("System.IAsyncDisposable");

    /// <summary>Where the program starts; null for a library.</summary>
    public IMethodSymbol? EntryPoint { get; } = compilation.GetEntryPoint(System.Threading.CancellationToken.None);

    /// <summary>Whether a variable of that type is a socket, or wraps one.</summary>
    public bool IsSocket(ITypeSymbol? type) =>
        Is(type, Socket) || Is(type, TcpListener) || Is(type, TcpClient) || Is(type, UdpClient) || Is(type, HttpListener);

    public static bool Is(ITypeSymbol? type, INamedTypeSymbol? wanted)
    {
        for (; type is not null && wanted is not null; type = type.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(type, wanted))
                return true;
        }
        return false;
    }
}
