using Bindwise.Planning.Formats;
using Bindwise.Planning.Formats.Commands;
using Bindwise.Planning.Formats.Compose;
using Bindwise.Planning.Formats.Containers;
using Bindwise.Planning.Formats.DotNet;
using Bindwise.Planning.Formats.Proxies;
using Bindwise.Planning.Formats.Systemd;

namespace Bindwise.Planning;

/// <param name="Format">The id of its format; null to tell it by name and text.</param>
/// <param name="IsNamed">It was named, not found: compose files that are named together are merged, in their order.</param>
internal sealed record PlanFile(string Path, string? Format = null, bool IsNamed = false);

/// <param name="Remarks">What was not read or not understood, and what deserves attention in the files themselves.</param>
internal sealed record PlanInput(ImmutableArray<PlannedPort> Ports, ImmutableArray<PlanRemark> Remarks, ImmutableArray<PlanSource> Sources)
{
    /// <summary>Every profile that a compose file names, in order.</summary>
    public ImmutableArray<string> Profiles { get; init; } = [];

    /// <summary>A file, or a part of one, was not read; a remark says which.</summary>
    public bool IsPart { get; init; }
}

/// <summary>Reads files that name ports. Whatever is in them, it ends with what could be read and one line for what could not.</summary>
internal static class PlanReader
{
    // In the order in which compose looks for them (compose-go, cli/options.go).
    private static readonly string[] MainNames = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
    private static readonly string[] OverrideNames = ["compose.override.yml", "compose.override.yaml", "docker-compose.override.yml",
        "docker-compose.override.yaml"];

    public static PlanInput Read(IReadOnlyList<PlanFile> files, IPlanFiles access, CancellationToken cancellationToken = default)
    {
        var context = new PlanContext(access);
        var byFormat = files.DistinctBy(static file => file.Path).ToLookup(file =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            return FormatOf(file, context);
        });
        List<PlanFile> Of(string format) => [.. byFormat[format]];
        // First compose: what it mounts into containers does not run on the host, and its .env is its own.
        new ComposeReader(context).Read(Projects(Of(ComposeReader.Format), context));
        void ReadEach(IEnumerable<string> paths, Action<string> read)
        {
            foreach (var path in paths)
            {
                cancellationToken.ThrowIfCancellationRequested();
                read(path);
            }
        }
        void Each(string format, Action<string> read) => ReadEach(Of(format).Select(static file => file.Path), read);
        // Drop-ins are read with their unit, whose own file may be elsewhere.
        void EachUnit(string format, Action<string> read) =>
            ReadEach(Of(format).Select(static file => UnitText.UnitOf(file.Path)).Distinct(), read);
        EachUnit(SocketUnitFileReader.Format, new SocketUnitFileReader(context).Read);
        EachUnit(ServiceUnitReader.Format, new ServiceUnitReader(context).Read);
        Each(ProcfileReader.Format, new ProcfileReader(context).Read);
        Each(PackageReader.Format, new PackageReader(context).Read);
        Each(DotEnv.Format, new DotEnvReader(context).Read);
        Each(LaunchSettingsReader.Format, new LaunchSettingsReader(context).Read);
        foreach (var folder in Of(AppSettingsReader.Format).GroupBy(static file => PlanPath.FolderOf(file.Path)))
            new AppSettingsReader(context).ReadFolder(folder.Key, [.. folder.Select(static file => file.Path)
                .OrderBy(static path => path.Length).ThenBy(static path => path, StringComparer.Ordinal)]);
        ReadProxies(Of(NginxReader.Format), Of(HaproxyReader.Format), context);
        var kubernetes = new KubernetesReader(context);
        Each(KubernetesReader.Format, kubernetes.Read);
        kubernetes.AddAll();
        Each(DevContainerReader.Format, new DevContainerReader(context).Read);
        return new PlanInput([.. context.Ports], [.. context.Remarks], [.. context.Sources.Select(Explain)])
        {
            Profiles = [.. context.Profiles.Order(StringComparer.Ordinal)],
            IsPart = context.IsPart,
        };

