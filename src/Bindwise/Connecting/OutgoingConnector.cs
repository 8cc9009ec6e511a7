using Bindwise.Model.Targets;
using Bindwise.Rendering.Escaping;

namespace Bindwise;

/// <summary>
/// Opens TCP connections so that source ports last: nothing is bound unless a source address is asked for, and then the port is left to
/// connect(), so that one address has its whole range for each destination. Thread-safe; one for the lifetime of a program.
/// </summary>
public sealed class OutgoingConnector : IDisposable
{
    private readonly OutgoingOptions _options;
    private readonly SourceRanges _ports;
    private readonly ImmutableArray<IPAddress> _sourcesV4;
    private readonly ImmutableArray<IPAddress> _sourcesV6;
    private readonly ConnectMeter _meter;
    private int _turn;
    private volatile bool _isDisposed;

    /// <summary>Makes one.</summary>
    /// <param name="options">How it connects; null for the defaults.</param>
    /// <exception cref="ArgumentException">The options contradict themselves, or name ports that the
    /// system does not give to connections.</exception>
    /// <exception cref="PlatformNotSupportedException">The options ask for ranges of ports on another system than Linux.</exception>
    public OutgoingConnector(OutgoingOptions? options = null)
    {
        _options = options ?? new OutgoingOptions();
        _options.Check();
        _ports = SourceRanges.Of(_options);
        var sources = ImmutableArray.CreateRange(_options.Sources, OutgoingOptions.Plain);
        _sourcesV4 = sources.RemoveAll(static one => one.AddressFamily != AddressFamily.InterNetwork);
        _sourcesV6 = sources.RemoveAll(static one => one.AddressFamily != AddressFamily.InterNetworkV6);
        _meter = new ConnectMeter(_options.Name, _ports);
        DiagnosisAssemblies.LoadLater();
    }

    /// <summary>Opens a connection. A name is looked up, and its addresses are tried in their order.</summary>
    /// <param name="remoteEndPoint">An <see cref="IPEndPoint"/> or a <see cref="DnsEndPoint"/>.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is left open.</param>
    /// <returns>The connected socket, which the caller owns.</returns>
    /// <exception cref="ArgumentException">The endpoint is of another kind.</exception>
    /// <exception cref="ConnectException">No source port is left, or the host has not the source, or no IPv6 address.</exception>
    /// <exception cref="SocketException">It failed otherwise: as .NET's own sockets do.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The connector is disposed.</exception>
    public ValueTask<Socket> ConnectAsync(EndPoint remoteEndPoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(remoteEndPoint);
        EnsureAlive();
        return remoteEndPoint switch
        {
            IPEndPoint ip => ConnectToAsync(ip, cancellationToken),
            DnsEndPoint name => ConnectByNameAsync(name, cancellationToken),
            _ => throw new ArgumentException(
                $"A connection goes to an IPEndPoint or a DnsEndPoint, not to a {remoteEndPoint.GetType().Name}.", nameof(remoteEndPoint)),
        };
    }

    /// <summary>Opens a connection as a stream, which closes it as <see cref="OutgoingOptions.Close"/> says when it is disposed.</summary>
    /// <inheritdoc cref="ConnectAsync(EndPoint, CancellationToken)"/>
    public async ValueTask<Stream> ConnectStreamAsync(EndPoint remoteEndPoint, CancellationToken cancellationToken = default)
    {
        var socket = await ConnectAsync(remoteEndPoint, cancellationToken).ConfigureAwait(false);
        return _options.Close is { } strategy ? new ClosingStream(socket, strategy) : new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>
    /// For <see cref="SocketsHttpHandler.ConnectCallback"/>: <c>handler.ConnectCallback = connector.ConnectHttpAsync</c>.
    /// </summary>
    /// <param name="context">What the handler asks for.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public ValueTask<Stream> ConnectHttpAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ConnectStreamAsync(context.DnsEndPoint, cancellationToken);
    }

    /// <summary>
    /// How many source ports are used for the destinations of this connector, by one walk of the socket table: those with the most first.
    /// All connections of the network namespace count, whichever program has them, and TIME_WAIT too. Empty on other systems than Linux.
    /// </summary>
    /// <exception cref="PortQueryException">The socket table cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The connector is disposed.</exception>
    public ImmutableArray<PortPressure> ReadPressure()
    {
        EnsureAlive();
        return _meter.ReadPressure();
    }

