using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;

namespace Bindwise.AspNetCore;

/// <summary>
/// The last source of the configuration, which gives each <c>http://localhost:0</c> of <c>Kestrel:Endpoints</c> the port that was taken for it. It
/// speaks only while the sources before it still say port 0: what a reload takes out or changes is not held against it.
/// </summary>
internal sealed class ChosenPorts : ConfigurationProvider, IConfigurationSource
{
    private readonly Dictionary<string, (string Asked, string Chosen)> _urls = new(StringComparer.OrdinalIgnoreCase);
    private IConfigurationRoot? _root;

    /// <summary>The one of a configuration; null where it has none, as one that the application has made itself.</summary>
    public static ChosenPorts? Of(IConfiguration configuration)
    {
        if (configuration is not IConfigurationRoot root || root.Providers.OfType<ChosenPorts>().LastOrDefault() is not { } ports)
            return null;
        ports._root = root;
        return ports;
    }

    /// <inheritdoc/>
    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <summary>From now on the key has another value.</summary>
    public void Choose(string key, string asked, string chosen) => _urls[key] = (asked, chosen);

    /// <inheritdoc/>
    public override bool TryGet(string key, [NotNullWhen(true)] out string? value)
    {
        value = _urls.TryGetValue(key, out var url) && Before(key) == url.Asked ? url.Chosen : null;
        return value is not null;
    }

    private string? Before(string key)
    {
        string? last = null;
        foreach (var provider in _root?.Providers.TakeWhile(one => one != this) ?? [])
            last = provider.TryGet(key, out var value) ? value : last;
        return last;
    }
}
