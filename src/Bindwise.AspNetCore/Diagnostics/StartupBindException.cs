namespace Bindwise.AspNetCore;

/// <summary>
/// A start that failed because an endpoint of Kestrel could not be bound: an <see cref="IOException"/>, like Kestrel's own. For an address
/// in use its inner exception is an <see cref="AddressInUseException"/>, and that one's is the <see cref="BindException"/>. It is logged
/// once, in the category <c>Bindwise</c>, with fields; the stack stays in <see cref="Exception.StackTrace"/> and in the inner exceptions.
/// </summary>
public sealed class StartupBindException : StartRefusedException
{
    internal StartupBindException(string headline, string message, Exception inner, BindException bind)
        : base(headline, message, inner, bind)
    {
    }

    /// <summary>The bind() that failed, with its error, its request and its attempts; never null.</summary>
    public new BindException Bind => base.Bind!;
}

/// <summary>Makes and knows a <see cref="StartupBindException"/> for methods that also run in a start that works.</summary>
internal static class EndpointFailure
{
    internal static Exception Of(BindException bind, string? endpoint)
    {
        var isInUse = bind.SocketErrorCode == SocketError.AddressAlreadyInUse;
        var what = endpoint is null ? "Failed to bind" : $"Failed to bind to address {endpoint}";
        var headline = isInUse ? what + ": address already in use." : what + ".";
        return new StartupBindException(
            headline,
            isInUse ? $"{headline} {bind.Message}" : $"{what}: {bind.Message}",
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
                return new StartupBindException(exception.Message,
                    exception.Message.Contains(bind.Message, StringComparison.Ordinal) ? exception.Message
                        : $"{exception.Message} {bind.Message}",
                    exception.InnerException ?? bind, bind);
        }
        return null;
    }

    internal static bool IsOne(Exception exception) => exception is StartupBindException;
}
