using System.Net.Sockets;
using Bindwise.Model.Diagnosing;

namespace Bindwise;

/// <summary>
/// A bind() or listen() that failed, with why: a <see cref="SocketException"/>, so that existing handlers still work, whose message names the
/// holder and whose <see cref="Diagnosis"/> is what <c>bindwise why</c> prints.
/// </summary>
public sealed class BindException : SocketException
{
    /// <summary>Says what failed.</summary>
    /// <param name="error">The error; <see cref="SocketException.SocketErrorCode"/> and the native error code follow from it, as with .NET's own.</param>
    /// <param name="message">One sentence: what, why, by whom.</param>
    /// <param name="request">What was asked for; null for a request of another kind, as a start of <see cref="TcpListener"/>.</param>
    /// <param name="diagnosis">Why; null where none was asked for, or none could be made.</param>
    public BindException(SocketError error, string message, ListenRequest? request, Diagnosis? diagnosis)
        : base((int)error, message)
    {
        Request = request;
        Diagnosis = diagnosis;
    }

    /// <summary>What was asked for; null when it was not asked by a <see cref="ListenRequest"/>.</summary>
    public ListenRequest? Request { get; }

    /// <summary>Why it failed; null where the request asked for no explanation, or none could be made.</summary>
    public Diagnosis? Diagnosis { get; }

    /// <summary>How often it was tried: 1, and more where the request's retry policy said so.</summary>
    public int Attempts { get; internal set; } = 1;
}
