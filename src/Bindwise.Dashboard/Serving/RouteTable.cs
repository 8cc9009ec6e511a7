using System.Collections.Immutable;
using Bindwise.Dashboard.Endpoints;

namespace Bindwise.Dashboard.Serving;

/// <summary>Every endpoint: each has a file in <c>Endpoints</c>, and a line here.</summary>
internal static class RouteTable
{
    /// <summary>The endpoints, in the order of the OpenAPI document.</summary>
    public static ImmutableArray<ApiRoute> All { get; } =
    [
        PortsEndpoint.Route,
        FleetEndpoints.Fleet,
        FleetEndpoints.Port,
        MetricsEndpoint.Route,
    ];
}
