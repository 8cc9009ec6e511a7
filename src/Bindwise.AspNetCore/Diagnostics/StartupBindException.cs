using Bindwise.Extensions.Hosting;
using Microsoft.AspNetCore.Connections;

namespace Bindwise.AspNetCore;

/// <summary>
/// A start that failed because an endpoint of Kestrel could not be bound: an <see cref="IOException"/>, like Kestrel's own. For an address
/// in use its inner exception is an <see cref="AddressInUseException"/>, and that one's is the <see cref="BindException"/>. It is logged
/// once, in the
/// category <c>Bindwise</c>, with fields; the stack stays in <see cref="Exception.StackTrace"/> and in the inner exceptions.
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
