using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Bindwise.AspNetCore;

/// <summary>Turns what is asked of Kestrel into requests, by the options.</summary>
internal sealed class EndpointRequests(IOptions<BindwiseOptions> options, WaitLog waiting)
{
    private static readonly TimeSpan WatchedLongest = TimeSpan.FromMinutes(1);

    private BindwiseOptions Options => options.Value;

    /// <summary>How long is waited: under dotnet watch, which sets the variable, a minute for the instance before this one.</summary>
    public RetryPolicy Retry => Options.Retry ?? (Environment.GetEnvironmentVariable("DOTNET_WATCH") == "1"
        ? RetryPolicy.For(WatchedLongest, WaitFor.FormerInstance | WaitFor.WhatEndsByItself)
        : RetryPolicy.None);

    /// <summary>The request for exactly what was asked.</summary>
    public ListenRequest Exactly(AskedEndpoint endpoint)
    {
        var request = endpoint.Kind switch
        {
            EndpointKind.Localhost => Options.Localhost == LocalhostFamilies.IPv4Only
                ? ListenRequest.On(IPAddress.Loopback, endpoint.Port)
                : ListenRequest.OnLocalhost(endpoint.Port),
            EndpointKind.Any => Socket.OSSupportsIPv6 ? ListenRequest.On(IPAddress.IPv6Any, endpoint.Port) : ListenRequest.On(IPAddress.Any, endpoint.Port),
            _ => ListenRequest.On(endpoint.EndPoint),
        };
        var settings = endpoint.Kind == EndpointKind.Any ? Options.Settings with { V6Only = Options.Settings.V6Only ?? false } : Options.Settings;
        return request with { Settings = settings, Retry = waiting.Over(Retry), ExplainFailures = Options.ExplainFailures };
    }

    /// <summary>The same with the ports that are tried when it is taken; null when there are none.</summary>
    public ListenRequest? WithFallback(AskedEndpoint endpoint, ListenRequest exact)
    {
        if (endpoint.Port == 0)
            return null;
        var others = Without(endpoint.Port, Options.FallbackByPort.TryGetValue(endpoint.Port, out var own) ? own : Options.Fallback);
        return others is null ? null : exact with { Port = PortPolicy.Exactly(endpoint.Port).Then(others), Retry = RetryPolicy.None };
    }

    // A range that begins with the port asked for is what people write; PortPolicy refuses to try a port twice.
    private static PortPolicy? Without(int port, PortPolicy? fallback)
    {
        PortPolicy? rest = null;
        foreach (var span in fallback?.Spans ?? [])
        {
            if (span.First == 0)
                Add(PortPolicy.SystemChoice);
            else if (port < span.First || port > span.Last)
                Add(PortPolicy.Range(span.First, span.Last));
            else
            {
                if (span.First < port)
                    Add(PortPolicy.Range(span.First, port - 1));
                if (port < span.Last)
                    Add(PortPolicy.Range(port + 1, span.Last));
            }
        }
        return rest;

        void Add(PortPolicy next) => rest = rest is null ? next : rest.Then(next);
    }
}