    /// <summary>Ends the connector and its part of the meter; connections stay open.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _meter.Dispose();
    }

    private void EnsureAlive()
    {
        if (_isDisposed)
            throw new ObjectDisposedException(nameof(OutgoingConnector),
                "The connector is disposed: keep one for as long as the program connects.");
    }

    private async ValueTask<Socket> ConnectByNameAsync(DnsEndPoint name, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(name.Host, name.AddressFamily, cancellationToken).ConfigureAwait(false);
        SocketException? failure = null;
        foreach (var address in addresses)
        {
            if (!_options.Sources.IsEmpty && SourcesFor(address.AddressFamily).IsEmpty)
                continue;
            try
            {
                return await ConnectToAsync(new IPEndPoint(address, name.Port), cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException exception)
            {
                if (failure is null || WeightOf(exception) >= WeightOf(failure))
                    failure = exception;
            }
        }
        var family = name.AddressFamily switch
        {
            AddressFamily.InterNetwork => "IPv4 address",
            AddressFamily.InterNetworkV6 => "IPv6 address",
            _ => "address",
        };
        throw failure ?? new SocketException((int)SocketError.AddressFamilyNotSupported,
            $"{name.Host} has no {(addresses.Length == 0 ? family : "address of a family that the connector has a source for")}.");
    }

    // A host without IPv6 fails for each IPv6 address of a name; what the others say tells more, and most that no port is left.
    private static int WeightOf(SocketException failure) => failure is not ConnectException lacking ? 1
        : lacking is { RemoteEndPoint.AddressFamily: AddressFamily.InterNetworkV6, Diagnosis: null or { Cause: Cause.IPv6Disabled } } ? 0
        : 2;

    private ValueTask<Socket> ConnectToAsync(IPEndPoint remoteEndPoint, CancellationToken cancellationToken)
    {
        if (remoteEndPoint.Address.IsIPv4MappedToIPv6)
            remoteEndPoint = new IPEndPoint(OutgoingOptions.Plain(remoteEndPoint.Address), remoteEndPoint.Port);
        _meter.Know(remoteEndPoint);
        return SocketActivities.HasSourceListeners ? ConnectTracedAsync(remoteEndPoint, cancellationToken)
            : ConnectUnheardAsync(remoteEndPoint, cancellationToken);
    }

    private async ValueTask<Socket> ConnectTracedAsync(IPEndPoint remoteEndPoint, CancellationToken cancellationToken)
    {
        using var activity = SocketActivities.Start(BindwiseTelemetry.ConnectActivity, ActivityKind.Client);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag(BindwiseTelemetry.TransportTag, "tcp");
            SocketActivities.SetAddress(activity, remoteEndPoint.Address);
            activity.SetTag(BindwiseTelemetry.PortTag, remoteEndPoint.Port);
        }
        try
        {
            return await ConnectUnheardAsync(remoteEndPoint, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (activity is not null)
        {
            var error = exception is SocketException socket ? SocketErrors.NameOf(socket.SocketErrorCode) : null;
            SocketActivities.Failed(activity, exception, error, (exception as ConnectException)?.Diagnosis);
            throw;
        }
    }

    private ValueTask<Socket> ConnectUnheardAsync(IPEndPoint remoteEndPoint, CancellationToken cancellationToken) =>
        _options.Sources.IsEmpty && _ports.IsWholeRange ? ConnectPlainlyAsync(remoteEndPoint, cancellationToken)
            : ConnectFromAsync(remoteEndPoint, cancellationToken);

    private async ValueTask<Socket> ConnectPlainlyAsync(IPEndPoint remoteEndPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(remoteEndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = _options.NoDelay };
        try
        {
            await socket.ConnectAsync(remoteEndPoint, cancellationToken).ConfigureAwait(false);
            _meter.Connected();
            return socket;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            socket.Dispose();
            throw await NoPortAsync(remoteEndPoint, [], cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async ValueTask<Socket> ConnectFromAsync(IPEndPoint remoteEndPoint, CancellationToken cancellationToken)
    {
        var sources = SourcesFor(remoteEndPoint.AddressFamily);
        if (sources.IsEmpty && !_options.Sources.IsEmpty)
            throw new SocketException((int)SocketError.AddressFamilyNotSupported,
                $"The connector has no source of the family of {remoteEndPoint}.");
        var first = sources.Length > 1 ? (int)((uint)Interlocked.Increment(ref _turn) % sources.Length) : 0;
        (IPAddress Source, SocketException Error)? unbound = null;
        var full = sources;
        for (var index = 0; index < Math.Max(1, sources.Length); index++)
        {
            var source = sources.IsEmpty ? null : sources[(first + index) % sources.Length];
            SocketException? error = null;
            foreach (var span in _ports.Ranges)
            {
                (var socket, error) = await TryConnectAsync(remoteEndPoint, source, span, cancellationToken).ConfigureAwait(false);
                if (socket is not null)
                    return socket;
                if (error is not null)
                    break;
            }
            if (error is null)
                continue;
            unbound ??= (source!, error);
            full = full.Remove(source!);
        }
        throw full.IsEmpty && unbound is ({ } lost, { } reason)
            ? await NoSourceAsync(remoteEndPoint, lost, reason, cancellationToken).ConfigureAwait(false)
            : await NoPortAsync(remoteEndPoint, full, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Neither: no port is left there. An error: that of bind(), to the source.</summary>
    private async ValueTask<(Socket? Socket, SocketException? Error)> TryConnectAsync(IPEndPoint remoteEndPoint, IPAddress? source,
        PortRange span, CancellationToken cancellationToken)
    {
        Socket? connected = null;
        var socket = new Socket(remoteEndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = _options.NoDelay };
        try
        {
            if (!_ports.IsWholeRange)
                SourceRanges.Set(socket, span);
            else if (OperatingSystem.IsLinux())
                SourceRanges.TakeInTurn(socket);
            if (source is not null && BindTo(socket, source) is { } error)
                return (null, error);
            await socket.ConnectAsync(remoteEndPoint, cancellationToken).ConfigureAwait(false);
            _meter.Connected();
            return (connected = socket, null);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            return default;
        }
        finally
        {
            if (connected is null)
                socket.Dispose();
        }
    }

    private static SocketException? BindTo(Socket socket, IPAddress source)
    {
        try
        {
            if (OperatingSystem.IsLinux())
                SourceRanges.LeavePortToConnect(socket);
            socket.Bind(new IPEndPoint(source, 0));
            return null;
        }
        catch (SocketException exception)
        {
            return exception;
        }
    }

    private async ValueTask<ConnectException> NoSourceAsync(IPEndPoint remoteEndPoint, IPAddress source, SocketException error,
        CancellationToken cancellationToken)
    {
        _meter.Failed(error.SocketErrorCode);
        var answer = _options.ExplainFailures
            ? await FailureDiagnosis.AskAsync(new FailureQuestion(new IPEndPoint(source, 0), Transports.Tcp,
                new ProgramOptions { Api = SocketApi.Bindwise }, IsPortable: false), cancellationToken).ConfigureAwait(false)
            : default;
        return new ConnectException(error.SocketErrorCode,
            $"A connection to {remoteEndPoint} cannot be opened from {source}: {answer.Diagnosis?.Summary ?? error.Message}",
            remoteEndPoint, answer.Diagnosis);
    }

    private async ValueTask<ConnectException> NoPortAsync(IPEndPoint remoteEndPoint, ImmutableArray<IPAddress> sources,
        CancellationToken cancellationToken)
    {
        var answer = _options.ExplainFailures
            ? await FailureDiagnosis.AskAsync(new FailureQuestion(remoteEndPoint, Transports.Tcp, new ProgramOptions
            {
                Api = SocketApi.Bindwise,
                SourcePorts = _ports.IsWholeRange ? [] : _ports.Ranges,
                Sources = ImmutableArray.CreateRange(sources, static one => IpAddress.FromBytes(one.GetAddressBytes())),
            }, IsPortable: false)
            { IsConnect = true }, cancellationToken).ConfigureAwait(false)
            : default;
        // Free: one has become free since.
        var isPortMissing = answer.Diagnosis is null or { Cause: Cause.PortsExhausted or Cause.Free };
        if (isPortMissing)
            _meter.Failed(SocketError.AddressNotAvailable);
        return new ConnectException(SocketError.AddressNotAvailable, isPortMissing
            ? ConnectFailure.Describe(remoteEndPoint, sources, _ports.ToString(), answer.Diagnosis)
            : Escaper.EscapeSentence(answer.Diagnosis!.Summary), remoteEndPoint, answer.Diagnosis);
    }

    private ImmutableArray<IPAddress> SourcesFor(AddressFamily family) => family == AddressFamily.InterNetwork ? _sourcesV4 : _sourcesV6;
}

/// <summary>Closes its connection by a strategy, in the background: whoever disposes of it does not wait for the peer.</summary>
internal sealed class ClosingStream(Socket connection, CloseStrategy strategy) : NetworkStream(connection, ownsSocket: false)
{
    private int _isClosed;

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing && Interlocked.Exchange(ref _isClosed, 1) == 0)
            _ = CloseAsync();
    }

    private async Task CloseAsync()
    {
        try
        {
            _ = await Socket.CloseAsync(strategy).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The handler has disposed of the socket itself: it is closed.
            return;
        }
    }
}