        // What was not read may name one all the same.
        PlanSource Explain(PlanSource source) => source is { Ports: 0, WhyNone: null } && !context.IsFull && !context.IsFaulty(source.File)
            ? source with { WhyNone = PlanFormats.WhyNoPorts(source.Format) } : source;
    }

    private static string? FormatOf(PlanFile file, PlanContext context)
    {
        if (file.Format is not null || PlanFormats.OfPath(file.Path) is not null)
            return file.Format ?? PlanFormats.OfPath(file.Path);
        var likely = PlanFormats.LikelyOf(file.Path);
        if (!file.IsNamed && likely is null)
            return null;
        if (context.Read(file.Path, null, file.IsNamed) is not { } text)
            return null;
        var format = PlanFormats.OfText(file.Path, text);
        if (!file.IsNamed)
            return format == likely ? format : null;
        if (format is null)
            context.Miss("unknown-format",
                $"the format of this file was not recognized: name it with --as ({string.Join(", ", PlanFormats.All)})",
                new PlanLocation(file.Path, 1));
        return format;
    }

    /// <summary>
    /// The projects: files of one folder that are named are merged, as with <c>docker compose -f A -f B</c>; of those that are found, those
    /// that the folder's .env names are one, or else the main one with its override, and every other is a project of its own, which
    /// excludes it.
    /// </summary>
    private static IEnumerable<ImmutableArray<string>> Projects(List<PlanFile> files, PlanContext context)
    {
        var folders = files.ToLookup(static file => (Folder: PlanPath.FolderOf(file.Path), file.IsNamed));
        foreach (var folder in folders.Where(static folder => folder.Key.IsNamed))
            yield return [.. folder.Select(static file => file.Path)];
        var found = folders.Where(static folder => !folder.Key.IsNamed)
            .Select(folder => (folder, Chosen: ComposeReader.FilesOf(context, folder.Key.Folder))).ToList();
        var taken = found.SelectMany(static one => one.Chosen).ToHashSet();
        foreach (var (folder, chosen) in found)
        {
            if (!chosen.IsEmpty)
                yield return chosen;
            var names = folder.Where(file => !taken.Contains(file.Path)).Select(static file => PlanPath.NameOf(file.Path)).ToHashSet();
            var first = chosen.IsEmpty ? MainNames.FirstOrDefault(names.Contains) : null;
            var over = first is null ? null : OverrideNames.FirstOrDefault(names.Contains);
            if (first is not null)
                yield return over is null ? [PlanPath.Combine(folder.Key.Folder, first)]
                    : [PlanPath.Combine(folder.Key.Folder, first), PlanPath.Combine(folder.Key.Folder, over)];
            foreach (var name in names.Where(name => name != first && name != over && !MainNames.Contains(name))
                .Order(StringComparer.Ordinal))
                yield return [PlanPath.Combine(folder.Key.Folder, name)];
        }
    }

    private static void ReadProxies(List<PlanFile> nginx, List<PlanFile> haproxy, PlanContext context)
    {
        var dockerfiles = new Dockerfiles(context);
        new NginxReader(context).Read(nginx.Where(file => !IsInContainer(file, dockerfiles, context)));
        foreach (var file in haproxy.Where(file => !IsInContainer(file, dockerfiles, context)))
            new HaproxyReader(context).Read(file.Path);
    }

    private static bool IsInContainer(PlanFile file, Dockerfiles dockerfiles, PlanContext context)
    {
        if (file.IsNamed || (!context.InContainers.Any(place => PlanPath.IsWithin(file.Path, place)) && !dockerfiles.Copy(file.Path)))
            return false;
        context.Warn("in-container", "a compose file or a Dockerfile has it in a container, whose ports are its own: not read",
            new PlanLocation(file.Path, 1), PlanLevel.Note);
        return true;
    }
}
