using System.Net;
using Bindwise.Diagnostics;

namespace Bindwise.Samples;

/// <summary>What an app host asks before it starts anything: who has the ports that its endpoints insist on.</summary>
internal static class FixedPorts
{
    /// <summary>Why an endpoint on this port of localhost cannot work; null where nothing is in the way.</summary>
    public static async Task<string?> WhyNotAsync(int port, CancellationToken cancellationToken)
    {
        // The proxy, and Kestrel for localhost, listen on both.
        foreach (var address in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback })
        {
            var answer = await PortDiagnostics.DiagnoseAsync(PortQuery.Of(new IPEndPoint(address, port)), cancellationToken);
            // A host without IPv6 has no [::1], and nobody listens there. The text is what `bindwise why` says; names in it are escaped.
            if (answer.Verdict == Verdict.Blocked && answer.Errno is not ("EADDRNOTAVAIL" or "EAFNOSUPPORT"))
                return answer.ToText(width: null).TrimEnd();
        }
        return null;
    }
}
