using System.Globalization;
using System.Net;

namespace Bindwise.Listeners;

/// <summary>What a server is to listen on.</summary>
/// <param name="Addresses">Its addresses; empty for a UNIX socket.</param>
/// <param name="Port">Their port; 0 for the system's choice, the same for all of them.</param>
/// <param name="WithUdp">UDP on the same port too.</param>
/// <param name="UnixPath">The path of a UNIX socket; null for none.</param>
/// <param name="IsLocalhost">The addresses are those of the name localhost.</param>
internal sealed record Wanted(IReadOnlyList<IPAddress> Addresses, int Port, bool WithUdp, string? UnixPath, bool IsLocalhost)
{
    /// <summary>Reads <c>tcp:0.0.0.0:8080</c>, <c>both:127.0.0.1:0</c> (TCP and UDP), <c>localhost:0</c> or <c>unix:/path</c>.</summary>
    internal static Wanted Parse(string text)
    {
        var (kind, rest) = (text[..text.IndexOf(':', StringComparison.Ordinal)], text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        return kind switch
        {
            "unix" => new Wanted([], 0, false, rest, false),
            "localhost" => new Wanted([IPAddress.Loopback, IPAddress.IPv6Loopback], int.Parse(rest, CultureInfo.InvariantCulture), false, null, true),
            _ => On(IPEndPoint.Parse(rest), kind == "both"),
        };
    }

    private static Wanted On(IPEndPoint local, bool withUdp) => new([local.Address], local.Port, withUdp, null, false);
}
