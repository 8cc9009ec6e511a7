namespace Bindwise.Planning.Formats.Compose;

/// <summary>What of a service matters to ports, merged from the files of its project.</summary>
internal sealed record ComposeService(string Name)
{
    public PlanLocation? Location { get; init; }
    public ImmutableArray<ComposePort> Ports { get; init; } = [];
    public ImmutableArray<string> Profiles { get; init; } = [];
    public string? NetworkMode { get; init; }

    /// <summary>The folders that its image is built from: the context, and that of its Dockerfile.</summary>
    public ImmutableArray<string> BuildFolders { get; init; } = [];

    public ImmutableArray<string> Mounts { get; init; } = [];

    /// <summary>How many containers of it run; null where nothing tells: one.</summary>
    public int? Replicas { get; init; }

    /// <summary>Whether a value stands in place of the earlier one (compose-spec, 13-merge).</summary>
    public static bool IsReplaced(DocumentNode? value) => value?.Tag is YamlTree.Reset or "!override";

    /// <summary>The service as a later file changes it: lists grow, other values are replaced (compose-spec, 13-merge).</summary>
    /// <param name="over">What the later file says.</param>
    /// <param name="node">The same as it stands there, with its tags.</param>
    public ComposeService With(ComposeService over, DocumentNode node)
    {
        ImmutableArray<T> Grown<T>(string key, ImmutableArray<T> before, ImmutableArray<T> after) =>
            IsReplaced(node[key]) ? after : [.. before, .. after];
        return this with
        {
            Location = Location ?? over.Location,
            Ports = ComposePort.Unique(Grown("ports", Ports, over.Ports)),
            Profiles = [.. Grown("profiles", Profiles, over.Profiles).Distinct()],
            NetworkMode = over.NetworkMode ?? (IsReplaced(node["network_mode"]) ? null : NetworkMode),
            BuildFolders = over.BuildFolders.IsEmpty && !IsReplaced(node["build"]) ? BuildFolders : over.BuildFolders,
            Mounts = Grown("volumes", Mounts, over.Mounts),
            Replicas = over.Replicas ?? (IsReplaced(node["scale"]) || IsReplaced(node["deploy"]) ? null : Replicas),
        };
    }

    public static ComposeService Read(string name, DocumentNode node, PlanLocation at, string folder, ComposePorts ports,
        ComposeInterpolation variables)
    {
        string? Text(DocumentNode? value) => value?.Text is { } text ? variables.Replace(text, []) : null;
        var build = Text(node["build"]) ?? Text(node["build"]?["context"]);
        return new ComposeService(name)
        {
            Location = at,
            Ports = ComposePort.Unique([.. ports.ReadAll(node["ports"], "service " + name)]),
            Profiles = [.. (node["profiles"]?.Items ?? []).Select(Text).OfType<string>()],
            NetworkMode = Text(node["network_mode"]),
            BuildFolders = build is null || build.Contains("://", StringComparison.Ordinal) ? [] : FoldersOf(
                PlanPath.Combine(folder, build), Text(node["build"]?["dockerfile"])),
            Mounts = [.. (node["volumes"]?.Items ?? []).Select(volume => MountOf(volume, Text)).OfType<string>()
                .Select(path => PlanPath.Combine(folder, path))],
            Replicas = int.TryParse(Text(node["scale"]) ?? Text(node["deploy"]?["replicas"]), out var replicas)
                && replicas is >= 0 and < 10_000 ? replicas : null,
        };
    }

    private static ImmutableArray<string> FoldersOf(string context, string? dockerfile) => dockerfile is null ? [context]
        : [context, PlanPath.FolderOf(PlanPath.Combine(context, dockerfile))];

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
