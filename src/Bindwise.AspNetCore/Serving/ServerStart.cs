using Bindwise.Rendering.Escaping;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Bindwise.AspNetCore;

/// <summary>The start of the server around Kestrel's own: what is bound before it, and what is told after it.</summary>
internal sealed class ServerStart(
    EndpointPlan plan, EndpointBinder binder, ConfiguredLocalhost localhost, ListeningSockets sockets, ActivatedSocketPool activated,
    BoundAddresses addresses, KestrelHandOver handOver, WaitLog waiting, IOptions<BindwiseOptions> options, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger(BindLogEvents.Category);
    private IReadOnlyList<ServedEndpoint> _served = [];
    private PortFile? _portFile;

    /// <summary>Binds every endpoint, all or none, and gives Kestrel the URLs that it shall listen on.</summary>
    public async Task BindAsync(IServerAddressesFeature kestrel, CancellationToken cancellation)
    {
        PlannedStart asked;
        do
            asked = plan.Make(addresses.Read(), addresses.PreferHostingUrls);
        while (!await TryBindAsync(asked.Endpoints, cancellation).ConfigureAwait(false));
        addresses.PassOn(kestrel, asked.Urls.Select(Rewritten));
    }

    /// <summary>For a Kestrel that starts by itself: the port of a <c>localhost:0</c>, which it would refuse to read.</summary>
    public void Prepare()
    {
        IReadOnlyList<string> asked, urls;
        do
        {
            asked = addresses.Read();
            urls = localhost.ChoosePorts(plan.Make(asked, addresses.PreferHostingUrls).Urls);
        }
        while (!urls.SequenceEqual(asked) && !(asked.Count == 0 && urls is [EndpointPlan.DefaultUrl]) && !addresses.TryReplace(urls));
    }

    /// <summary>
    /// For a Kestrel that starts by itself and asks for its first socket: binds all that it is about to ask for, all or none. Where it asks
    /// for something else, its addresses were changed past us, and each is bound when it asks for it.
    /// </summary>
    public void BindAll(EndPoint first)
    {
        // Kestrel has read its URLs: none can be rewritten.
        var asked = plan.Make(addresses.Read(), addresses.PreferHostingUrls).Endpoints.Select(static one => one with { IsUrl = false })
            .ToList();
        if (!asked.Exists(one => one.EndPoint.Equals(first)))
            return;
        _served = binder.BindAsync(asked, CancellationToken.None).GetAwaiter().GetResult();
        SetLocalhostPorts();
    }

    /// <summary>Kestrel listens: says what it listens on.</summary>
    public void Complete()
    {
        sockets.CloseReserved();
        SetLocalhostPorts();
        addresses.Complete();
        LogServed();
        // Until then the file is the old instance's.
        if (options.Value.PortFile is { } file)
            handOver.WhenReady(() => _portFile = PortFile.Write(file, addresses.Addresses));
    }

    /// <summary>The start failed: closes what is bound, and logs the reason.</summary>
    /// <returns>What is to be thrown; null for the exception itself.</returns>
    public Exception? Fail(Exception exception)
    {
        CloseSockets();
        if (exception is SocketActivationException)
            return StartFailure.Of(exception.Message, exception);
        var failure = exception as StartupBindException ?? EndpointFailure.Within(exception);
        failure?.Log(_logger, options.Value.CommandLines, activated.AdviceOn(failure?.Bind));
        return failure;
    }

    public void RemovePortFile()
    {
        // After a hand-over it is the new instance's, even where both wrote the same.
        if (Interlocked.Exchange(ref _portFile, null) is { } file && !handOver.IsDraining && file.Remove() is { } reason)
            StartLog.PortFileStays(_logger, reason);
    }

    public void CloseSockets()
    {
        // First: it knows which files of UNIX sockets are another instance's by now.
        handOver.Close();
        sockets.CloseAll();
    }

    // What could not be bound, and is not asked for any more, is no failure.
    private async ValueTask<bool> TryBindAsync(ImmutableArray<AskedEndpoint> endpoints, CancellationToken cancellation)
    {
        try
        {
            _served = await binder.BindAsync(endpoints, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException exception) when (cancellation.IsCancellationRequested)
        {
            throw StartFailure.OfStop(waiting, exception);
        }
        catch (IOException exception) when (addresses.IsChanged && EndpointFailure.IsOne(exception))
        {
            return false;
        }
    }

    private void SetLocalhostPorts()
    {
        foreach (var one in _served)
        {
            if (one.Asked is { Kind: EndpointKind.Localhost, IsUrl: false })
                addresses.SetLocalhostPort(one.Asked.Port, one.Port);
        }
    }

    private void LogServed()
    {
        foreach (var one in _served)
        {
            if (one.Taken is { } taken)
                LogFallback(one, taken);
            // A name that was read from LISTEN_FDNAMES is printable ASCII.
            if (one.PassedAs is { } name)
                StartLog.TookOver(_logger, one.Asked.Name, name);
        }
        foreach (var unused in activated.Waiting)
            ReportUnused(unused);
    }

    private void LogFallback(ServedEndpoint one, TakenPort taken) => StartLog.FellBack(_logger, one.Asked.Port, taken.Diagnosis, one.Port);

    private void ReportUnused(ActivatedSocket unused) =>
        StartLog.Unused(_logger, unused.Name, Escaper.Escape(unused.LocalEndPoint.ToString()));

    private string Rewritten(string url)
    {
        var one = _served.FirstOrDefault(one => one.Asked.IsUrl && one.Asked.Name == url);
        return one is { Asked.Kind: EndpointKind.Localhost } && one.Port != one.Asked.Port ? one.Asked.NameOn(one.Port) : url;
    }
}

/// <summary>The parts around one server, put together here: as services each would be found and made by reflection at the start.</summary>
internal sealed class ServerParts : IAsyncDisposable
{
    public ServerParts(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<BindwiseOptions>>();
        var loggers = services.GetRequiredService<ILoggerFactory>();
        var sockets = services.GetRequiredService<ListeningSockets>();
        var meter = services.GetRequiredService<BindMeter>();
        var waiting = services.GetRequiredService<WaitLog>();
        var application = new ApplicationSockets();
        var activated = new ActivatedSocketPool(options, loggers);
        var requests = new EndpointRequests(options, application, waiting);
        var localhost = new ConfiguredLocalhost(services.GetRequiredService<IConfiguration>(), requests, sockets, meter);
        var lifetime = services.GetRequiredService<IHostApplicationLifetime>();
        HandOver = new KestrelHandOver(sockets, options, services.GetRequiredService<IOptions<HostOptions>>(), lifetime, loggers);
        Addresses = new BoundAddresses();
        var transport = services.GetRequiredService<IOptions<SocketTransportOptions>>();
        Hook = new TransportHook(sockets, activated, requests, application, HandOver, meter, Addresses, transport, loggers);
        Start = new ServerStart(
            new EndpointPlan(services.GetRequiredService<IOptions<KestrelServerOptions>>(), options, activated, localhost, loggers),
            new EndpointBinder(requests, sockets, activated, localhost, HandOver, meter),
            localhost, sockets, activated, Addresses, HandOver, waiting, options, loggers);
    }

    public KestrelHandOver HandOver { get; }

    public BoundAddresses Addresses { get; }
    public TransportHook Hook { get; }
    public ServerStart Start { get; }

    public ValueTask DisposeAsync() => HandOver.DisposeAsync();
}

/// <summary>The file that tells other programs where the server listens: complete or absent, never half written.</summary>
internal sealed class PortFile(string path, string text)
{
    public static PortFile Write(string file, IEnumerable<string> addresses)
    {
        var full = Path.GetFullPath(file);
        var lines = string.Concat(addresses.Select(static address => FormattableString.Invariant($"{PortOf(address)} {address}\n")));
        var draft = $"{full}.{Environment.ProcessId}.tmp";
        try
        {
            File.WriteAllText(draft, lines);
            File.Move(draft, full, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw StartFailure.Of(
                $"The port file {full} cannot be written: {exception.Message.TrimEnd('.')}. Change {BindwiseOptions.SectionName}:"
                    + $"{nameof(BindwiseOptions.PortFile)}, or the permissions of the folder.", exception);
        }
        return new PortFile(full, lines);
    }

    /// <summary>Removes it, unless another instance has written its own in the meantime.</summary>
    /// <returns>Why it could not be removed; null when it is gone, or another's.</returns>
    public string? Remove()
    {
        try
        {
            if (File.Exists(path) && File.ReadAllText(path) == text)
                File.Delete(path);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }

    private static int PortOf(string address)
    {
        var parsed = BindingAddress.Parse(address);
        return parsed.IsUnixPipe || parsed.IsNamedPipe ? 0 : parsed.Port;
    }
}
