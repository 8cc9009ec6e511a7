using Bindwise.Extensions.Hosting;
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
/// A Kestrel that was registered after <c>UseBindwise</c>, by a later <c>UseKestrel</c> or by <c>WebApplicationFactory.UseKestrel</c>,
/// takes the place
/// of the server that <c>UseBindwise</c> set up. Its endpoints are bound all the same, when it asks for the first: not before, since until
/// it starts its
/// addresses may change, as <c>WebApplicationFactory.UseKestrel(port)</c> changes them from the
/// test's thread. Every other server is left alone.
/// </summary>
internal sealed class LaterKestrel(IServer server, IServiceProvider services) : IStartupFilter, IHostedLifecycleService
{
    private ServerStart? _start;
    private bool _follows;

    /// <summary>Whether a server is one of Kestrel's: its own type is not public.</summary>
    public static bool IsKestrel(Type server) => server.Assembly == typeof(KestrelServer).Assembly;

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next)
    {
        if (IsKestrel(server.GetType()))
            Prepare();
        return next;
    }

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        // Before hosting takes the addresses, which it reads again when the server has started.
        if (IsKestrel(server.GetType()))
            Follow();
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _start?.Complete();
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _start?.RemovePortFile();
        return Task.CompletedTask;
    }

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        _start?.CloseSockets();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Follow()
    {
        if (_follows)
            return;
        _follows = true;
        var addresses = services.GetRequiredService<ServerParts>().Addresses;
        addresses.Follow(server.Features.GetRequiredFeature<IServerAddressesFeature>());
        server.Features.Set<IServerAddressesFeature>(addresses);
    }

    private void Prepare()
    {
        // A host without IHostedLifecycleService has not called for it.
        Follow();
        var parts = services.GetRequiredService<ServerParts>();
        var start = _start = parts.Start;
        OrFail(start, start.Prepare);
        parts.Hook.BeforeTheFirst(first => OrFail(start, () => start.BindAll(first)));
        parts.Hook.Attach();
    }

    private static void OrFail(ServerStart start, Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception)
        {
            var failure = start.Fail(exception);
            if (failure == exception)
                throw;
            // After another exception than an IOException, Kestrel tries the next address.
            throw failure ?? StartFailure.Of(exception.Message, exception);
        }
    }
}
