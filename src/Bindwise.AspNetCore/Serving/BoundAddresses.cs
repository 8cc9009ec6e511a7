using System.Collections.ObjectModel;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Bindwise.AspNetCore;

/// <summary>
/// The addresses of the server: before the start what hosting asks for, behind it what is really listened on. Kestrel shows the port that code
/// asked for localhost, whichever it got; here the true one stands in its place.
/// </summary>
internal sealed class BoundAddresses : IServerAddressesFeature
{
    private readonly List<string> _asked = [];
    private IServerAddressesFeature? _kestrel;
    private IReadOnlyDictionary<string, string> _renamed = new Dictionary<string, string>();

    /// <inheritdoc/>
    public ICollection<string> Addresses => _kestrel is null ? _asked : Told(_kestrel);

    /// <inheritdoc/>
    public bool PreferHostingUrls { get; set; }

    /// <summary>From now on it shows Kestrel's, some of them with another name.</summary>
    public void Follow(IServerAddressesFeature kestrel, IReadOnlyDictionary<string, string> renamed)
    {
        _renamed = renamed;
        _kestrel = kestrel;
    }

    // A reload of the configuration changes Kestrel's list.
    private ReadOnlyCollection<string> Told(IServerAddressesFeature kestrel) => kestrel.Addresses.Select(one => _renamed.GetValueOrDefault(one, one)).ToList().AsReadOnly();
}
