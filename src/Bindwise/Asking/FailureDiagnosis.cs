using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Bindwise.Linux;
using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Secrets;
using Bindwise.Model.Targets;
using Bindwise.Portable;

namespace Bindwise;

/// <summary>The diagnosis of an endpoint that could not be bound: the answer that <c>bindwise why</c> gives, known secrets masked.</summary>
internal static class FailureDiagnosis
{
    /// <summary>Asks the system why.</summary>
    /// <param name="endpoint">Where it was to be bound: an IP or a UNIX endpoint.</param>
    /// <param name="transport">TCP or UDP; without meaning for UNIX.</param>
    /// <param name="options">What was set before bind().</param>
    /// <param name="isPortable">Asks .NET alone.</param>
    /// <param name="obstacle">Why there is no diagnosis, without a stop; null where there is one.</param>
    /// <param name="cancellationToken">Ends the search between two of its stages.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Diagnosis? Of(
        EndPoint endpoint, Transports transport, ProgramOptions options, bool isPortable, out string? obstacle, CancellationToken cancellationToken)
    {
        obstacle = null;
        var target = TargetOf(endpoint, transport);
        try
        {
            var snapshot = OperatingSystem.IsLinux() && !isPortable
                ? Inspector.Inspect(target, options, new InspectionOptions(), cancellationToken)
                : PortableInspector.Inspect(target, options, mayProbe: true, cancellationToken);
            return Diagnoser.Diagnose(target, options, SecretMask.Of(snapshot));
        }
        catch (Exception exception) when (exception is InspectionException or PortableInspectionException)
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
    };

    private static Target TargetOf(EndPoint endpoint, Transports transport)
    {
        if (endpoint is not IPEndPoint ip)
        {
            var path = endpoint.ToString()!;
            return new Target { Text = path, Protocol = Protocol.Unix, Path = path };
        }
        Span<byte> bytes = stackalloc byte[16];
        _ = ip.Address.TryWriteBytes(bytes, out var length);
        var address = IpAddress.FromBytes(bytes[..length]);
        var scope = ip.AddressFamily == AddressFamily.InterNetworkV6 && ip.Address.ScopeId != 0 ? ip.Address.ScopeId.ToString(CultureInfo.InvariantCulture) : null;
        return new Target
        {
            Text = transport == Transports.Udp ? $"{ip}/udp" : ip.ToString(),
            Protocol = transport == Transports.Udp ? Protocol.Udp : Protocol.Tcp,
            Host = address.ToString(),
            Address = address,
            Scope = scope,
            Port = (ushort)ip.Port,
        };
    }
}
