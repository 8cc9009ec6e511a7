using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;

namespace Bindwise.AspNetCore;

/// <summary>Sees to it that a later <c>UseKestrel</c> has not taken the place of the server that <c>UseBindwise</c> set up.</summary>
internal sealed class ServerInPlace(IServer server) : IHostedLifecycleService
{
    /// <summary>Whether a server is one of Kestrel's: its own type is not public.</summary>
    public static bool IsKestrel(Type server) => server.Assembly == typeof(KestrelServer).Assembly;

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => IsKestrel(server.GetType())
        ? throw new InvalidOperationException("UseKestrel was called after UseBindwise and replaced it: call UseBindwise last.")
        : Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
