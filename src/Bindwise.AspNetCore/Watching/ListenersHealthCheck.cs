using Bindwise.Rendering.Escaping;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Bindwise.AspNetCore;

/// <summary>
/// Unhealthy when a socket of this host no longer listens, by the kernel's own word (SO_ACCEPTCONN); degraded when the ports of the network
/// namespace run out, or cannot be counted.
/// </summary>
internal sealed class ListenersHealthCheck(ListeningSockets sockets, UsageReading usage, BindwiseHealthOptions limits, IServer? server)
    : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check(context.Registration.FailureStatus));

    private HealthCheckResult Check(HealthStatus failure)
    {
        var open = sockets.Open.RemoveAll(IsTakenOut);
        var data = new Dictionary<string, object> { ["listeners"] = open.Length };
        var deaf = open.Where(static one => !Listens(one.Socket)).Select(static one => Escaper.Escape(one.Name)).Distinct().ToList();
        if (deaf.Count > 0)
            data["deaf"] = deaf;
        var scarce = Scarcity(data);
        if (deaf.Count > 0)
            return new HealthCheckResult(failure, $"No longer listening: {string.Join(", ", deaf)}.", data: data);
        var well = open.IsEmpty ? "No listener is known here (UseBindwise() and AddListener() tell them); there are ports enough."
            : "Every socket listens.";
        return scarce is null ? HealthCheckResult.Healthy(well, data) : HealthCheckResult.Degraded(scarce, data: data);
    }

    private string? Scarcity(Dictionary<string, object> data)
    {
        if (usage.Now() is not { } now)
            return $"Cannot count the host's ports: {usage.Fault}";
        var range = now.EphemeralPorts;
        data["time_wait"] = now.TimeWaits;
        data["ephemeral_used"] = now.EphemeralInUse;
        data["ephemeral_limit"] = range;
        if (limits.EphemeralUse is { } part && now.EphemeralInUse > part * range)
            return string.Create(CultureInfo.InvariantCulture,
                $"{now.EphemeralInUse} of {range} ephemeral ports are in use ({now.EphemeralFirst}-{now.EphemeralLast}).");
        return now.TimeWaits > limits.TimeWaits
            ? string.Create(CultureInfo.InvariantCulture, $"{now.TimeWaits} sockets are in TIME_WAIT, more than {limits.TimeWaits}.")
            : null;
    }

    // A reload of the configuration that takes an endpoint out closes its socket, and its address goes from the server's list.
    private bool IsTakenOut(OpenSocket socket) => socket.Socket.SafeHandle.IsClosed
        && server?.Features.Get<IServerAddressesFeature>() is { Addresses: var addresses }
        && !addresses.Any(address => IsAt(address, socket.LocalEndPoint));

    private static bool IsAt(string address, EndPoint? local) =>
        local is IPEndPoint { Port: var port } ? BindingAddress.Parse(address).Port == port
            : address.EndsWith($"unix:{local}", StringComparison.Ordinal);

    private static bool Listens(Socket socket)
    {
        try
        {
            return socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection) is not 0;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}

/// <summary>When the health check calls the host's ports scarce.</summary>
public sealed class BindwiseHealthOptions
{
    /// <summary>Degraded if more than this fraction of the ephemeral range is in use: above 0, up to 1; null for never.</summary>
    public double? EphemeralUse { get; set; } = 0.9;

    /// <summary>Degraded if more TCP sockets than this are in TIME_WAIT: 0 or more; null for never.</summary>
    public int? TimeWaits { get; set; }
}
