using static System.FormattableString;

namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>System daemons and network tools.</summary>
internal static class DaemonMessages
{
    private const int MaxLinesToFailure = 3;

    public static readonly Phrase[] Phrases =
    [
        new("Bind to port ", RuntimeProfiles.Sshd) { IsCased = true, With = "failed" },
        new("Failed listening on '", RuntimeProfiles.Dropbear) { With = "Error listening: ", IsPortNext = true },
        new("cannot listen to port: ", RuntimeProfiles.Ssh),
        new("unix_listener: cannot bind to path ", RuntimeProfiles.Ssh),
        new("Failed to create listening socket ", RuntimeProfiles.Systemd) { With = "(", Source = ProtocolSource.Assumed },
        new("Failed to listen on UDP socket ", RuntimeProfiles.SystemdResolved) { Protocol = Protocol.Udp },
        new("Failed to listen on TCP socket ", RuntimeProfiles.SystemdResolved),
        new("already listening on UDP socket ", RuntimeProfiles.SystemdResolved) { Protocol = Protocol.Udp, Errno = "EADDRINUSE" },
        new("already listening on TCP socket ", RuntimeProfiles.SystemdResolved) { Errno = "EADDRINUSE" },
        new("failed to create listening socket for ", RuntimeProfiles.Dnsmasq) { Source = ProtocolSource.Both, UsualPort = 53 },
        new("running on the same address ", RuntimeProfiles.Uwsgi) { With = "uWSGI", Errno = "EADDRINUSE" },
        new("couldn't add command channel ", RuntimeProfiles.Named),
        new("Failed to bind to address ", RuntimeProfiles.GrpcCore) { With = "set GRPC_VERBOSITY" },
        new("resolved for ", RuntimeProfiles.GrpcCore) { With = "No address added" },
        new("Failed to listen on ", RuntimeProfiles.Php) { With = "(reason:" },
        new("stream_socket_server(): Unable to connect to ", RuntimeProfiles.Php),
        new("unable to bind listening socket for address ", RuntimeProfiles.PhpFpm),
        new("FPM instance seems to already listen on ", RuntimeProfiles.PhpFpm) { Errno = "EADDRINUSE" },
        new("Can't connect to TCP port ", RuntimeProfiles.Perl) { With = "[Address already in use]" },
        new("Can't connect to TCP port ", RuntimeProfiles.Perl) { With = "[Permission denied]" },
        new("Ncat: bind to ", RuntimeProfiles.Ncat) { Source = ProtocolSource.Open },
        new("Local port ", RuntimeProfiles.Putty) { With = "forwarding to" },
        new("AF_INET ", RuntimeProfiles.Ntpd) { With = "flags 0x", Protocol = Protocol.Udp },
        new("AF_INET6 ", RuntimeProfiles.Ntpd) { With = "flags 0x", Protocol = Protocol.Udp },
        new("Error opening specified endpoint ", RuntimeProfiles.Snmpd) { Protocol = Protocol.Udp },
        new("Binding RPC on address ", RuntimeProfiles.Bitcoin) { With = "failed" },
    ];

    /// <summary>
    /// BIND names the address, then what failed: <c>listening on IPv4 interface lo, 127.0.0.1#53</c>, <c>could not listen on UDP
    /// socket</c>.
    /// </summary>
    public static BindMention? ReadNamed(ErrorText text, int line)
    {
        const string Lead = "listening on IPv";
        var words = text.Lines[line];
        var lead = words.IndexOf(Lead, StringComparison.Ordinal);
        var comma = lead < 0 ? -1 : words.IndexOf(", ", lead, StringComparison.Ordinal);
        if (comma < 0 || !EndpointReader.TryRead(words, comma + 2, out var where) || where.Port is null)
            return null;
        for (var i = line + 1; i < text.Lines.Count && i - line <= MaxLinesToFailure; i++)
        {
            var next = text.Lines[i];
            if (next.Contains(Lead, StringComparison.Ordinal))
                return null;
            if (next.Contains("socket", StringComparison.Ordinal) && ErrnoWords.Mentions(next))
                return BindMention.At(where, RuntimeProfiles.Named, line,
                    next.Contains("UDP", StringComparison.Ordinal) ? Protocol.Udp : Protocol.Tcp);
        }
        return null;
    }
}

