namespace Bindwise.Planning.Formats.DotNet;

/// <summary>
/// A URL as Kestrel binds it (AddressBinder, BindingAddress): localhost is both loopback addresses,
/// an IP address itself, and any other host, as
/// <c>*</c> or <c>+</c>, every address by one dual-stack socket.
/// </summary>
internal static class KestrelUrl
{
    /// <summary>The binds; empty for port 0, which the system chooses; null for what is no URL.</summary>
    public static ImmutableArray<BindRequest>? Binds(string url)
    {
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        if (scheme <= 0)
            return null;
        var isSecure = url[..scheme].Equals("https", StringComparison.OrdinalIgnoreCase);
        if (!isSecure && !url[..scheme].Equals("http", StringComparison.OrdinalIgnoreCase))
            return null;
        var rest = url[(scheme + 3)..];
        if (rest.StartsWith("unix:/", StringComparison.OrdinalIgnoreCase))
            return [Binder.Program.Unix(rest[5..])];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var authority = slash < 0 ? rest : rest[..slash];
        var colon = authority.EndsWith(']') ? -1 : authority.LastIndexOf(':');
        var host = colon < 0 ? authority : authority[..colon];
        var port = colon < 0 ? isSecure ? 443 : 80 : int.TryParse(authority[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture,
            out var number) && number <= ushort.MaxValue ? number : -1;
        if (port < 0 || host.Length == 0)
            return null;
        return port == 0 ? [] : Binder.Program.OfHost(Protocol.Tcp, host, port) ?? Binder.Program.DualStack(Protocol.Tcp, port);
    }
}
