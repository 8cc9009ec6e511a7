using System.Net.Sockets;
using Bindwise.Model.Diagnosing;

namespace Bindwise;

/// <summary>
/// A bind() or listen() that failed, and why: a <see cref="SocketException"/>, so that existing handlers still work, whose message names the
/// holder and whose <see cref="Diagnosis"/> is what <c>bindwise why</c> prints.
/// </summary>
public sealed class BindException : SocketException
{
    /// <summary>Says what failed.</summary>
    /// <param name="error">The error; <see cref="SocketException.SocketErrorCode"/> and the native error code follow from it, as with .NET's own.</param>
    /// <param name="message">One sentence: what failed, why, and what is in the way.</param>
    /// <param name="request">The request; null for another kind of request, such as the start of a <see cref="TcpListener"/>.</param>
    /// <param name="diagnosis">The reason; null if you asked for none, or none was found.</param>
    public BindException(SocketError error, string message, ListenRequest? request, Diagnosis? diagnosis)
        : base((int)error, message)
    {
        Request = request;
        Diagnosis = diagnosis;
    }

    /// <summary>The request; null if it did not come from a <see cref="ListenRequest"/>.</summary>
    public ListenRequest? Request { get; }

    /// <summary>Why it failed; null if the request asked for no explanation, or none was found.</summary>
    public Diagnosis? Diagnosis { get; }

    /// <summary>The number of attempts: 1, or more if the request has a retry policy.</summary>
    public int Attempts { get; internal set; } = 1;
}
