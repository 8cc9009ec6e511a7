using Bindwise.Model.Diagnosing;

namespace Bindwise.AspNetCore;

/// <summary>An endpoint and the port that it got.</summary>
/// <param name="Asked">What was asked for.</param>
/// <param name="Port">The port in use; 0 for UNIX.</param>
/// <param name="Why">Why the port asked for was not free; null when it was, or nobody looked.</param>
internal sealed record ServedEndpoint(AskedEndpoint Asked, int Port, Diagnosis? Why)
{
    /// <summary>The name of the passed socket that it took over; null when it was bound here.</summary>
    public string? PassedAs { get; init; }

    /// <summary>It got another port than the one asked for.</summary>
    public bool FellBack => PassedAs is null && Asked.Port != 0 && Port != Asked.Port;
}
