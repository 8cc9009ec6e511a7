using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Bindwise.AspNetCore;

/// <summary>
/// Makes and knows a <see cref="StartupBindException"/> for methods that also run in a start that works, as <c>StartFailure</c> does.
/// </summary>
internal static class EndpointFailure
{
    /// <param name="bind">What failed.</param>
    /// <param name="endpoint">The endpoint's name; null when it is not known which.</param>
    internal static Exception Of(BindException bind, string? endpoint)
    {
        var isInUse = bind.SocketErrorCode == SocketError.AddressAlreadyInUse;
        var what = endpoint is null ? "Failed to bind" : $"Failed to bind to address {endpoint}";
        var headline = isInUse ? what + ": address already in use." : what + ".";
        return new StartupBindException(
            headline,
            isInUse ? headline : $"{what}: {bind.Message}",
            isInUse ? new AddressInUseException(bind.Message, bind) : bind,
            bind);
    }

    /// <summary>What Kestrel made of a failure on its way; null when that was something else.</summary>
    internal static StartupBindException? Within(Exception exception)
    {
        for (var inner = exception; inner is not null; inner = inner is AggregateException { InnerExceptions: [var first, ..] } ? first
            : inner.InnerException)
        {
            if (inner is BindException bind)
                return new StartupBindException(exception.Message, exception.Message, exception.InnerException ?? bind, bind);
        }
        return null;
    }

    internal static bool IsOne(Exception exception) => exception is StartupBindException;
}
