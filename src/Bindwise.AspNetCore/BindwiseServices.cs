using Bindwise.Extensions.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Bindwise.AspNetCore;

/// <summary>What servers and listeners alike stand on.</summary>
internal static class BindwiseServices
{
    /// <summary>Adds it, once.</summary>
    public static IServiceCollection AddBindwiseCore(this IServiceCollection services)
    {
        services.AddMetrics();
        services.AddLogging();
        services.AddBindwiseHosting();
        services.AddOptions<BindwiseOptions>().ValidateOnStart();
        services.TryAddTransient<IOptionsFactory<BindwiseOptions>, OptionsCheck>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<BindwiseOptions>, OptionsFromConfiguration>(
            static provider => new OptionsFromConfiguration(provider.GetService<IConfiguration>() ?? new ConfigurationBuilder().Build())));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<BindwiseOptions>, OptionsRules>());
        return services;
    }
}
