using Bindwise.Model.Addresses;

namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>System daemons and network tools.</summary>
internal static class DaemonMessages
{
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
    ];
}
