using System.Text.Json;
using Bindwise.Linux.Accounts;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Containers;

/// <summary>What engines keep in files about their containers: read where the engine cannot be asked.</summary>
/// <param name="root">Where the host's files are: empty for this host.</param>
internal sealed class ContainerFiles(string root)
{
    private const int MaximumBytes = 8 * 1024 * 1024;
    private const int MaximumEntries = 512;
    private const string DockerFolder = "/var/lib/docker/containers";

    private static readonly string[] TaskFolders = ["/run/containerd/io.containerd.runtime.v2.task",
        "/run/k3s/containerd/io.containerd.runtime.v2.task"];

    private static readonly string[] CrioFolders = ["/run/containers/storage/overlay-containers",
        "/var/lib/containers/storage/overlay-containers"];

    // Each storage driver has its own folder (containers-storage.conf(5)).
    private static readonly string[] PodmanDrivers = ["overlay", "vfs", "btrfs", "zfs"];

    private readonly ForeignFolder _system = ForeignFolder.OfSystem(root);

    /// <summary>Docker's file about a container; null when there is none, or it may not be read.</summary>
    internal ContainerRecord? OfDocker(string id) =>
        IsName(id) ? Read($"{DockerFolder}/{id}/config.v2.json", ContainerForms.OfDockerFile) : null;

    /// <summary>All of Docker's files, as far as there are not too many.</summary>
    internal IEnumerable<ContainerRecord> OfDocker() => List(DockerFolder).Select(OfDocker).OfType<ContainerRecord>();

    /// <summary>The bundle of a container of containerd or CRI-O.</summary>
    internal ContainerRecord? OfBundle(string id)
    {
        if (!IsName(id))
            return null;
        foreach (var folder in TaskFolders)
        {
            foreach (var space in List(folder))
            {
                if (Read($"{folder}/{space}/{id}/config.json", bundle => ContainerForms.OfBundle(bundle, id, "containerd")) is { } found)
                    return found;
            }
        }
        return CrioFolders.Select(
            folder => Read($"{folder}/{id}/userdata/config.json", bundle => ContainerForms.OfBundle(bundle, id, "cri-o")))
            .FirstOrDefault(static found => found is { Name: not null } or { PodName: not null });
    }

    /// <summary>Podman's storage, the system's or a user's.</summary>
    internal ContainerRecord? OfPodman(string id, uint? user)
    {
        if (user is null)
            return OfStorage(_system, "/var/lib/containers/storage");
        return HomeFolder.Of(root, user.Value) is { } home
            ? OfStorage(ForeignFolder.OfUser(root + home, user.Value), "/.local/share/containers/storage") : null;

        ContainerRecord? OfStorage(ForeignFolder place, string folder) => PodmanDrivers
            .Select(driver =>
                Read(place, $"{folder}/{driver}-containers/containers.json", list => ContainerForms.OfStorage(list, id, user)))
            .FirstOrDefault(static found => found is not null);
    }

    private ContainerRecord? Read(string path, Func<JsonElement, ContainerRecord?> understand) => Read(_system, path, understand);

    private static ContainerRecord? Read(ForeignFolder place, string path, Func<JsonElement, ContainerRecord?> understand)
    {
        var bytes = place.Read(path, MaximumBytes);
        return bytes.IsEmpty ? null : HostileJson.Read(bytes.ToArray(), understand);
    }

    private List<string> List(string folder) => _system.List(folder, MaximumEntries);

    // What stands in a cgroup's path somebody chose: it goes into no path of a file unless it is an id.
    private static bool IsName(string id) => id.Length is >= 12 and <= 128 && id.All(static c => char.IsAsciiHexDigitLower(c));
}

/// <summary>JSON from somebody else: any shape of it gives a value or nothing, and texts are bounded.</summary>
internal static class HostileJson
{
    private const int MaximumText = 256;

    /// <summary>
    /// Reads a document and what it means; the default when it is none, or holds what no text can be (half a surrogate pair in a name).
    /// </summary>
    internal static T? Read<T>(ReadOnlyMemory<byte> bytes, Func<JsonElement, T?> understand)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 64 });
            return understand(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return default;
        }
    }

    /// <summary>A field of an object; an undefined element when there is no such object or field.</summary>
    internal static JsonElement Field(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    /// <summary>The elements of a list; none of anything else.</summary>
    internal static IEnumerable<JsonElement> Elements(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [];

    /// <summary>The fields of an object; none of anything else.</summary>
    internal static IEnumerable<JsonProperty> Fields(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Object ? element.EnumerateObject() : [];

    /// <summary>A text that is not empty, cut where it is longer than any name; null for anything else.</summary>
    internal static string? Text(this JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.String)
            return null;
        try
        {
            var text = element.GetString();
            return string.IsNullOrEmpty(text) ? null : text.Length <= MaximumText ? text : text[..MaximumText] + "…";
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, or bytes that are not UTF-8.
            return null;
        }
    }

    internal static string? Text(this JsonElement element, string name) => element.Field(name).Text();

    /// <summary>A port from a number or its text; null for anything else and for 0.</summary>
    internal static ushort? Port(this JsonElement element) =>
        (element.ValueKind == JsonValueKind.Number && element.TryGetUInt16(out var port)) || ushort.TryParse(element.Text(), out port)
            ? port == 0 ? null : port : null;

    /// <summary>A number from 0 up; null for anything else.</summary>
    internal static int? Count(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var count) && count >= 0 ? count : null;

    /// <summary>An address; null for anything else.</summary>
    internal static IpAddress? Address(this JsonElement element) => IpAddress.TryParse(element.Text(), out var address) ? address : null;
}

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
            IsReportedByEngine = true,
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
