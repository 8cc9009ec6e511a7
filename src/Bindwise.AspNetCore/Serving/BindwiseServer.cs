using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Bindwise.AspNetCore;

/// <summary>
/// Kestrel, with its endpoints bound before it starts. Between start and stop nothing goes through
/// here: Kestrel accepts from its own sockets.
/// </summary>
internal sealed class BindwiseServer : IServer
{
    private readonly IServer _kestrel;
    private readonly ServerStart _start;
    private readonly BoundAddresses _addresses;
    private bool _hasStarted;

    public BindwiseServer(IServer kestrel, ServerStart start, BoundAddresses addresses)
    {
        _kestrel = kestrel;
        _start = start;
        _addresses = addresses;
        Features = new FeatureCollection(kestrel.Features);
        Features.Set<IServerAddressesFeature>(_addresses);
    }

    public IFeatureCollection Features { get; }

    public async Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        // A failed start disposes of Kestrel, whose second start would then end the process.
        if (Interlocked.Exchange(ref _hasStarted, true))
            throw new InvalidOperationException("The server can start only once: build a new application.");
        var inner = _kestrel.Features.GetRequiredFeature<IServerAddressesFeature>();
        try
        {
            await _start.BindAsync(inner, cancellationToken).ConfigureAwait(false);
            await _kestrel.StartAsync(application, cancellationToken).ConfigureAwait(false);
            _start.Complete();
        }
        catch (Exception exception)
        {
            _kestrel.Dispose();
            if (_start.Fail(exception) is { } failure && failure != exception)
                throw failure;
            throw;
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _start.RemovePortFile();
        try
        {
            await _kestrel.StopAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _start.CloseSockets();
        }
    }

    public void Dispose()
    {
        _start.RemovePortFile();
        _kestrel.Dispose();
        _start.CloseSockets();
    }
}
