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
