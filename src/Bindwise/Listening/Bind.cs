namespace Bindwise;

/// <summary>
/// A bind() or listen() that failed, and why: a <see cref="SocketException"/>, so that existing handlers still work, whose message names
/// the holder and whose <see cref="Diagnosis"/> is what <c>bindwise why</c> prints.
/// </summary>
public sealed class BindException : SocketException, IBindwiseException
{
    /// <summary>Makes the exception for a bind() or listen() that failed; Bindwise throws it, and tests may make their own.</summary>
    /// <param name="socketErrorCode">The error; <see cref="SocketException.SocketErrorCode"/> and the native
    /// error code follow from it, as with .NET's own.</param>
    /// <param name="message">One sentence: what failed, why, and what is in the way.</param>
    /// <param name="request">The request; null for another kind of request, such as the start of a <see cref="TcpListener"/>.</param>
    /// <param name="diagnosis">The reason; null if you asked for none, or none was found.</param>
    public BindException(SocketError socketErrorCode, string message, ListenRequest? request, Diagnosis? diagnosis)
        : base((int)socketErrorCode, message)
    {
        Request = request;
        Diagnosis = diagnosis;
    }

    /// <summary>
    /// The error as the system names it (errno(3)), as <c>EADDRINUSE</c>; on Windows too, for the errors that have such a name. It goes
    /// well with OpenTelemetry's <c>error.type</c>.
    /// </summary>
    public string ErrorName { get => field ?? SocketErrors.NameOf(SocketErrorCode); internal init; }

    /// <summary>The request; null if it did not come from a <see cref="ListenRequest"/>.</summary>
    public ListenRequest? Request { get; }

    /// <summary>Why it failed; null if the request asked for no explanation, or none was found.</summary>
    public Diagnosis? Diagnosis { get; }

    /// <summary>The number of attempts: 1, or more if the request has a retry policy.</summary>
    public int Attempts { get; internal set; } = 1;
}

/// <summary>One round over all candidates that ended with nothing.</summary>
internal sealed record BindFailure(ListenRequest Request, ImmutableArray<BindFault> Faults, int Candidates)
{
    /// <summary>Each of them is explained; more would make an error that nobody reads.</summary>
    public const int MaximumFaults = 4;

    /// <summary>The first candidate's: the one that was wanted most.</summary>
    public BindFault First => Faults[0];
}

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

    /// <summary>It may be over by the next moment: a right or a folder that lacks does not come by itself.</summary>
    public bool MayHavePassed => ErrorName is "EADDRINUSE" or "EADDRNOTAVAIL" or "ENODEV";

    /// <summary><c>127.0.0.1:8080/tcp</c>, or a path.</summary>
    public string Name => EndPoint is IPEndPoint ? EndPoint + (Transport == Transports.Udp ? "/udp" : "/tcp") : EndPoint.ToString()!;
}
