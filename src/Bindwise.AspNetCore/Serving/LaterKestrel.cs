using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Bindwise.AspNetCore;

/// <summary>
/// A Kestrel that was registered after <c>UseBindwise</c>, by a later <c>UseKestrel</c> or by <c>WebApplicationFactory.UseKestrel</c>, takes the place
/// of the server that <c>UseBindwise</c> set up. Its endpoints are bound all the same: hosting calls startup filters when the server has its addresses and
/// before it starts. Every other server is left alone.
/// </summary>
internal sealed class LaterKestrel(IServer server, IServiceProvider services) : IStartupFilter, IHostedLifecycleService
{
    private ServerStart? _start;

    /// <summary>Whether a server is one of Kestrel's: its own type is not public.</summary>
    public static bool IsKestrel(Type server) => server.Assembly == typeof(KestrelServer).Assembly;

    /// <inheritdoc/>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next)
    {
        if (IsKestrel(server.GetType()))
            Bind();
        return next;
    }

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _start?.Complete();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _start?.RemovePortFile();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        _start?.CloseSockets();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Bind()
    {
        services.GetRequiredService<TransportHook>().Attach();
        var addresses = services.GetRequiredService<BoundAddresses>();
        _start = services.GetRequiredService<ServerStart>();
        var kestrel = server.Features.GetRequiredFeature<IServerAddressesFeature>();
        server.Features.Set<IServerAddressesFeature>(addresses);
        addresses.TakeFrom(kestrel);
        try
        {
            _start.BindAsync(kestrel, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception exception)
        {
            if (_start.Fail(exception) is { } failure && failure != exception)
                throw failure;
            throw;
        }
    }
}
