using Bindwise.Dashboard.Endpoints;
using Bindwise.Dashboard.Serving;

namespace Bindwise.Dashboard.Hosting;

/// <summary>Every endpoint: each has a file in <c>Endpoints</c>, and a line here.</summary>
internal static class RouteTable
{
    /// <summary>The endpoints, in the order of the OpenAPI document.</summary>
    public static ImmutableArray<ApiRoute> All { get; } =
    [
        WhyEndpoint.Route,
        PortsEndpoint.Route,
        HistoryEndpoint.Route,
        EventsEndpoint.Route,
        FreeEndpoint.Route,
        StatesEndpoint.Route,
        PressureEndpoint.Route,
        SessionEndpoints.Get,
        SessionEndpoints.Post,
        SessionEndpoints.Delete,
        ScenarioEndpoints.List,
        ScenarioEndpoints.One,
        .. ModelEndpoints.Routes,
        FleetEndpoints.Fleet,
        FleetEndpoints.Port,
        MetricsEndpoint.Route,
        OpenApiEndpoint.Route,
    ];
}
