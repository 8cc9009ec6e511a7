using Bindwise;
using Bindwise.AspNetCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Listeners for hosts without a web server: workers, your own protocols, anything that used a <see cref="System.Net.Sockets.TcpListener"/>.</summary>
public static class AddListenerExtensions
{
    /// <summary>
    /// Adds a listener: bound before the host's services start, all listeners or none, and available from <see cref="IBoundListeners"/>. If one
    /// cannot be bound, the start fails with a <see cref="StartupBindException"/>.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="name">Its name, which must be unique.</param>
    /// <param name="request">What to listen on.</param>
    public static IServiceCollection AddListener(this IServiceCollection services, string name, ListenRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return services.AddListener(name, _ => request);
    }

    /// <summary>The same for a request that needs services, such as the configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">Its name, which must be unique.</param>
    /// <param name="request">Creates the request when the host starts.</param>
    public static IServiceCollection AddListener(this IServiceCollection services, string name, Func<IServiceProvider, ListenRequest> request)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(request);
        services.AddBindwiseCore();
        services.AddSingleton(new AddedListener(name, request));
        services.TryAddSingleton<HostListeners>();
        services.TryAddSingleton<IBoundListeners>(static provider => provider.GetRequiredService<HostListeners>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, HostListeners>(static provider => provider.GetRequiredService<HostListeners>()));
        return services;
    }
}
