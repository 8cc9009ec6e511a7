using Bindwise.Model.Addresses;

namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>System daemons and network tools.</summary>
internal static class DaemonMessages
{
    private const int MaxLinesToFailure = 3;

    public static readonly Phrase[] Phrases =
    [
        new("Bind to port ", Origins.Sshd) { IsCased = true, With = "failed" },
        new("cannot listen to port: ", Origins.Ssh),
        new("unix_listener: cannot bind to path ", Origins.Ssh),
        new("Failed to create listening socket ", Origins.Systemd) { With = "(" },
        new("Failed to listen on UDP socket ", Origins.SystemdResolved) { Protocol = Protocol.Udp },
        new("Failed to listen on TCP socket ", Origins.SystemdResolved),
        new("already listening on UDP socket ", Origins.SystemdResolved) { Protocol = Protocol.Udp, Errno = "EADDRINUSE" },
        new("already listening on TCP socket ", Origins.SystemdResolved) { Errno = "EADDRINUSE" },
        new("failed to create listening socket for ", Origins.Dnsmasq),
        new("failed to bind DHCP server socket", Origins.Dnsmasq) { Protocol = Protocol.Udp },
        new("running on the same address ", Origins.Uwsgi) { With = "uWSGI", Errno = "EADDRINUSE" },
        new("couldn't add command channel ", Origins.Named),
        new("Failed to bind to address ", Origins.GrpcCore) { With = "set GRPC_VERBOSITY" },
        new("resolved for ", Origins.GrpcCore) { With = "No address added" },
        new("Failed to listen on ", Origins.Php) { With = "(reason:" },
        new("stream_socket_server(): Unable to connect to ", Origins.Php),
        new("unable to bind listening socket for address ", Origins.PhpFpm),
        new("FPM instance seems to already listen on ", Origins.PhpFpm) { Errno = "EADDRINUSE" },
        new("Can't connect to TCP port ", Origins.Perl) { With = "[Address already in use]" },
        new("Can't connect to TCP port ", Origins.Perl) { With = "[Permission denied]" },
        new("Local port ", Origins.Putty) { With = "forwarding to" },
        new("AF_INET ", Origins.Ntpd) { With = "flags 0x", Protocol = Protocol.Udp },
        new("AF_INET6 ", Origins.Ntpd) { With = "flags 0x", Protocol = Protocol.Udp },
        new("Error opening specified endpoint ", Origins.Snmpd) { Protocol = Protocol.Udp },
        new("Binding RPC on address ", Origins.Bitcoin) { With = "failed" },
    ];

    /// <summary>BIND names the address, then what failed: <c>listening on IPv4 interface lo, 127.0.0.1#53</c>, <c>could not listen on UDP socket</c>.</summary>
    public static Finding? ReadNamed(ErrorText text, int line)
    {
        const string Lead = "listening on IPv";
        var words = text.Lines[line];
        var lead = words.IndexOf(Lead, StringComparison.Ordinal);
        var comma = lead < 0 ? -1 : words.IndexOf(", ", lead, StringComparison.Ordinal);
        if (comma < 0 || !EndpointReader.TryRead(words, comma + 2, out var place) || place.Port is null)
            return null;
        for (var i = line + 1; i < text.Lines.Count && i - line <= MaxLinesToFailure; i++)
        {
            var next = text.Lines[i];
            if (next.Contains(Lead, StringComparison.Ordinal))
                return null;
            if (next.Contains("socket", StringComparison.Ordinal) && ErrnoWords.Mentions(next))
                return Finding.At(place, Origins.Named, line, next.Contains("UDP", StringComparison.Ordinal) ? Protocol.Udp : Protocol.Tcp);
        }
        return null;
    }
}
