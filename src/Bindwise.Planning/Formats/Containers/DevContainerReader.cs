using Bindwise.Planning.Formats.Compose;

namespace Bindwise.Planning.Formats.Containers;

/// <summary>
/// devcontainer.json (containers.dev): <c>appPort</c>, which the engine publishes, and <c>forwardPorts</c>, which the editor forwards: to
/// another port where that one is taken, unless <c>requireLocalPort</c> is set.
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
        // With compose files it is they that publish ports.
        foreach (var entry in root["dockerComposeFile"] is null ? Each(root["appPort"]) : [])
        {
            // A number is published on loopback; a string is given to the engine as it is, which chooses the host's port for "3000".
            if (entry is ScalarNode { IsString: false } && PortWords.Port(entry.Text) is { } number)
                Add(file, entry, project, $"appPort {number}", [Binder.Engine.Bind(Protocol.Tcp, IpAddress.LoopbackIPv4, number)], 1,
                    PlanCertainty.Stated);
            else if (ports.Read(entry, "the dev container") is { } port)
                Add(file, entry, project, $"appPort {port.Text}", ComposePorts.BindsOf(port), port.Last - port.First + 1,
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
