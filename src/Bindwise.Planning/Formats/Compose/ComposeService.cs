namespace Bindwise.Planning.Formats.Compose;

/// <summary>What of a service matters to ports, merged from the files of its project.</summary>
internal sealed record ComposeService(string Name)
{
    public PlanLocation? Location { get; init; }
    public ImmutableArray<ComposePort> Ports { get; init; } = [];
    public ImmutableArray<string> Profiles { get; init; } = [];
    public string? NetworkMode { get; init; }

    /// <summary>The folder that its image is built from; null for none.</summary>
    public string? BuildFolder { get; init; }

    /// <summary>Paths of the host that it mounts.</summary>
    public ImmutableArray<string> Mounts { get; init; } = [];

    public int Replicas { get; init; } = 1;

    /// <summary>The service as a later file changes it: lists grow, other values are replaced (compose-spec, 13-merge).</summary>
    /// <param name="over">What the later file says.</param>
    /// <param name="isReplaced">Its ports stand in place of the earlier ones (<c>!override</c>, <c>!reset</c>).</param>
    public ComposeService With(ComposeService over, bool isReplaced) => this with
    {
        Location = Location ?? over.Location,
        Ports = isReplaced ? over.Ports : [.. Ports.Concat(over.Ports).DistinctBy(static port => port.Key)],
        Profiles = [.. Profiles.Union(over.Profiles)],
        NetworkMode = over.NetworkMode ?? NetworkMode,
        BuildFolder = over.BuildFolder ?? BuildFolder,
        Mounts = [.. Mounts, .. over.Mounts],
        Replicas = over.Replicas != 1 ? over.Replicas : Replicas,
    };

    public static ComposeService Read(string name, DocumentNode node, PlanLocation at, string folder, ComposePorts ports,
        ComposeInterpolation variables)
    {
        string? Text(DocumentNode? value) => value?.Text is { } text ? variables.Replace(text, []) : null;
        var build = Text(node["build"]) ?? Text(node["build"]?["context"]);
        return new ComposeService(name)
        {
            Location = at,
            Ports = [.. (node["ports"]?.Items ?? []).Select(entry => ports.Read(entry, "service " + name)).OfType<ComposePort>()
                .DistinctBy(static port => port.Key)],
            Profiles = [.. (node["profiles"]?.Items ?? []).Select(Text).OfType<string>()],
            NetworkMode = Text(node["network_mode"]),
            BuildFolder = build is null || build.Contains("://", StringComparison.Ordinal) ? null : PlanPath.Combine(folder, build),
            Mounts = [.. (node["volumes"]?.Items ?? []).Select(volume => MountOf(volume, Text)).OfType<string>()
                .Select(path => PlanPath.Combine(folder, path))],
            Replicas = int.TryParse(Text(node["scale"]) ?? Text(node["deploy"]?["replicas"]), out var replicas)
                && replicas is > 1 and < 10_000 ? replicas : 1,
        };
    }

    // "./nginx.conf:/etc/nginx/nginx.conf:ro", or a map of type bind. Named volumes have no slash.
    private static string? MountOf(DocumentNode volume, Func<DocumentNode?, string?> text)
    {
        if (volume is MapNode)
            return text(volume["type"]) == "bind" ? text(volume["source"]) : null;
        var source = text(volume) is { } written && written.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? written[..colon]
            : null;
        return source is ['.' or '/', ..] ? source : null;
    }
}
