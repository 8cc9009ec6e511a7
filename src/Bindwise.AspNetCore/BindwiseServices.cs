using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Bindwise.AspNetCore;

/// <summary>What servers and listeners alike stand on.</summary>
internal static class BindwiseServices
{
    /// <summary>
    /// Adds it, once. Each service is made by code: the container's own way is reflection, of which the first time costs most.
    /// </summary>
    public static IServiceCollection AddBindwiseCore(this IServiceCollection services)
    {
        services.AddMetrics();
        services.AddLogging();
        services.AddBindwiseHosting();
        services.TryAddSingleton(static _ => new SectionOwner());
        services.AddOptions<BindwiseOptions>().ValidateOnStart();
        services.TryAddTransient<IOptionsFactory<BindwiseOptions>>(static provider => new OptionsCheck(
            provider.GetServices<IConfigureOptions<BindwiseOptions>>(), provider.GetServices<IPostConfigureOptions<BindwiseOptions>>(),
            provider.GetServices<IValidateOptions<BindwiseOptions>>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<BindwiseOptions>, OptionsFromConfiguration>(
            static provider => new OptionsFromConfiguration(provider.GetService<IConfiguration>() ?? new ConfigurationBuilder().Build())));
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<BindwiseOptions>, OptionsRules>(static _ => new OptionsRules()));
        return services;
    }
}
