using Microsoft.CodeAnalysis;

namespace Bindwise.Analyzers.Sockets;

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

/// <param name="kind">What is done.</param>
/// <param name="operation">Where.</param>
/// <param name="name">The method or the option.</param>
/// <param name="value">What the socket, the variable or the option gets.</param>
/// <param name="origin">Where it stands, if that is in a private method and <paramref name="operation"/> its call.</param>
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
}
