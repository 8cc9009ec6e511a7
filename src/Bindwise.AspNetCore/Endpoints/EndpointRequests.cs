using System.Net;
using System.Net.Sockets;
using Bindwise.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Bindwise.AspNetCore;

/// <summary>Turns what is asked of Kestrel into requests, by the options.</summary>
internal sealed class EndpointRequests(IOptions<BindwiseOptions> options, ApplicationSockets application, WaitLog waiting)
{
    private static readonly TimeSpan WatchedLongest = TimeSpan.FromMinutes(1);

    private BindwiseOptions Options => options.Value;

    /// <summary>How long is waited: under dotnet watch, which sets the variable, a minute for the instance before this one.</summary>
    public BindRetryOptions Retry => Options.Retry ?? (Environment.GetEnvironmentVariable("DOTNET_WATCH") == "1"
        ? BindRetryOptions.For(WatchedLongest, BindRetryReasons.FormerInstance | BindRetryReasons.WhatEndsByItself)
        : BindRetryOptions.None);

    public ListenRequest Exactly(AskedEndpoint endpoint)
    {
        var request = endpoint.Kind switch
        {
            EndpointKind.Localhost => Options.Localhost == LocalhostFamilies.IPv4Only
                ? ListenRequest.On(IPAddress.Loopback, endpoint.Port)
                : ListenRequest.OnLocalhost(endpoint.Port),
            EndpointKind.Any =>
                Socket.OSSupportsIPv6 ? ListenRequest.On(IPAddress.IPv6Any, endpoint.Port) : ListenRequest.On(IPAddress.Any, endpoint.Port),
            _ => ListenRequest.On(endpoint.EndPoint),
        };
        var settings = SettingsFor(endpoint.EndPoint);
        return request with
        {
            Settings = endpoint.Kind == EndpointKind.Any && application.Create is null ? settings with { V6Only = settings.V6Only ?? false }
                : settings,
            Retry = waiting.Over(Retry),
            ExplainFailures = Options.ExplainFailures,
            ConfigureSocket = Options.ConfigureSocket,
            CreateBoundSocket = application.Create,
        };
    }

    /// <summary>The settings of one endpoint: its own, else what applies to its kind of those for all.</summary>
    public SocketSettings SettingsFor(EndPoint endpoint)
    {
        var own = Options.SettingsByEndpoint;
        return own.Count > 0 && (own.TryGetValue(endpoint.ToString()!, out var settings)
            || (endpoint is IPEndPoint ip && own.TryGetValue(ip.Port.ToString(CultureInfo.InvariantCulture), out settings)))
            ? settings
            : EndpointSettings.Applying(Options.Settings, endpoint is UnixDomainSocketEndPoint);
    }

    /// <summary>The same with the ports that are tried when it is taken; null when there are none.</summary>
    public ListenRequest? WithFallback(AskedEndpoint endpoint, ListenRequest exact)
    {
        if (endpoint.Port == 0)
            return null;
        // A range that begins with the port asked for is what people write; PortPolicy refuses to try a port twice.
        var others = (Options.FallbackByPort.TryGetValue(endpoint.Port, out var own) ? own : Options.Fallback)?.Except(endpoint.Port);
        return others is null ? null : exact with { Port = PortPolicy.Exactly(endpoint.Port).Then(others), Retry = BindRetryOptions.None };
    }
}

/// <summary>What the application itself makes listening sockets with; known once Kestrel is made.</summary>
internal sealed class ApplicationSockets
{
    /// <summary>Its <c>SocketTransportOptions.CreateBoundListenSocket</c>; null for Kestrel's own.</summary>
    public Func<EndPoint, Socket>? Create { get; set; }
}
