using Bindwise.Model.Addresses;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>Docker, Podman and their desktop versions: the host's half of a published port comes first.</summary>
internal static class ContainerMessages
{
    public static readonly Phrase[] Phrases =
    [
        new("userland proxy: listen tcp ", RuntimeProfiles.DockerProxy),
        new("userland proxy: listen udp ", RuntimeProfiles.DockerProxy) { Protocol = Protocol.Udp },
        new("userland proxy: listen", RuntimeProfiles.DockerProxyOneFamily),
        new("Bind for ", RuntimeProfiles.DockerDaemon) { With = "port is already allocated" },
        new("failed to bind host port for ", RuntimeProfiles.DockerDaemon),
        new("failed to bind host port ", RuntimeProfiles.DockerDaemon),
        new("Ports are not available: exposing port TCP ", RuntimeProfiles.DockerDaemon),
        new("Ports are not available: exposing port UDP ", RuntimeProfiles.DockerDaemon) { Protocol = Protocol.Udp },
        new("can't create unix socket ", RuntimeProfiles.DockerDaemon),
    ];
}

/// <summary>System daemons and network tools.</summary>
internal static class DaemonMessages
{
    private const int MaxLinesToFailure = 3;

    public static readonly Phrase[] Phrases =
    [
        new("Bind to port ", RuntimeProfiles.Sshd) { IsCased = true, With = "failed" },
        new("cannot listen to port: ", RuntimeProfiles.Ssh),
        new("unix_listener: cannot bind to path ", RuntimeProfiles.Ssh),
        new("Failed to create listening socket ", RuntimeProfiles.Systemd) { With = "(" },
        new("Failed to listen on UDP socket ", RuntimeProfiles.SystemdResolved) { Protocol = Protocol.Udp },
        new("Failed to listen on TCP socket ", RuntimeProfiles.SystemdResolved),
        new("already listening on UDP socket ", RuntimeProfiles.SystemdResolved) { Protocol = Protocol.Udp, Errno = "EADDRINUSE" },
        new("already listening on TCP socket ", RuntimeProfiles.SystemdResolved) { Errno = "EADDRINUSE" },
        new("failed to create listening socket for ", RuntimeProfiles.Dnsmasq),
        new("failed to bind DHCP server socket", RuntimeProfiles.Dnsmasq) { Protocol = Protocol.Udp },
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
        new("Local port ", RuntimeProfiles.Putty) { With = "forwarding to" },
        new("AF_INET ", RuntimeProfiles.Ntpd) { With = "flags 0x", Protocol = Protocol.Udp },
        new("AF_INET6 ", RuntimeProfiles.Ntpd) { With = "flags 0x", Protocol = Protocol.Udp },
        new("Error opening specified endpoint ", RuntimeProfiles.Snmpd) { Protocol = Protocol.Udp },
        new("Binding RPC on address ", RuntimeProfiles.Bitcoin) { With = "failed" },
    ];

    /// <summary>BIND names the address, then what failed: <c>listening on IPv4 interface lo, 127.0.0.1#53</c>, <c>could not listen on UDP socket</c>.</summary>
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
                return BindMention.At(where, RuntimeProfiles.Named, line, next.Contains("UDP", StringComparison.Ordinal) ? Protocol.Udp : Protocol.Tcp);
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
        new("bind() to ", RuntimeProfiles.Nginx) { With = "failed (" },
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
                return BindMention.At(where, RuntimeProfiles.HAProxy, line);
            at = at == 0 ? -1 : words.LastIndexOf('[', at - 1);
        }
        return null;
    }
}

/// <summary>Databases and caches. PostgreSQL names the address and the port on lines of their own.</summary>
internal static class DatabaseMessages
{
    private const int MaxLinesBefore = 200;

