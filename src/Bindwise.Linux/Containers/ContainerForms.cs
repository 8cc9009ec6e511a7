using System.Text.Json;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Containers;

/// <summary>
/// The forms in which engines tell of containers: their API's list, Docker's own file, an OCI bundle, Podman's storage. Pure.
/// </summary>
internal static class ContainerForms
{
    private const int MaximumPorts = 256;
    private const int MaximumContainers = 4096;

    /// <summary>GET /containers/json of Docker's API, which Podman speaks too.</summary>
    internal static ImmutableArray<ContainerRecord> OfList(JsonElement list, string engine, uint? user) =>
    [
        .. list.Elements().Take(MaximumContainers).Where(static c => c.Text("Id") is not null).Select(c => Labelled(new ContainerRecord
        {
            Id = c.Text("Id")!,
            Name = c.Field("Names").Elements().Select(static n => n.Text()).FirstOrDefault()?.TrimStart('/'),
            Engine = engine,
            UserId = user,
            IsToldByEngine = true,
            Image = c.Text("Image"),
            Published =
            [
                .. c.Field("Ports").Elements().Take(MaximumPorts).Select(static p =>
                    Published(p.Text("Type"), p.Field("IP").Address(), p.Field("PublicPort").Port(), p.Field("PrivatePort").Port()))
                    .OfType<PublishedPort>(),
            ],
            Addresses = AddressesOf(c.Field("NetworkSettings")),
        }, c.Field("Labels"))),
    ];

    /// <summary>/var/lib/docker/containers/ID/config.v2.json; null when it is another file.</summary>
    internal static ContainerRecord? OfDockerFile(JsonElement file)
    {
        if (file.Text("ID") is not { } id)
            return null;
        var ports = file.Field("NetworkSettings").Field("Ports").Fields().Take(MaximumPorts)
            .SelectMany(static p => p.Value.Elements().Select(host => (p.Name, Host: host)));
        return Labelled(new ContainerRecord
        {
            Id = id,
            Name = file.Text("Name")?.TrimStart('/'),
            Engine = "docker",
            Image = file.Field("Config").Text("Image"),
            Restarts = file.Field("RestartCount").Count(),
            Published = [.. ports.Select(static p => Published(p.Name, p.Host)).OfType<PublishedPort>()],
            Addresses = AddressesOf(file.Field("NetworkSettings")),
        }, file.Field("Config").Field("Labels"));
    }

    /// <summary>config.json of an OCI bundle: containerd's and CRI-O's annotations say which pod it belongs to.</summary>
    internal static ContainerRecord OfBundle(JsonElement bundle, string id, string engine) =>
        Labelled(new ContainerRecord { Id = id, Engine = engine }, bundle.Field("annotations"));

    /// <summary>overlay-containers/containers.json of Podman's storage; null when the container is not in it.</summary>
    internal static ContainerRecord? OfStorage(JsonElement list, string id, uint? user)
    {
        var found = list.Elements().FirstOrDefault(c => c.Text("id") == id);
        if (found.ValueKind != JsonValueKind.Object)
            return null;
        // What Podman itself noted is a document within a text, longer than a name may be.
        var image = found.Field("metadata") is { ValueKind: JsonValueKind.String } noted
            ? HostileJson.Read(Encoding.UTF8.GetBytes(noted.GetString()!), static m => m.Text("image-name")) : null;
        return new ContainerRecord
        {
            Id = id,
            Name = found.Field("names").Elements().Select(static n => n.Text()).FirstOrDefault(),
            Engine = "podman",
            UserId = user,
            Image = image,
        };
    }

    private static ContainerRecord Labelled(ContainerRecord record, JsonElement labels) => record with
    {
        Name = record.Name ?? labels.Text("nerdctl/name") ?? labels.Text("io.kubernetes.cri.container-name")
            ?? labels.Text("io.kubernetes.container.name"),
        Image = record.Image ?? labels.Text("io.kubernetes.cri.image-name") ?? labels.Text("io.kubernetes.cri-o.ImageName"),
        ComposeProject = labels.Text("com.docker.compose.project") ?? labels.Text("io.podman.compose.project"),
        ComposeService = labels.Text("com.docker.compose.service"),
        PodName = labels.Text("io.kubernetes.pod.name") ?? labels.Text("io.kubernetes.cri.sandbox-name"),
        PodNamespace = labels.Text("io.kubernetes.pod.namespace") ?? labels.Text("io.kubernetes.cri.sandbox-namespace"),
        PodUid = labels.Text("io.kubernetes.pod.uid") ?? labels.Text("io.kubernetes.cri.sandbox-uid"),
    };

    private static ImmutableArray<IpAddress> AddressesOf(JsonElement settings) =>
    [
        .. settings.Field("Networks").Fields().Take(MaximumPorts)
            .SelectMany(static n => new[] { n.Value.Field("IPAddress").Address(), n.Value.Field("GlobalIPv6Address").Address() })
            .OfType<IpAddress>().Distinct(),
    ];

    // 80/tcp: [{ "HostIp": "0.0.0.0", "HostPort": "8080" }]
    private static PublishedPort? Published(string name, JsonElement host)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && ushort.TryParse(name.AsSpan(0, slash), out var port)
            ? Published(name[(slash + 1)..], host.Field("HostIp").Address(), host.Field("HostPort").Port(), port)
            : null;
    }

    private static PublishedPort? Published(string? type, IpAddress? address, ushort? host, ushort? container) =>
        type is "tcp" or "udp" && host is { } from && container is { } to
        ? new PublishedPort(type == "tcp" ? Protocol.Tcp : Protocol.Udp, address, from, to)
        : null;
}
