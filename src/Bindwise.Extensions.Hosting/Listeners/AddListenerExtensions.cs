using Bindwise;
using Bindwise.Extensions.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Listeners for hosts without a web server: workers, your own protocols, anything that used a <see
/// cref="System.Net.Sockets.TcpListener"/>.
/// </summary>
public static class AddListenerExtensions
{
    /// <summary>
    /// Adds a listener: bound before the host's services start, all listeners or none, and available from <see cref="IBoundListeners"/>,
    /// and as the keyed service <c>[FromKeyedServices("name")] BoundListener</c>. If one cannot be bound, the start fails with a <see
    /// cref="StartRefusedException"/>.
    /// </summary>
    /// <remarks>
    /// Asking for the keyed service before the host starts, as the constructor of a hosted service does, binds all listeners then.
    /// </remarks>
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
    /// <param name="requestFactory">Creates the request when the host starts.</param>
    public static IServiceCollection AddListener(this IServiceCollection services, string name,
        Func<IServiceProvider, ListenRequest> requestFactory)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(requestFactory);
        services.AddBindwiseHosting();
        services.AddSingleton(new AddedListener(name, requestFactory));
        services.AddKeyedSingleton<BoundListener>(name,
            static (provider, key) => provider.GetRequiredService<HostListeners>().BoundNow((string)key!));
        services.TryAddSingleton<HostListeners>();
        services.TryAddSingleton<IBoundListeners>(static provider => provider.GetRequiredService<HostListeners>());
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, HostListeners>(static provider => provider.GetRequiredService<HostListeners>()));
        return services;
    }
}
