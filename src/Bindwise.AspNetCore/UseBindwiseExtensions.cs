using System.Diagnostics.CodeAnalysis;
using Bindwise.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Lets Bindwise bind Kestrel's endpoints.</summary>
public static class UseBindwiseExtensions
{
    /// <summary>
    /// Binds all of Kestrel's endpoints with Bindwise: all or none before the server starts, with fallback ports, retries and passed
    /// sockets as the options say, and with a diagnosis if it fails. Reads the section <c>Bindwise</c> of the configuration. It leaves
    /// servers other than Kestrel alone, such as a test server.
    /// </summary>
    /// <param name="builder">The web host.</param>
    /// <param name="configure">Sets options, after the configuration; null for none.</param>
    public static IWebHostBuilder UseBindwise(this IWebHostBuilder builder, Action<BindwiseOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.ConfigureAppConfiguration(static (_, configuration) => configuration.Add(new ChosenPorts()));
        return builder.ConfigureServices((_, services) =>
        {
            services.AddBindwiseCore();
            if (configure is not null)
                services.Configure(configure);
            services.TryAddSingleton<PassedSocketsOwner>();
            services.TryAddSingleton(static provider => new ServerParts(provider));
            services.TryAddSingleton(static provider => new LaterKestrel(provider.GetRequiredService<IServer>(), provider));
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, DrainingResponses>(
                static provider => new DrainingResponses(
                    () => provider.GetRequiredService<ServerParts>().HandOver, provider.GetRequiredService<IOptions<BindwiseOptions>>())));
            services.TryAddEnumerable(
                ServiceDescriptor.Singleton<IStartupFilter, LaterKestrel>(static provider => provider.GetRequiredService<LaterKestrel>()));
            services.TryAddEnumerable(
                ServiceDescriptor.Singleton<IHostedService, LaterKestrel>(static provider => provider.GetRequiredService<LaterKestrel>()));
            WrapKestrel(services);
        });
    }

    /// <summary>As the overload for <see cref="IWebHostBuilder"/>, for <c>WebApplication.CreateBuilder</c>.</summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="configure">Sets options, after the configuration; null for none.</param>
    public static WebApplicationBuilder UseBindwise(this WebApplicationBuilder builder, Action<BindwiseOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.WebHost.UseBindwise(configure);
        return builder;
    }

    private static void WrapKestrel(IServiceCollection services)
    {
        for (var index = services.Count - 1; index >= 0; index--)
        {
            var before = services[index];
            if (before.ServiceType != typeof(IServer) || before.IsKeyedService || before.ImplementationType is not { } kestrel
                || !LaterKestrel.IsKestrel(kestrel))
                continue;
            services[index] = Wrapped(kestrel);
            return;
        }
    }

    private static ServiceDescriptor Wrapped(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type kestrel) =>
        ServiceDescriptor.Singleton<IServer>(provider =>
        {
            var parts = provider.GetRequiredService<ServerParts>();
            parts.Hook.Attach();
            return new BindwiseServer(Made(provider, kestrel), parts.Start, parts.Addresses);
        });

    private static IServer Made(IServiceProvider provider,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type kestrel)
    {
        try
        {
            return (IServer)ActivatorUtilities.CreateInstance(provider, kestrel);
        }
        catch (InvalidOperationException exception) when (KestrelEndpoints.RefusesLocalhostZero(exception))
        {
            throw new InvalidOperationException(
                "Kestrel refuses ListenLocalhost(0): write UseUrls(\"http://localhost:0\"), or that URL in Kestrel:Endpoints, and "
                    + "127.0.0.1 and [::1] get one free port; or Listen(IPAddress.Loopback, 0).",
                exception);
        }
    }
}
