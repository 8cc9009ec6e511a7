using System.Net.Sockets;
using Bindwise.Model.Diagnosing;
using Microsoft.AspNetCore.Connections;

namespace Bindwise.AspNetCore;

/// <summary>
/// A start that ended because something could not be bound: an <see cref="IOException"/>, as Kestrel's own, in which for an address in use stands
/// an <see cref="AddressInUseException"/>, and in that the <see cref="BindException"/>. Its text (<see cref="ToString"/>), which hosts log and
/// the runtime prints, is the diagnosis; the stack stays in <see cref="Exception.StackTrace"/> and in the inner exceptions.
/// </summary>
public sealed class StartupBindException : IOException
{
    private StartupBindException(string message, Exception inner, BindException bind)
        : base(message, inner) => Bind = bind;

    /// <summary>The bind() that failed.</summary>
    public BindException Bind { get; }

    /// <summary>Why; null where the options asked for no explanation, or none could be made.</summary>
    public Diagnosis? Diagnosis => Bind.Diagnosis;

    /// <summary>The message and the diagnosis.</summary>
    public override string ToString() => $"{typeof(StartupBindException).FullName}: {Message}\n{Diagnosis?.ToText(width: null) ?? Bind.Message}";

    /// <summary>For an endpoint of Kestrel.</summary>
    /// <param name="bind">What failed.</param>
    /// <param name="endpoint">The endpoint's name; null when it is not known which.</param>
    internal static StartupBindException Of(BindException bind, string? endpoint)
    {
        var isInUse = bind.SocketErrorCode == SocketError.AddressAlreadyInUse;
        var what = endpoint is null ? "Failed to bind" : $"Failed to bind to address {endpoint}";
        return new StartupBindException(
            isInUse ? what + ": address already in use." : $"{what}: {bind.Message}",
            isInUse ? new AddressInUseException(bind.Message, bind) : bind,
            bind);
    }

    /// <summary>For a listener of a host.</summary>
    /// <param name="bind">What failed.</param>
    /// <param name="name">The listener's name; null when it is not known which.</param>
    internal static StartupBindException OfListener(BindException bind, string? name) =>
        new($"The {(name is null ? "listeners" : $"listener '{name}'")} cannot be bound: {bind.Message}", bind, bind);

    /// <summary>What Kestrel made of a failure on its way; null when that was something else.</summary>
    internal static StartupBindException? Within(Exception exception)
    {
        for (var inner = exception; inner is not null; inner = inner is AggregateException { InnerExceptions: [var first, ..] } ? first : inner.InnerException)
        {
            if (inner is BindException bind)
                return new StartupBindException(exception.Message, exception.InnerException ?? bind, bind);
        }
        return null;
    }
}
