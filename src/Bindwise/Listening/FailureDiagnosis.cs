using System.Net;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Targets;

namespace Bindwise;

/// <summary>The diagnosis of an endpoint that could not be bound: the answer of <see cref="Ports.Ask"/>.</summary>
internal static class FailureDiagnosis
{
    /// <summary>Asks the system why.</summary>
    /// <param name="endpoint">Where it was to be bound: an IP or a UNIX endpoint.</param>
    /// <param name="transport">TCP or UDP; no effect for UNIX.</param>
    /// <param name="options">What was set before bind().</param>
    /// <param name="isPortable">Asks .NET alone.</param>
    /// <param name="obstacle">Why there is no diagnosis, without a stop; null where there is one.</param>
    /// <param name="cancellationToken">Ends the search between two of its stages.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Diagnosis? Of(
        EndPoint endpoint, Transports transport, ProgramOptions options, bool isPortable, out string? obstacle, CancellationToken cancellationToken)
    {
        obstacle = null;
        try
        {
            return Ports.Ask(PortQuestion.Of(endpoint, transport) with { Options = options, Portable = isPortable }, cancellationToken);
        }
        catch (PortQuestionException exception)
        {
            obstacle = exception.Message;
            return null;
        }
    }

    /// <summary>The options as the question names them.</summary>
    public static ProgramOptions OptionsOf(SocketSettings settings, Transports transport) => new()
    {
        ReuseAddress = settings.ReuseAddress ?? (transport == Transports.Tcp && !OperatingSystem.IsWindows()),
        ReusePort = settings.ReusePort,
        V6Only = settings.V6Only,
        Device = settings.Device,
        Freebind = settings.Freebind,
    };
}
