using System.Collections;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Bindwise.AspNetCore;

/// <summary>
/// The addresses of the server: before the start what hosting asks for, after it what is really listened on. Kestrel shows the port that code
/// asked for localhost, whichever it got; here the true one stands in its place. One collection for both, as hosting takes it before the start
/// and reads it after.
/// </summary>
internal sealed class BoundAddresses : IServerAddressesFeature, ICollection<string>
{
    private readonly List<string> _asked = [];
    private readonly ConcurrentDictionary<int, int> _localhostPorts = new();
    private IServerAddressesFeature? _kestrel;

    /// <inheritdoc/>
    public ICollection<string> Addresses => this;

    /// <inheritdoc/>
    public bool PreferHostingUrls { get; set; }

    /// <inheritdoc/>
    public int Count => Current.Count();

    /// <inheritdoc/>
    public bool IsReadOnly => _kestrel is not null;

    // A reload of the configuration changes Kestrel's list.
    private IEnumerable<string> Current => _kestrel is null ? _asked : _kestrel.Addresses.Select(Named);

    private List<string> Changeable => _kestrel is null ? _asked : throw new InvalidOperationException("The server has started: its addresses cannot be changed.");

    /// <summary>From now on it shows Kestrel's.</summary>
    public void Follow(IServerAddressesFeature kestrel) => _kestrel = kestrel;

    /// <summary>Which port the endpoint got that asks for a port of localhost in code or in the configuration.</summary>
    public void TellLocalhostPort(int asked, int port) => _localhostPorts[asked] = port;

    /// <inheritdoc/>
    public void Add(string item) => Changeable.Add(item);

    /// <inheritdoc/>
    public void Clear() => Changeable.Clear();

    /// <inheritdoc/>
    public bool Remove(string item) => Changeable.Remove(item);

    /// <inheritdoc/>
    public bool Contains(string item) => Current.Contains(item);

    /// <inheritdoc/>
    public void CopyTo(string[] array, int arrayIndex) => Current.ToList().CopyTo(array, arrayIndex);

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => Current.ToList().GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private string Named(string address) =>
        AskedEndpoint.OfUrl(address) is { Kind: EndpointKind.Localhost } localhost && _localhostPorts.TryGetValue(localhost.Port, out var port) && port != localhost.Port
            ? localhost.NameOn(port)
            : address;
}