    public static readonly Phrase[] Phrases =
    [
        new("could not bind IPv4 address ", RuntimeProfiles.PostgreSql) { IsAddressAlone = true },
        new("could not bind IPv6 address ", RuntimeProfiles.PostgreSql) { IsAddressAlone = true },
        new("could not bind Unix address ", RuntimeProfiles.PostgreSql),
        new("failed to bind a socket: ", RuntimeProfiles.PgPool),
        new("using socket file ", RuntimeProfiles.PostgreSql) { With = "postmaster" },
        new("Failed to unlink socket file ", RuntimeProfiles.MongoDb),
        new("Is another postmaster already running on port ", RuntimeProfiles.PostgreSql),
        new("Setup of bind-address: ", RuntimeProfiles.MySql),
        new("another mysqld server running on port: ", RuntimeProfiles.MySql),
        new("another mysqld server running on socket: ", RuntimeProfiles.MySql),
        new("another mariadbd server running on port: ", RuntimeProfiles.MariaDb),
        new("already have another server running on port: ", RuntimeProfiles.MariaDb),
        new("already have another server running on socket: ", RuntimeProfiles.MariaDb),
        new("Server TCP listening socket ", RuntimeProfiles.Redis),
        new("Opening port ", RuntimeProfiles.Redis) { With = "bind" },
        new("failed to listen on TCP port ", RuntimeProfiles.Memcached),
        new("failed to listen on UDP port ", RuntimeProfiles.Memcached) { Protocol = Addresses.Protocol.Udp },
        new("failed to listen on UNIX socket: ", RuntimeProfiles.Memcached),
    ];

    /// <summary>
    /// PostgreSQL in other languages: the address in quotes beside the errno, and the port as the only number of the
    /// hint that speaks of the postmaster.
    /// </summary>
    public static BindMention? ReadTranslated(ErrorText text, int line)
    {
        if (line == 0 || !ErrnoWords.TryFind(text.Lines[line - 1], out var errno))
            return null;
        var words = text.Lines[line];
        var postmaster = words.IndexOf("postmaster", StringComparison.OrdinalIgnoreCase);
        if (postmaster < 0 || ReadLastPort(words) is not { } port)
            return null;
        var before = text.Lines[line - 1];
        for (var quote = before.IndexOf('"', StringComparison.Ordinal); quote >= 0; quote = before.IndexOf('"', quote + 1))
        {
            if (EndpointReader.TryReadAddress(before, PortBehind.Skip(before, quote, "\" "), out var where))
                return BindMention.At(where with { Port = port.Port }, RuntimeProfiles.PostgreSql, line) with { Errno = errno.Name };
        }
        return BindMention.At(port, RuntimeProfiles.PostgreSql, line) with { Errno = errno.Name };
    }

    /// <summary>The last number of a line that can be a port by what stands around it; digits of timestamps and pids stand before it.</summary>
    private static AddressMention? ReadLastPort(string words)
    {
        var end = words.Length - 1;
        while (end >= 0 && !char.IsAsciiDigit(words[end]))
            end--;
        var start = end;
        while (start > 0 && char.IsAsciiDigit(words[start - 1]))
            start--;
        return end >= 0 && PortText.TryParseNumber(words.AsSpan(start, end + 1 - start), out var port) ? AddressMention.OfPort(port, start, end + 1) : null;
    }

    /// <summary>MongoDB names no address; the port stands in the line that announced the start.</summary>
    public static BindMention? ReadMongoDb(ErrorText text, int line)
    {
        if (!text.Lines[line].Contains("Failed to set up listener", StringComparison.OrdinalIgnoreCase)
            && !text.Lines[line].Contains("Error setting up listener", StringComparison.OrdinalIgnoreCase))
            return null;
        for (var i = line; i >= 0 && line - i < MaxLinesBefore; i--)
        {
            var words = text.Lines[i];
            if (!words.Contains("MongoDB starting", StringComparison.OrdinalIgnoreCase))
                continue;
            var at = words.IndexOf("port", StringComparison.OrdinalIgnoreCase);
            while (at >= 0)
            {
                if (AddressMentionReader.TryRead(words, at, false, out var where) && where.Port is not null)
                    return BindMention.At(where, RuntimeProfiles.MongoDb, line);
                at = words.IndexOf("port", at + 1, StringComparison.OrdinalIgnoreCase);
            }
        }
        return null;
    }
}
