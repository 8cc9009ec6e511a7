namespace Bindwise;

/// <summary>One socket that could not be had.</summary>
/// <param name="Error">The error as .NET names it.</param>
/// <param name="ErrorName">The error as the system names it, as <c>EADDRINUSE</c>.</param>
/// <param name="Call">The call that failed, as <c>bind()</c>.</param>
/// <param name="EndPoint">Where it was to be bound.</param>
/// <param name="Transport">TCP (also for UNIX) or UDP.</param>
/// <param name="Offered">How many ports the system offered that not all sockets of the request could have, this one the last; 0 for a port
/// that was asked for.</param>
internal sealed record BindFault(SocketError Error, string ErrorName, string Call, EndPoint EndPoint, Transports Transport, int Offered = 0)
{
    /// <summary>The error is about the address, so the socket table may tell why; not about what this process has left.</summary>
    public bool IsAboutAddress => Error is not (SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable);

    /// <summary>Another port may fare better: this one is taken, or denied.</summary>
    public bool IsAboutPort => Error is SocketError.AddressAlreadyInUse or SocketError.AccessDenied;

    /// <summary>
    /// It may be over by the next moment: another socket went, or the address came. A right or a folder that lacks does not come by itself.
    /// </summary>
    public bool MayHavePassed => ErrorName is "EADDRINUSE" or "EADDRNOTAVAIL" or "ENODEV";

    /// <summary><c>127.0.0.1:8080/tcp</c>, or a path.</summary>
    public string Name => EndPoint is IPEndPoint ? EndPoint + (Transport == Transports.Udp ? "/udp" : "/tcp") : EndPoint.ToString()!;
}
