namespace Bindwise.Planning.Formats.Containers;

/// <summary>
/// Kubernetes objects: hostPort of containers, the ports of pods with hostNetwork, and nodePort of Services. They are taken on the nodes of
/// a cluster, so they meet only one another.
/// </summary>
internal sealed class KubernetesReader(PlanContext context)
{
    public const string Format = "kubernetes";
    private const int MostDepth = 4;
    private const int MostObjects = 10_000;

    private static readonly HashSet<string> ContainerPortKeys = ["containerPort", "hostPort", "hostIP", "name", "protocol"];
    private static readonly HashSet<string> ServicePortKeys = ["name", "protocol", "appProtocol", "port", "targetPort", "nodePort"];

    private const int MostNamespaces = 50;

    private readonly List<(KubernetesObject Of, PlannedPort Port)> _ports = [];
    private int _objects;

    private sealed record KubernetesObject(string Kind, string Namespace, string Name)
    {
        public string Label => $"{Kind} {(Namespace.Length == 0 ? "" : Namespace + "/")}{Name}";
    }

    public void Read(string file)
    {
        if (context.Read(file, Format)?.Contains("{{", StringComparison.Ordinal) == true)
        {
            context.Warn("template", "this is a template, whose values are not in the file: render it first (helm template)",
                new PlanLocation(file, 1), PlanLevel.Note);
            return;
        }
        foreach (var document in context.ReadYaml(file, Format))
            ReadObject(document, file, 0);
    }

    /// <summary>
    /// Adds what was read. The same object in another file is another version of it, as an overlay's; without a namespace, in any.
    /// </summary>
    public void AddAll()
    {
        var labels = _ports.Select(static one => one.Of).Distinct().ToLookup(static one => (one.Kind, one.Name), static one => one.Label);
        foreach (var (named, port) in _ports)
        {
            var same = named.Namespace.Length > 0 ? [named.Label] : labels[(named.Kind, named.Name)].Take(MostNamespaces);
            context.Add(port with
            {
                Alternatives = [.. port.Alternatives, .. same.Select(label => new PlanAlternative("object " + label, port.Location.File))],
            });
        }
    }

    private void ReadObject(DocumentNode node, string file, int depth)
    {
        var kind = node["kind"]?.Text;
        if (kind is null)
            return;
        if (++_objects > MostObjects)
        {
            context.Warn("too-many-ports", $"there are more than {MostObjects} objects; those from here on are left out",
                new PlanLocation(file, node.Line));
            return;
        }
        if (kind.EndsWith("List", StringComparison.Ordinal) && depth < MostDepth)
        {
            foreach (var item in node["items"]?.Items ?? [])
                ReadObject(item, file, depth + 1);
            return;
        }
        var named = new KubernetesObject(kind, node["metadata"]?["namespace"]?.Text ?? "", node["metadata"]?["name"]?.Text ?? "?");
        var spec = node["spec"];
        switch (kind)
        {
            case "Pod":
                ReadPod(spec, named, file);
                break;
            case "Deployment" or "DaemonSet" or "StatefulSet" or "ReplicaSet" or "ReplicationController" or "Job":
                ReadPod(spec?["template"]?["spec"], named, file);
                break;
            case "CronJob":
                ReadPod(spec?["jobTemplate"]?["spec"]?["template"]?["spec"], named, file);
                break;
            case "Service":
                ReadService(spec, named, file);
                break;
        }
    }

    private void ReadPod(DocumentNode? pod, KubernetesObject named, string file)
    {
        var isHostNetwork = pod?["hostNetwork"]?.Text == "true";
        // A label has one value on each node.
        var nodes = (pod?["nodeSelector"]?.Entries ?? [])
            .Select(static label => new PlanAlternative("nodes by " + label.Key, label.Value.Text ?? "")).ToImmutableArray();
        foreach (var container in (pod?["containers"]?.Items ?? []).Concat(pod?["initContainers"]?.Items ?? []))
        {
            foreach (var port in container["ports"]?.Items ?? [])
            {
                context.WarnOfUnknownKeys(file, port, ContainerPortKeys, "a container's port");
                // With the host's network a container's port is the host's.
                var node = port["hostPort"] ?? (isHostNetwork ? port["containerPort"] : null);
                if (node is null)
                    continue;
                var at = new PlanLocation(file, node.Line, node.Column);
                if (PortWords.Port(node.Text) is not { } number || ProtocolOf(port["protocol"]?.Text) is not { } protocol)
                {
                    if (node.Text != "0" && port["protocol"]?.Text != "SCTP")
                        context.Warn("not-understood", $"hostPort {node.Text} of {named.Label} is not a port", at);
                    continue;
                }
                var host = port["hostIP"]?.Text;
                Add(named, at, PlanPlace.Node, $"{(port["hostPort"] is null ? "containerPort" : "hostPort")} {number}",
                    BindsOf(host, protocol, number), nodes);
            }
        }
    }

    private void ReadService(DocumentNode? spec, KubernetesObject named, string file)
    {
        if (spec?["type"]?.Text is not ("NodePort" or "LoadBalancer"))
            return;
        foreach (var port in spec["ports"]?.Items ?? [])
        {
            context.WarnOfUnknownKeys(file, port, ServicePortKeys, "a Service's port");
            if (port["nodePort"] is not { } node)
                continue;
            var at = new PlanLocation(file, node.Line, node.Column);
            if (PortWords.Port(node.Text) is { } number && ProtocolOf(port["protocol"]?.Text) is { } protocol)
                Add(named, at, PlanPlace.Cluster, $"nodePort {number}", Binder.Engine.EachWildcard(protocol, number), []);
            else if (node.Text is not ("0" or null) && port["protocol"]?.Text != "SCTP")
                context.Warn("not-understood", $"nodePort {node.Text} of {named.Label} is not a port", at);
        }
    }

    private void Add(KubernetesObject named, PlanLocation at, PlanPlace place, string text, ImmutableArray<BindRequest> binds,
        ImmutableArray<PlanAlternative> nodes) =>
        _ports.Add((named, new PlannedPort
        {
            Format = Format,
            Location = at,
            Name = named.Label,
            Text = text,
            Binds = binds,
            Place = place,
            Alternatives = nodes,
            IsPrivilegedProgram = true,
        }));

    // The scheduler takes 0.0.0.0 for every address (HostPortInfo, pkg/scheduler/framework/types.go).
    private static ImmutableArray<BindRequest> BindsOf(string? host, Protocol protocol, int port) =>
        host is { Length: > 0 } && IpAddress.TryParse(host, out var address) && !address.IsAny
            ? [Binder.Engine.Bind(protocol, address, port, v6Only: true)]
            : Binder.Engine.EachWildcard(protocol, port);

    private static Protocol? ProtocolOf(string? text) => text switch
    {
        null or "TCP" => Protocol.Tcp,
        "UDP" => Protocol.Udp,
        _ => null,
    };
}
