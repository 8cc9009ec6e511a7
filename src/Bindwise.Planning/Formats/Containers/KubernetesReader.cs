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
        var spec = node["spec"];
        switch (kind)
        {
            case "Pod":
                ReadPod(spec, Named, file);
                break;
            case "Deployment" or "StatefulSet" or "ReplicaSet" or "ReplicationController" when (spec?["replicas"] is { Text: "0" } none):
                context.Warn("no-replicas", $"{Named().Label} has 0 replicas: Kubernetes starts no pod of it",
                    new PlanLocation(file, none.Line, none.Column), PlanLevel.Note);
                break;
            case "Deployment" or "DaemonSet" or "StatefulSet" or "ReplicaSet" or "ReplicationController" or "Job":
                ReadPod(spec?["template"]?["spec"], Named, file);
                break;
            case "CronJob":
                ReadPod(spec?["jobTemplate"]?["spec"]?["template"]?["spec"], Named, file);
                break;
            case "Service":
                ReadService(spec, Named, file);
                break;
        }

        // Of an object without ports the name does not matter.
        KubernetesObject Named() => new(kind, TextOf(node["metadata"]?["namespace"], file) ?? "",
            TextOf(node["metadata"]?["name"], file) is { Length: > 0 } name ? name : "?");
    }

    private void ReadPod(DocumentNode? pod, Func<KubernetesObject> named, string file)
    {
        var isHostNetwork = TextOf(pod?["hostNetwork"], file) == "true";
        // A label has one value on each node.
        PlanAlternative[] nodes =
        [
            .. (pod?["nodeSelector"]?.Entries ?? []).Take(PlanContext.MostAlternatives)
                .Select(label => new PlanAlternative("nodes by " + label.Key, TextOf(label.Value, file) ?? "")),
        ];
        // One after the other, and before those of the pod; with restartPolicy: Always beside all.
        var first = (pod?["initContainers"]?.Items ?? []).Select((one, at) =>
            (one, TextOf(one["restartPolicy"], file) == "Always" ? null : string.Create(CultureInfo.InvariantCulture, $"init {at}")));
        foreach (var (container, phase) in (pod?["containers"]?.Items ?? []).Select(static one => (one, (string?)"main")).Concat(first))
        {
            foreach (var port in container["ports"]?.Items ?? [])
            {
                context.WarnOfUnknownKeys(file, port, ContainerPortKeys, "a container's port");
                // With the host's network a container's port is the host's.
                var key = isHostNetwork && port["hostPort"] is null ? "containerPort" : "hostPort";
                if (PortOf(port, key, named, file) is not var (number, protocol, at))
                    continue;
                if (!context.TakesOneMore(at))
                    return;
                PlanAlternative[] phases = phase is null ? [] : [new PlanAlternative($"pod {file}:{pod!.Line}:{pod.Column}", phase)];
                Add(named(), at, PlanPlace.Node, $"{key} {number}", BindsOf(TextOf(port["hostIP"], file), protocol, number),
                    [.. nodes, .. phases]);
            }
        }
    }

    private void ReadService(DocumentNode? spec, Func<KubernetesObject> named, string file)
    {
        if (TextOf(spec?["type"], file) is not ("NodePort" or "LoadBalancer"))
            return;
        foreach (var port in spec?["ports"]?.Items ?? [])
        {
            context.WarnOfUnknownKeys(file, port, ServicePortKeys, "a Service's port");
            if (PortOf(port, "nodePort", named, file) is var (number, protocol, at) && context.TakesOneMore(at))
                Add(named(), at, PlanPlace.Cluster, $"nodePort {number}", Binder.Engine.EachWildcard(protocol, number), []);
        }
    }

    /// <summary>The port under that key of an entry; null for none, and for what is not understood, which is told.</summary>
    private (int Number, Protocol Protocol, PlanLocation At)? PortOf(DocumentNode entry, string key, Func<KubernetesObject> named,
        string file)
    {
        if (entry[key] is not { } node)
            return null;
        var at = new PlanLocation(file, node.Line, node.Column);
        var (text, protocol) = (TextOf(node, file), TextOf(entry["protocol"], file) ?? "TCP");
        if (PortWords.Port(text) is { } number && protocol is "TCP" or "UDP")
            return (number, protocol == "UDP" ? Protocol.Udp : Protocol.Tcp, at);
        if (text is not (null or "" or "0") && protocol is not ("" or "SCTP"))
            context.Warn("not-understood", PortWords.Port(text) is null ? $"{key} {text} of {named().Label} is not a port"
                : $"protocol {protocol} of {key} {text} of {named().Label} is unknown to Kubernetes: write TCP, UDP or SCTP", at);
        return null;
    }

    /// <summary>A scalar's text; null for none, and empty for what is a template's, which is told.</summary>
    private string? TextOf(DocumentNode? node, string file)
    {
        // Without quotes {{ .Values.port }} is a map that has a map as its only key, and so none that is read.
        if (node is not MapNode { Values.IsEmpty: true } && node?.Text?.Contains("{{", StringComparison.Ordinal) != true)
            return node?.Text;
        context.Miss("template", "this value is a template's and not in the file: render it first (helm template)",
            new PlanLocation(file, node.Line, node.Column));
        return "";
    }

    private void Add(KubernetesObject named, PlanLocation at, PlanPlace place, string text, ImmutableArray<BindRequest> binds,
        ImmutableArray<PlanAlternative> alternatives) =>
        _ports.Add((named, new PlannedPort
        {
            Format = Format,
            Location = at,
            Name = named.Label,
            Text = text,
            Binds = binds,
            Place = place,
            Alternatives = alternatives,
            IsPrivilegedProgram = true,
        }));

    // The scheduler takes 0.0.0.0 for every address (HostPortInfo, pkg/scheduler/framework/types.go).
    private static ImmutableArray<BindRequest> BindsOf(string? host, Protocol protocol, int port) =>
        host is { Length: > 0 } && IpAddress.TryParse(host, out var address) && !address.IsAny
            ? [Binder.Engine.Bind(protocol, address, port, v6Only: true)]
            : Binder.Engine.EachWildcard(protocol, port);
}
