using Bindwise.Planning.Formats.Compose;

namespace Bindwise.Planning.Formats.Containers;

/// <summary>
/// devcontainer.json (containers.dev): <c>appPort</c> and <c>-p</c> of <c>runArgs</c>, which the engine publishes, and
/// <c>forwardPorts</c>, which the editor forwards: to another port where that one is taken, unless <c>requireLocalPort</c> is set.
/// </summary>
internal sealed class DevContainerReader(PlanContext context)
{
    public const string Format = "devcontainer";

    public void Read(string file)
    {
        if (context.ReadJson(file, Format) is not { } root)
            return;
        if (root is not MapNode)
        {
            context.Warn("not-understood", "this is not a devcontainer.json: an object is missing", new PlanLocation(file, root.Line));
            return;
        }
        var project = PlanPath.ProjectOf(PlanPath.FolderOf(file));
        var ports = new ComposePorts(context, file, ComposeInterpolation.Empty);
        // With compose files it is they that publish ports; and in the host's network, or another container's, nothing is published.
        var isCompose = root["dockerComposeFile"] is not null;
        var network = isCompose ? null : ValuesOf(root["runArgs"], "--network", "--net").FirstOrDefault(static one =>
            one.Text is "host" or "none" || one.Text?.StartsWith("container:", StringComparison.Ordinal) == true);
        var publishes = !isCompose && network is null;
        if (!publishes)
            context.WhyNone[file] = isCompose ? "its compose files publish the ports" : "the network of its runArgs publishes no ports";
        if (network?.Text == "host")
            context.Warn("host-network", "the dev container uses the host's network (runArgs): which ports its programs bind "
                + "is not in the file", new PlanLocation(file, network.Line, network.Column), PlanLevel.Note);
        foreach (var entry in publishes ? Each(root["appPort"]) : [])
        {
            // A number is published on loopback; a string is given to the engine as it is, which chooses the host's port for "3000".
            if (entry is ScalarNode { IsString: false } && PortWords.Port(entry.Text) is { } number)
                Add(file, entry, project, $"appPort {number}", [Binder.Engine.Bind(Protocol.Tcp, IpAddress.LoopbackIPv4, number)], 1,
                    PlanCertainty.Stated);
            else if (ports.Read(entry, "the dev container") is { } port)
                Add(file, entry, project, $"appPort {port.Text}", ComposePorts.BindsOf(port), port.Last - port.First + 1,
                    port.IsOneOf ? PlanCertainty.Preferred : PlanCertainty.Stated);
        }
        foreach (var entry in publishes ? ValuesOf(root["runArgs"], "-p", "--publish") : [])
        {
            if (ports.Read(entry, "the dev container") is { } port)
                Add(file, entry, project, $"runArgs -p {port.Text}", ComposePorts.BindsOf(port), port.Last - port.First + 1,
                    port.IsOneOf ? PlanCertainty.Preferred : PlanCertainty.Stated);
        }
        var ranges = (root["portsAttributes"]?.Entries ?? []).Select(static one => (PortWords.Range(one.Key), one.Value)).ToArray();
        foreach (var entry in Each(root["forwardPorts"]).TakeWhile(_ => !context.IsFull))
        {
            var text = entry.Text ?? "";
            if (PortWords.Port(text[(text.LastIndexOf(':') + 1)..]) is not { } number)
            {
                context.Warn("not-understood", $"forwardPorts {text} is not a port", new PlanLocation(file, entry.Line, entry.Column));
                continue;
            }
            var attributes = root["portsAttributes"]?[text]
                ?? Array.Find(ranges, one => one.Item1 is { } range && number >= range.First && number <= range.Last).Value
                ?? root["otherPortsAttributes"];
            var isRequired = attributes?["requireLocalPort"]?.Text == "true";
            Add(file, entry, project, $"forwardPorts {text}", [Binder.Program.Bind(Protocol.Tcp, IpAddress.LoopbackIPv4, number)], 1,
                isRequired ? PlanCertainty.Stated : PlanCertainty.Preferred);
        }
    }

