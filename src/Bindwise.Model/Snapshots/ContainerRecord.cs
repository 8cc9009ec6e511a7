namespace Bindwise.Model.Snapshots;

/// <summary>
/// A container, as its engine tells it, or the files that the engine keeps. Names and labels are what somebody chose: renderers escape
/// them.
/// </summary>
internal sealed record ContainerRecord
{
    private readonly EquatableArray<PublishedPort> _published;
    private readonly EquatableArray<IpAddress> _addresses;

    private const int ShortIdLength = 12;

    /// <summary>The id, whole: what <see cref="ProcessRecord.Container"/> holds for the processes in it.</summary>
    public required string Id { get; init; }

    /// <summary>An id as engines print it in lists: its first twelve characters, which commands take for the whole.</summary>
    public static string ShortId(string id) => id.Length > ShortIdLength ? id[..ShortIdLength] : id;

    /// <summary>The name, without the engine's leading slash; null when not known.</summary>
    public string? Name { get; init; }

    /// <summary><c>docker</c>, <c>podman</c>, <c>containerd</c> or <c>cri-o</c>.</summary>
    public string Engine { get; init; } = "";

    /// <summary>The user whose own (rootless) engine runs it; null for the system's engine.</summary>
    public uint? UserId { get; init; }

    /// <summary>The image, by the name it was started with; null when not known.</summary>
    public string? Image { get; init; }

    /// <summary>The compose project (label com.docker.compose.project); null for none.</summary>
    public string? ComposeProject { get; init; }

    /// <summary>The compose service (label com.docker.compose.service); null for none.</summary>
    public string? ComposeService { get; init; }

    public string? PodName { get; init; }
    public string? PodNamespace { get; init; }
    public string? PodUid { get; init; }

    /// <summary>The engine itself told of it: who asks may give it orders, too, without being root.</summary>
    public bool IsReportedByEngine { get; init; }

    /// <summary>How often the engine started it anew by itself; null when not known.</summary>
    public int? Restarts { get; init; }

    /// <summary>The ports that the engine publishes for it on this host.</summary>
    public ImmutableArray<PublishedPort> Published { get => _published; init => _published = value; }

    public ImmutableArray<IpAddress> Addresses { get => _addresses; init => _addresses = value; }
}

/// <summary>A port of a container that the engine publishes on the host.</summary>
/// <param name="HostAddress">The address on the host; null for every one.</param>
internal readonly record struct PublishedPort(Protocol Protocol, IpAddress? HostAddress, ushort HostPort, ushort ContainerPort);
