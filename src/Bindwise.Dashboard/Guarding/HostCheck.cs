using System.Net;

namespace Bindwise.Dashboard.Guarding;

/// <summary>
/// Whether a request is meant for this server and comes from its own page. A page of another site can make a browser send requests here, by
/// an address or by a name of its own that it lets point here (DNS rebinding): such have another Host or Origin.
/// </summary>
/// <param name="allowed">More names, in lower case.</param>
internal sealed class HostCheck(ImmutableArray<string> allowed)
{
    /// <summary>Whether a Host is this server's: the address that the connection came to, localhost, or an allowed name.</summary>
    /// <param name="host">Its name or address; the port may be another, as through a tunnel.</param>
    /// <param name="local">The address that the connection came to.</param>
    public bool IsOurs(string host, IPAddress? local)
    {
        var name = host.Trim('[', ']').TrimEnd('.').ToLowerInvariant();
        if (name.Length == 0)
            return false;
        if (allowed.Contains(name))
            return true;
        if (local is null)
            return false;
        var here = local.IsIPv4MappedToIPv6 ? local.MapToIPv4() : local;
        if (!IPAddress.TryParse(name, out var literal))
            return name == "localhost" && IPAddress.IsLoopback(here);
        // Of a link-local address a client names its own interface, or none.
        return literal.GetAddressBytes().AsSpan().SequenceEqual(here.GetAddressBytes())
            || (IPAddress.IsLoopback(literal) && IPAddress.IsLoopback(here));
    }

    /// <summary>Whether a request comes from the page of the same server, or from no page at all.</summary>
    public bool IsSameSite(HttpRequest request)
    {
        var origin = request.Headers.Origin;
        if (origin.Count > 1)
            return false;
        if (origin is [{ } sender])
            return Uri.TryCreate(sender, UriKind.Absolute, out var page) && page.Scheme is "http" or "https"
                && (allowed.Contains(page.Host.Trim('[', ']').ToLowerInvariant()) || IsSame(page, request.Host));
        // A browser says so where it sends no Origin: a picture, a script or a frame of another page. A link that was followed may come in.
        return request.Headers["Sec-Fetch-Site"].ToString() is not ("cross-site" or "same-site")
            || (request.Headers["Sec-Fetch-Mode"] == "navigate" && request.Headers["Sec-Fetch-Dest"] == "document"
                && HttpMethods.IsGet(request.Method));
    }

    private static bool IsSame(Uri page, HostString host) =>
        page.Host.Trim('[', ']').Equals(host.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase)
            && page.Port == (host.Port ?? (page.Scheme == "https" ? 443 : 80));
}
