using System.Diagnostics.CodeAnalysis;

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

    /// <summary>Why nothing listens at one of the addresses of localhost, in the words that Kestrel logs.</summary>
    public SocketException LeftOut(EndPoint endpoint)
    {
        const int Error = (int)SocketError.AddressNotAvailable;
        if (endpoint is not IPEndPoint { Address: var address } || !ListenRequest.OnLocalhost(0).Addresses.Contains(address))
            return new SocketException(Error);
        return new SocketException(Error, Options.Localhost == LocalhostFamilies.IPv4Only
            ? $"{BindwiseOptions.SectionName}:{nameof(BindwiseOptions.Localhost)} is {nameof(LocalhostFamilies.IPv4Only)}"
            : "the socket that was passed to this process for it is bound elsewhere, and serves it alone");
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

    /// <summary>
    /// The same with the ports that are tried when it is taken or denied, but for those that other endpoints ask for; null when there are
    /// none.
    /// </summary>
    public ListenRequest? WithFallback(AskedEndpoint endpoint, ListenRequest exact, IEnumerable<AskedEndpoint> asked)
    {
        if (endpoint.Port == 0)
            return null;
        // A range that begins with the port asked for is what people write; PortPolicy refuses to try a port twice.
        var others = (Options.FallbackByPort.TryGetValue(endpoint.Port, out var own) ? own : Options.Fallback)?.Except(endpoint.Port);
        foreach (var other in asked)
            others = others?.Except(other.Port);
        return others is null ? null : exact with { Port = PortPolicy.Exactly(endpoint.Port).Then(others), Retry = BindRetryOptions.None };
    }
}

/// <summary>What the application itself makes listening sockets with; known once Kestrel is made.</summary>
internal sealed class ApplicationSockets
{
    /// <summary>Its <c>SocketTransportOptions.CreateBoundListenSocket</c>; null for Kestrel's own.</summary>
    public Func<EndPoint, Socket>? Create { get; set; }
}

/// <summary>
/// <c>http://localhost:0</c> in <c>Kestrel:Endpoints</c>, or among the URLs of a Kestrel that starts by itself: Kestrel refuses to read
/// that. So the port is taken before it reads; that of an endpoint is told by the source that <c>UseBindwise</c> has added after the
/// others.
/// </summary>
internal sealed class ConfiguredLocalhost(IConfiguration configuration, EndpointRequests requests, ListeningSockets sockets,
    BindMeter meter)
{
    private readonly Dictionary<int, BoundListener> _bound = [];

    public void ChoosePorts(IConfiguration kestrel)
    {
        foreach (var endpoint in kestrel.GetSection("Endpoints").GetChildren())
        {
            if (endpoint["Url"] is not { } configured
                || AskedEndpoint.OfUrl(configured) is not { Kind: EndpointKind.Localhost, Port: 0 } asked)
                continue;
            var url = Choose(asked);
            if (ChosenPorts.Of(configuration) is { } chosen)
                chosen.Choose(ConfigurationPath.Combine(endpoint.Path, "Url"), configured, url);
            if (endpoint["Url"] != url)
                endpoint["Url"] = url;
        }
    }

    /// <summary>The same URLs, with a port that was taken for each <c>localhost:0</c>.</summary>
    public ImmutableArray<string> ChoosePorts(ImmutableArray<string> urls) =>
        [.. urls.Select(url => AskedEndpoint.OfUrl(url) is { Kind: EndpointKind.Localhost, Port: 0 } asked ? Choose(asked) : url)];

    /// <summary>The listener that was bound for an endpoint; null when it was not bound here.</summary>
    public BoundListener? Fetch(AskedEndpoint endpoint) =>
        endpoint is { Kind: EndpointKind.Localhost, IsUrl: false } && _bound.Remove(endpoint.Port, out var listener) ? listener : null;

    private string Choose(AskedEndpoint asked)
    {
        var listener = Bind(asked);
        var url = asked.NameOn(listener.Port);
        sockets.Add(url, listener);
        _bound[listener.Port] = listener;
        return url;
    }

    private BoundListener Bind(AskedEndpoint asked)
    {
        try
        {
            return Listener.Bind(requests.Exactly(asked));
        }
        catch (BindException exception)
        {
            meter.Failed(exception);
            throw EndpointFailure.Of(exception, asked.Name);
        }
    }
}

/// <summary>
/// The last source of the configuration, which gives each <c>http://localhost:0</c> of <c>Kestrel:Endpoints</c> the port that was taken for
/// it. It speaks only while the sources before it still say port 0: what a reload takes out or changes is not held against it.
/// </summary>
internal sealed class ChosenPorts : ConfigurationProvider, IConfigurationSource
{
    // Null until there is one: it is asked for every key of the configuration.
    private Dictionary<string, (string Asked, string Chosen)>? _urls;
    private IConfigurationRoot? _root;

    /// <summary>The one of a configuration; null where it has none, as one that the application has made itself.</summary>
    public static ChosenPorts? Of(IConfiguration configuration)
    {
        if (configuration is not IConfigurationRoot root || root.Providers.OfType<ChosenPorts>().LastOrDefault() is not { } ports)
            return null;
        ports._root = root;
        return ports;
    }

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public void Choose(string key, string asked, string chosen) => (_urls ??= new(StringComparer.OrdinalIgnoreCase))[key] = (asked, chosen);

    public override bool TryGet(string key, [NotNullWhen(true)] out string? value)
    {
        value = _urls is null ? null : Chosen(_urls, key);
        return value is not null;
    }

    private string? Chosen(Dictionary<string, (string Asked, string Chosen)> urls, string key) =>
        urls.TryGetValue(key, out var url) && Before(key) == url.Asked ? url.Chosen : null;

    private string? Before(string key)
    {
        string? last = null;
        foreach (var provider in _root?.Providers.TakeWhile(one => one != this) ?? [])
            last = provider.TryGet(key, out var value) ? value : last;
        return last;
    }
}