/// <summary>nginx, Apache, HAProxy, lighttpd, Caddy's kin.</summary>
internal static class WebServerMessages
{
    private const int MaxHAProxyBrackets = 16;

    public static readonly Phrase[] Phrases =
    [
        new("bind() to ", RuntimeProfiles.Nginx) { With = "failed (", Source = ProtocolSource.Assumed },
        new("make_sock: could not bind to address ", RuntimeProfiles.Apache),
        new("could not bind to address ", RuntimeProfiles.Apache) { With = "AH00072" },
        new("can't bind to socket: ", new(null, "lighttpd") { ReuseAddress = true }),
        new("can't bind to port: ", new(null, "lighttpd") { ReuseAddress = true }),
    ];

    /// <summary>HAProxy: the last brackets of the line, as in <c>cannot bind socket (Address already in use) [0.0.0.0:5672]</c>.</summary>
    public static BindMention? ReadHAProxy(ErrorText text, int line)
    {
        var words = text.Lines[line];
        if (!words.Contains("cannot bind", StringComparison.OrdinalIgnoreCase)
            || !(words.Contains("Starting ", StringComparison.Ordinal) || words.Contains("Binding [", StringComparison.Ordinal)))
            return null;
        var at = words.LastIndexOf('[');
        for (var tries = 0; at >= 0 && tries < MaxHAProxyBrackets; tries++)
        {
            if (EndpointReader.TryRead(words, at + 1, out var where) && where.Rank == MentionRank.Full)
                return BindMention.At(where, RuntimeProfiles.HAProxy, line, source: ProtocolSource.Assumed);
            at = at == 0 ? -1 : words.LastIndexOf('[', at - 1);
        }
        return null;
    }
}

/// <summary>What another host refused: no bind of this one failed.</summary>
internal static class ForeignRefusals
{
    private static readonly (string Lead, Func<ushort, string> Answer)[] Known =
    [
        // The server's own log has another wording.
        ("remote port forwarding failed for listen port ", static port => Invariant(
            $"with ssh -R the server listens: port {port} could not be had there, not on this host; log in there and ask: bindwise why ")
            + Invariant($"{port}")),
        ("nodePort: Invalid value: ", static port => Invariant(
            $"nothing was bound: the cluster gives node port {port} to one Service, and another has it; see which: ")
            + Invariant($"kubectl get services -A | grep :{port}/")),
    ];

    /// <summary>What to do instead; null where no line tells of such a refusal.</summary>
    public static string? In(ErrorText text) => text.Lines.Select(Read).FirstOrDefault(static answer => answer is not null);

    public static string? Read(string line)
    {
        foreach (var (lead, answer) in Known)
        {
            var at = line.IndexOf(lead, StringComparison.OrdinalIgnoreCase);
            if (at >= 0 && DigitReader.TryReadPort(line, at + lead.Length, out var port, out _))
                return answer(port);
        }
        return null;
    }
}

/// <summary>Docker, Podman and their desktop versions: the host's half of a published port comes first.</summary>
internal static class ContainerMessages
{
    public static readonly Phrase[] Phrases =
    [
        new("userland proxy: listen tcp ", RuntimeProfiles.DockerProxy),
        new("userland proxy: listen udp ", RuntimeProfiles.DockerProxy) { Protocol = Protocol.Udp },
        new("userland proxy: listen", RuntimeProfiles.DockerProxyOneFamily),
        new("Bind for ", RuntimeProfiles.DockerDaemon) { With = "port is already allocated", Source = ProtocolSource.Open },
        new("failed to bind host port for ", RuntimeProfiles.DockerDaemon) { Source = ProtocolSource.Open },
        new("failed to bind host port ", RuntimeProfiles.DockerDaemon) { Source = ProtocolSource.Open },
        new("Ports are not available: exposing port TCP ", RuntimeProfiles.DockerDaemon),
        new("Ports are not available: exposing port UDP ", RuntimeProfiles.DockerDaemon) { Protocol = Protocol.Udp },
        new("can't create unix socket ", RuntimeProfiles.DockerDaemon),
    ];
}
