using Bindwise.Model.Addresses;

namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>Docker, Podman and their desktop versions: the host's half of a published port comes first.</summary>
internal static class ContainerMessages
{
    public static readonly Phrase[] Phrases =
    [
        new("userland proxy: listen tcp ", Origins.DockerProxy),
        new("userland proxy: listen udp ", Origins.DockerProxy) { Protocol = Protocol.Udp },
        new("userland proxy: listen", Origins.DockerProxyOneFamily),
        new("Bind for ", Origins.DockerDaemon) { With = "port is already allocated" },
        new("failed to bind host port for ", Origins.DockerDaemon),
        new("failed to bind host port ", Origins.DockerDaemon),
        new("Ports are not available: exposing port TCP ", Origins.DockerDaemon),
        new("Ports are not available: exposing port UDP ", Origins.DockerDaemon) { Protocol = Protocol.Udp },
        new("can't create unix socket ", Origins.DockerDaemon),
    ];
}
