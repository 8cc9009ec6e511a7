using Bindwise.AspNetCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a health check of the sockets that Bindwise bound.</summary>
public static class AddBindwiseHealthExtensions
{
    /// <summary>
    /// Adds a check: every socket that <c>UseBindwise</c> and <c>AddListener</c> bound still listens, and the host's ports do not run out.
    /// Its data has <c>listeners</c>, <c>deaf</c> (those that do not listen), <c>time_wait</c>, <c>ephemeral_used</c> and
    /// <c>ephemeral_limit</c>.
    /// </summary>
    /// <param name="builder">The checks.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="failureStatus">The status for a socket that no longer listens; null: unhealthy.</param>
    /// <param name="tags">Tags; null for none.</param>
    /// <param name="configure">Sets when ports count as scarce; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A limit is out of range.</exception>
    public static IHealthChecksBuilder AddBindwise(
        this IHealthChecksBuilder builder, string name = "bindwise", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null,
        Action<BindwiseHealthOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var limits = new BindwiseHealthOptions();
        configure?.Invoke(limits);
        if (limits.EphemeralUse is { } part && part is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(configure), part,
                "EphemeralUse is a fraction of the range: more than 0, at most 1.");
        if (limits.TimeWaits < 0)
            throw new ArgumentOutOfRangeException(nameof(configure), limits.TimeWaits, "TimeWaits is a number of sockets: 0 or more.");
        builder.Services.AddBindwiseCore();
        return builder.Add(new HealthCheckRegistration(
            name,
            provider => new ListenersHealthCheck(provider.GetRequiredService<ListeningSockets>(),
                provider.GetRequiredService<UsageReading>(), limits, provider.GetService<IServer>()),
            failureStatus,
            tags));
    }
}