    // -p 8080:80, --publish 8080:80, -p8080:80, -p=8080:80, --publish=8080:80 (docker run).
    private static IEnumerable<DocumentNode> ValuesOf(DocumentNode? arguments, params string[] options)
    {
        var isNext = false;
        foreach (var one in arguments?.Items ?? [])
        {
            if (one.Text is not { } text)
                continue;
            var option = Array.Find(options, option => text.StartsWith(option, StringComparison.Ordinal)
                && (text.Length == option.Length || text[option.Length] == '=' || option.Length == 2));
            if (isNext)
                yield return one;
            else if (option is not null && text.Length > option.Length)
                yield return new ScalarNode(one.Line, one.Column, text[option.Length..].TrimStart('='));
            isNext = !isNext && text == option;
        }
    }

    private static ImmutableArray<DocumentNode> Each(DocumentNode? node) =>
        node is ListNode list ? list.Values : node is ScalarNode { IsNull: false } ? [node] : [];

    private void Add(string file, DocumentNode entry, string project, string text, ImmutableArray<BindRequest> binds, int count,
        PlanCertainty certainty) => context.Add(new PlannedPort
        {
            Format = Format,
            Location = new PlanLocation(file, entry.Line, entry.Column),
            Name = "dev container",
            Text = text,
            Binds = binds,
            Count = count,
            Certainty = certainty,
            // Each configuration of a project is one way to work on it; and what runs in the container are that project's programs.
            Alternatives = [PlanAlternative.OfProgram(project, file, isOfAllBelow: true)],
        });
}

/// <summary>Dockerfiles, of which one thing is read: what they copy into an image.</summary>
internal sealed class Dockerfiles(PlanContext context)
{
    // By folder: the files of a project have most of theirs in common.
    private readonly Dictionary<string, HashSet<string>> _sources = new(StringComparer.Ordinal);

    /// <summary>Whether one beside a file or above it copies the file, by its path or that of a folder.</summary>
    public bool Copy(string file)
    {
        // Where the paths begin (the build's context) is not in the Dockerfile: at any folder above. A copy of everything says nothing of
        // the one file.
        var parts = file.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var paths = Enumerable.Range(0, parts.Length).SelectMany(from => Enumerable.Range(from + 1, parts.Length - from)
            .Select(to => string.Join('/', parts[from..to]))).ToList();
        for (var folder = PlanPath.FolderOf(file); ; folder = PlanPath.FolderOf(folder))
        {
            if (paths.Exists(SourcesIn(folder).Contains))
                return true;
            if (folder is "" or "/")
                return false;
        }
    }

    private HashSet<string> SourcesIn(string folder) => _sources.TryGetValue(folder, out var known) ? known
        : _sources[folder] = [.. ReadSources(folder).Select(static source => PlanPath.Combine("/", source)[1..])];

    private IEnumerable<string> ReadSources(string folder)
    {
        foreach (var name in context.Files.List(folder))
        {
            if (name is not ("Dockerfile" or "Containerfile") && !name.StartsWith("Dockerfile.", StringComparison.Ordinal)
                && !name.EndsWith(".Dockerfile", StringComparison.OrdinalIgnoreCase))
                continue;
            var text = context.Read(PlanPath.Combine(folder, name), null, isOurs: false) ?? "";
            foreach (var (_, line) in ConfigurationLines.Of(text, continues: true))
            {
                if (CommandLineWords.Split(line) is not [var verb, .. var rest] || verb.ToUpperInvariant() is not ("COPY" or "ADD"))
                    continue;
                var words = rest.Where(static word => !word.StartsWith('-')).ToArray();
                // The form of a JSON list: the words have lost their quotes.
                if (words is [['[', ..], ..])
                    words = string.Join(' ', words).Trim('[', ']').Split(',', StringSplitOptions.TrimEntries);
                // Of "nginx/*.conf" the folder.
                foreach (var source in words.SkipLast(1))
                    yield return source.Contains('*', StringComparison.Ordinal) ? PlanPath.FolderOf(source) : source;
            }
        }
    }
}
