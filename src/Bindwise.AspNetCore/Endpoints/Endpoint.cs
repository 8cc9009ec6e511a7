namespace Bindwise.AspNetCore;

/// <param name="Name">As Kestrel shows it, as <c>http://localhost:5000</c>.</param>
/// <param name="Kind">What its host stands for.</param>
/// <param name="EndPoint">What Kestrel's transport will be asked to bind; of localhost the IPv4 one.</param>
/// <param name="IsUrl">It came as a URL, which can still be rewritten; false: from code or Kestrel:Endpoints.</param>
internal sealed record AskedEndpoint(string Name, EndpointKind Kind, EndPoint EndPoint, bool IsUrl)
{
    /// <summary>The port asked for; 0 for the system's choice, and for UNIX.</summary>
    public int Port => EndPoint is IPEndPoint ip ? ip.Port : 0;

    public string NameOn(int port) => NameAt(string.Create(CultureInfo.InvariantCulture, $"{BindingAddress.Parse(Name).Host}:{port}"));

    /// <param name="place">A host and a port.</param>
    public string NameAt(object place) => $"{BindingAddress.Parse(Name).Scheme}://{place}";

    /// <summary>The endpoint of a URL; null for named pipes, and for what Kestrel will refuse with its own words.</summary>
    public static AskedEndpoint? OfUrl(string url)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return null;
        }
        if (address.IsNamedPipe || address.PathBase.Length > 0 || !IsHttp(address.Scheme) || address.Port > ushort.MaxValue)
            return null;
        if (address.IsUnixPipe)
            return new AskedEndpoint(url, EndpointKind.Unix, new UnixDomainSocketEndPoint(address.UnixPipePath), IsUrl: true);
        if (string.Equals(address.Host, "localhost", StringComparison.OrdinalIgnoreCase))
            return new AskedEndpoint(url, EndpointKind.Localhost, new IPEndPoint(IPAddress.Loopback, address.Port), IsUrl: true);
        // Any other name means every address to Kestrel.
        return IPAddress.TryParse(address.Host, out var ip)
            ? Of(url, new IPEndPoint(ip, address.Port), isUrl: true)
            : new AskedEndpoint(url, EndpointKind.Any, new IPEndPoint(IPAddress.IPv6Any, address.Port), IsUrl: true);
    }

    /// <summary>Of code or Kestrel:Endpoints; null for named pipes, descriptors, and HTTP/3 alone, which has no TCP socket.</summary>
    public static AskedEndpoint? Of(ListenOptions options)
    {
        if (options.Protocols == HttpProtocols.Http3)
            return null;
        var name = options.ToString() ?? "";
        return options.EndPoint switch
        {
            IPEndPoint ip when name.Contains("://localhost:", StringComparison.Ordinal) =>
                new AskedEndpoint(name, EndpointKind.Localhost, ip, IsUrl: false),
            IPEndPoint ip => Of(name, ip, isUrl: false),
            UnixDomainSocketEndPoint unix => new AskedEndpoint(name, EndpointKind.Unix, unix, IsUrl: false),
            _ => null,
        };
    }

    private static AskedEndpoint Of(string name, IPEndPoint endpoint, bool isUrl) =>
        new(name, endpoint.Address.Equals(IPAddress.IPv6Any) ? EndpointKind.Any : EndpointKind.Address, endpoint, isUrl);

    private static bool IsHttp(string scheme) =>
        string.Equals(scheme, "http", StringComparison.OrdinalIgnoreCase)
            || string.Equals(scheme, "https", StringComparison.OrdinalIgnoreCase);
}

internal enum EndpointKind
{
    /// <summary>localhost: 127.0.0.1 and [::1].</summary>
    Localhost,

    /// <summary>Every address, as http://*:5000.</summary>
    Any,

    Address,
    Unix,
}
