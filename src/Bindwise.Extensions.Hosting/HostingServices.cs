using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Bindwise.Extensions.Hosting;

/// <summary>What the listeners of every host stand on. Logging and metrics are the host's own.</summary>
internal static class HostingServices
{
    public static IServiceCollection AddBindwiseHosting(this IServiceCollection services)
    {
        services.TryAddSingleton(static _ => new ListeningSockets());
        services.TryAddSingleton(static _ => new UsageReading());
        services.TryAddSingleton(
            static provider => new BindMeter(provider.GetRequiredService<IMeterFactory>(), provider.GetRequiredService<UsageReading>()));
        services.TryAddSingleton(static provider => new WaitLog(provider.GetRequiredService<ILoggerFactory>()));
        services.AddOptions<BindwiseHostOptions>();
        services.TryAddSingleton(static provider => new HostOptionsFromConfiguration(
            provider.GetService<IConfiguration>(), provider.GetService<SectionOwner>() is not null));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<BindwiseHostOptions>, HostOptionsFromConfiguration>(
            static provider => provider.GetRequiredService<HostOptionsFromConfiguration>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<BindwiseHostOptions>, HostOptionsFromConfiguration>(
            static provider => provider.GetRequiredService<HostOptionsFromConfiguration>()));
        return services;
    }
}
