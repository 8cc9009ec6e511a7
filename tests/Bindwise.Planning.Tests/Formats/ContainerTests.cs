using Bindwise.Model.Planning;

namespace Bindwise.Planning.Tests.Formats;

public sealed class ContainerTests
{
    private const string Agents = """
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: exporter, namespace: monitoring}
        spec:
          template:
            spec:
              containers:
              - name: exporter
                ports:
                - containerPort: 9100
                  hostPort: 9100
                - {containerPort: 53, hostPort: 53, protocol: UDP, hostIP: 127.0.0.1}
                - {containerPort: 80}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: host}
        spec:
          hostNetwork: true
          containers:
          - ports: [{containerPort: 9100}]
        ---
        apiVersion: batch/v1
        kind: CronJob
        metadata: {name: job}
        spec: {jobTemplate: {spec: {template: {spec: {containers: [{ports: [{hostPort: 53, containerPort: 53, protocol: UDP, hostIP: 10.0.0.1}]}]}}}}}
        """;

    private const string Services = """
        apiVersion: v1
        kind: List
        items:
        - kind: Service
          metadata: {name: a}
          spec:
            type: NodePort
            ports:
            - {port: 80, nodePort: 30080}
            - {port: 53, nodePort: 30080, protocol: UDP}
        - kind: Service
          metadata: {name: b}
          spec:
            type: LoadBalancer
            ports: [{port: 81, nodePort: 30080}, {port: 82, nodePort: 29000}, {port: 83}]
        - kind: Service
          metadata: {name: c}
          spec: {ports: [{port: 80, nodePort: 30080}]}
        """;

    [Fact]
    public void HostPorts_OfEveryKind_MeetOnANode()
    {
        var plan = new TestFolder(("k8s/agents.yaml", Agents)).Plan();
        Assert.Equal(["DaemonSet monitoring/exporter 9100/tcp", "DaemonSet monitoring/exporter 53/udp", "Pod host 9100/tcp", "CronJob job 53/udp"], plan.Ports.Select(static port => $"{port.Name} {port.Target}"));
        Assert.Equal(["9100/tcp kubernetes-host-port k8s/agents.yaml:11 k8s/agents.yaml:21"], Lines.Conflicts(plan));
    }

    // Those of one pod run one after the other, and before the pod's containers.
    [Theory]
    [InlineData("", false)]
    [InlineData("restartPolicy: Always, ", true)]
    public void HostPorts_OfInitContainers_MeetThoseOfOtherPods(string word, bool isBesideItsPod)
    {
        string Pod(string name) => $"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{initContainers: [{{{word}ports: [{{hostPort: 9100}}]}}, {{ports: [{{hostPort: 9101}}]}}], containers: [{{ports: [{{hostPort: 9100}}, {{hostPort: 9101}}]}}]}}\n";
        Assert.Equal(isBesideItsPod ? ["9100/tcp"] : [], new TestFolder(("a.yaml", Pod("a"))).Plan().Conflicts.Select(static one => one.Target));
        Assert.Equal(["9100/tcp", "9101/tcp"], new TestFolder(("a.yaml", Pod("a")), ("b.yaml", Pod("b"))).Plan().Conflicts.Select(static one => one.Target).Distinct());
    }

    [Theory]
    [InlineData("{os: linux}", "{os: windows}", 0)]
    [InlineData("{os: linux}", "{os: linux, zone: a}", 1)]
    [InlineData("{os: linux}", "{}", 1)]
    public void HostPorts_OnNodesThatALabelParts_DoNotMeet(string one, string other, int conflicts) => Assert.Equal(conflicts, new TestFolder(("a.yaml",
        string.Join("---\n", ((string[])[one, other]).Select((nodes, at) => $"apiVersion: v1\nkind: Pod\nmetadata: {{name: p{at}}}\nspec: {{nodeSelector: {nodes}, containers: [{{ports: [{{containerPort: 1, hostPort: 9100}}]}}]}}\n")))).Plan().Conflicts.Length);

    [Theory]
    [InlineData("Deployment", 0)]
    [InlineData("StatefulSet", 0)]
    [InlineData("DaemonSet", 1)]
    public void Object_WithoutReplicas_TakesNoPort(string kind, int conflicts)
    {
        string Of(string name, int replicas) =>
            $"kind: {kind}\nmetadata: {{name: {name}}}\nspec: {{replicas: {replicas}, template: {{spec: {{containers: [{{ports: [{{containerPort: 80, hostPort: 8080}}]}}]}}}}}}\n";
        var plan = new TestFolder(("k8s.yaml", $"apiVersion: apps/v1\n{Of("blue", 0)}---\napiVersion: apps/v1\n{Of("green", 1)}")).Plan();
        Assert.Equal(conflicts, plan.Conflicts.Length);
        Assert.Equal(conflicts > 0 ? [] : [$"{kind} blue has 0 replicas: Kubernetes starts no pod of it"], plan.Remarks.Where(static one => one.Id == "no-replicas").Select(static one => one.Text));
    }

    [Fact]
    public void NodePorts_OfTwoServices_Collide_ForEachProtocol()
    {
        var plan = new TestFolder(("all.yml", Services)).Plan();
        Assert.Equal(["30080/tcp kubernetes-node-port all.yml:9 all.yml:15"], Lines.Conflicts(plan));
        Assert.Contains(plan.Remarks, static remark => remark is { Id: "node-port-range", Location.Line: 15 });
    }

    [Fact]
    public void Cluster_AndHost_DoNotMeet() =>
        Assert.Empty(new TestFolder(("all.yml", Services), ("k8s/agents.yaml", Agents[..Agents.IndexOf("---", StringComparison.Ordinal)]), ("compose.yaml", "services:\n  a:\n    ports: ['9100:80']\n")).Plan().Conflicts.Where(static one => one.First.Format != one.Second!.Format));

    [Fact]
    public void OverlaysOfOneObject_AreAlternatives()
    {
        const string service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {type: NodePort, ports: [{port: 80, nodePort: 30080}]}\n";
        Assert.Empty(new TestFolder(("base/s.yaml", service), ("overlays/dev/s.yaml", service)).Plan().Conflicts);
    }

    /// <summary>Of the clusters, or of the states of one, each has one of them.</summary>
    [Theory]
    [InlineData("overlays/dev/a.yaml", "overlays/prod/b.yaml", 0)]
    [InlineData("app/overlays/dev/svc/a.yaml", "app/overlays/prod/b.yaml", 0)]
    [InlineData("clusters/one/a.yaml", "clusters/two/b.yaml", 0)]
    [InlineData("overlays/dev/a.yaml", "overlays/dev/b.yaml", 1)]
    [InlineData("base/a.yaml", "overlays/dev/b.yaml", 1)]
    [InlineData("a/overlays/dev/a.yaml", "b/overlays/prod/b.yaml", 1)]
    [InlineData("apps/a/a.yaml", "apps/b/b.yaml", 1)]
    public void Overlays_AreAlternatives(string one, string other, int conflicts)
    {
        static (string, string) At(string path) => (path, $"apiVersion: v1\nkind: Service\nmetadata: {{name: {path[^6]}}}\nspec: {{type: NodePort, ports: [{{port: 80, nodePort: 30080}}]}}\n");
        Assert.Equal(conflicts, new TestFolder(At(one), At(other)).Plan().Conflicts.Length);
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("", "dev", true)]
    [InlineData("dev", "dev", true)]
    [InlineData("dev", "prod", false)]
    public void ObjectWithoutANamespace_IsAVersionOfThatOfAnyOne(string one, string other, bool isOne)
    {
        static (string, string) At(string path, string name) => (path, $"apiVersion: v1\nkind: Service\nmetadata: {{name: a, namespace: '{name}'}}\nspec: {{type: NodePort, ports: [{{port: 80, nodePort: 30080}}]}}\n");
        Assert.Equal(isOne, new TestFolder(At("a.yaml", one), At("b.yaml", other)).Plan().Conflicts.IsEmpty);
    }

    [Theory]
    [InlineData("examples/a/compose.yaml", "examples/b/compose.yaml", 0)]
    [InlineData("docs/samples/a/src/compose.yaml", "docs/samples/b/compose.yaml", 0)]
    [InlineData("a/compose.yaml", "b/compose.yaml", 1)]
    [InlineData("compose.yaml", "examples/b/compose.yaml", 1)]
    [InlineData("compose.yaml", ".devcontainer/compose.yaml", 0)]
    public void Examples_AreTriedByThemselves(string one, string other, int conflicts) => Assert.Equal(conflicts, new TestFolder(
        (one, "services:\n  a:\n    ports: ['80:80']\n"), (other, "services:\n  a:\n    ports: ['80:80']\n")).Plan().Conflicts.Length);

    [Fact]
    public void DevContainer_RunsTheProgramsBelowItsFolder()
    {
        static TestFolder With(string folder) => new(
            ("app/.devcontainer/devcontainer.json", "{\"forwardPorts\": [3000], \"portsAttributes\": {\"3000\": {\"requireLocalPort\": true}}}"),
            (folder + "/package.json", "{\"scripts\": {\"dev\": \"next dev -p 3000\"}}"));
        Assert.Empty(With("app").Plan().Conflicts);
        Assert.Empty(With("app/web").Plan().Conflicts);
        Assert.Single(With("other").Plan().Conflicts);
    }

    [Fact]
    public void BracesOfWhatIsNoTemplate_AreNobodysMatter()
    {
        var input = new TestFolder(("all.yaml", "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: '{{ x }}'}\nspec:\n  groups: [{rules: [{annotations: {summary: '{{ $labels.pod }} is down'}}]}]\n"
            + "---\napiVersion: v1\nkind: ConfigMap\ndata: {x: '{{ y }}', nodePort: {{ z }}}\n---\n" + Services)).Found();
        Assert.Equal(4, input.Ports.Length);
        Assert.False(input.IsPart);
        Assert.Empty(input.Remarks);
    }

    [Theory]
    [InlineData("kind: Service\nspec: {type: NodePort, ports: [{port: 80, nodePort: 30080}, {port: 81, nodePort: {{ .Values.port }}}]}\n", 4, 1)]
    [InlineData("kind: Service\nspec: {type: NodePort, ports: [{port: 80, nodePort: 30080, protocol: '{{ .Values.protocol }}'}]}\n", 4, 0)]
    [InlineData("kind: Service\nspec: {type: {{ .Values.type }}, ports: [{port: 80, nodePort: 30080}]}\n", 4, 0)]
    [InlineData("kind: Service\nspec: {type: NodePort, ports: [{port: 80, nodePort: 30080}]}\nmetadata: {name: {{ .Release.Name }}}\n", 5, 1)]
    [InlineData("kind: Pod\nspec: {hostNetwork: {{ .Values.host }}, containers: [{ports: [{containerPort: 80}]}]}\n", 4, 0)]
    [InlineData("kind: Pod\nspec: {containers: [{ports: [{containerPort: 80, hostPort: \"{{ .Values.port }}\"}]}]}\n", 4, 0)]
    [InlineData("kind: Pod\nspec: {hostNetwork: true, containers: [{ports: [{containerPort: {{ .Values.port }}}]}]}\n", 4, 0)]
    public void TemplateOfAValueThatIsRead_IsToldAndCounts(string text, int line, int ports)
    {
        var input = new TestFolder(("templates/s.yaml", "# Source\napiVersion: v1\n" + text)).Found();
        Assert.Equal([$"{line} template: this value is a template's and not in the file: render it first (helm template)"], Lines.Remarks(input));
        Assert.Equal((true, ports), (input.IsPart, input.Ports.Length));
    }

    [Fact]
    public void TemplateThatIsNoYaml_IsAFault()
    {
        var input = new TestFolder(("templates/s.yaml", "apiVersion: v1\nkind: Service\n{{- if .Values.port }}\nspec: {}\n{{- end }}\n")).Found();
        var remark = Assert.Single(input.Remarks);
        Assert.Equal(("template", PlanLevel.Warning, 3), (remark.Id, remark.Level, remark.Location!.Line));
        Assert.EndsWith("; if this is a template, render it first (helm template)", remark.Text, StringComparison.Ordinal);
        Assert.True(input.IsPart);
    }

    [Fact]
    public void UnknownKeysOfPorts_AreTold() =>
        Assert.Contains("5 unknown-key: hostPrt is not a key of a container's port",
            Lines.Remarks(new TestFolder(("p.yaml", "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - ports: [{containerPort: 1, hostPrt: 2}]\n")).Found()));

    [Fact]
    public void DevContainer_PublishesAppPorts_AndForwardsTheOthersIfItCan()
    {
        var input = new TestFolder((".devcontainer/devcontainer.json", "{\n  // comment\n  \"appPort\": [3000, \"8921:5000\"],\n  \"forwardPorts\": [8080, \"db:5432\", 9000],\n  \"portsAttributes\": { \"9000\": { \"requireLocalPort\": true } },\n}\n")).Found();
        Assert.Equal(
            ["3: dev container 3000/tcp 127.0.0.1", "3: dev container 8921/tcp 0.0.0.0 ::(v6only)", "4: dev container 8080/tcp 127.0.0.1 preferred", "4: dev container 5432/tcp 127.0.0.1 preferred", "4: dev container 9000/tcp 127.0.0.1"],
            Lines.Of(input));
    }

    // devcontainers/cli: a number is -p 127.0.0.1:N:N, a string is -p STRING; with compose files neither is given to them.
    [Theory]
    [InlineData("\"appPort\": [\"3000\", \"3001:80\"]", "1: dev container 3001/tcp 0.0.0.0 ::(v6only)")]
    [InlineData("\"appPort\": 3000", "1: dev container 3000/tcp 127.0.0.1")]
    [InlineData("\"appPort\": 3000, \"dockerComposeFile\": \"compose.yaml\"")]
    [InlineData("\"runArgs\": [\"-p\", \"9000:9000\", \"-p9001:1\", \"--publish=127.0.0.1:9002:2/udp\", \"--pull=always\", \"--publish\", \"9003\"]",
        "1: dev container 9000/tcp 0.0.0.0 ::(v6only)", "1: dev container 9001/tcp 0.0.0.0 ::(v6only)", "1: dev container 9002/udp 127.0.0.1")]
    [InlineData("\"appPort\": 3000, \"runArgs\": [\"--network=host\", \"-p\", \"8080:80\"]")]
    [InlineData("\"appPort\": 3000, \"runArgs\": [\"--net\", \"host\"], \"forwardPorts\": [5000]", "1: dev container 5000/tcp 127.0.0.1 preferred")]
    [InlineData("\"appPort\": 3000, \"runArgs\": [\"--net=container:web\"]")]
    [InlineData("\"appPort\": 3000, \"runArgs\": [\"--network\", \"mine\", \"--hostname=host\"]", "1: dev container 3000/tcp 127.0.0.1")]
    [InlineData("\"forwardPorts\": [5000], \"portsAttributes\": {\"4000-6000\": {\"requireLocalPort\": true}}", "1: dev container 5000/tcp 127.0.0.1")]
    [InlineData("\"forwardPorts\": [5000], \"otherPortsAttributes\": {\"requireLocalPort\": true}", "1: dev container 5000/tcp 127.0.0.1")]
    [InlineData("\"forwardPorts\": [5000], \"portsAttributes\": {\"5000\": {}}, \"otherPortsAttributes\": {\"requireLocalPort\": true}", "1: dev container 5000/tcp 127.0.0.1 preferred")]
    public void DevContainer_Properties_AreAsTheToolTakesThem(string properties, params string[] expected) =>
        Assert.Equal(expected, Lines.Of(new TestFolder((".devcontainer.json", $"{{{properties}}}")).Found()));

    [Fact]
    public void DevContainer_InTheHostsNetwork_IsANote()
    {
        var input = new TestFolder((".devcontainer.json", "{\"appPort\": 3000,\n\"runArgs\": [\"--network=host\"]}")).Found();
        Assert.Equal(["2 host-network: the dev container uses the host's network (runArgs): which ports its programs bind is not in the file"], Lines.Remarks(input));
        Assert.Equal("the network of its runArgs publishes no ports", Assert.Single(input.Sources).WhyNone);
    }

    [Fact]
    public void ForwardedPort_ThatIsTaken_IsAWarning()
    {
        var plan = new TestFolder((".devcontainer.json", "{\"forwardPorts\": [5432]}"), ("compose.yaml", "services:\n  db:\n    ports: ['5432:5432']\n")).Plan();
        Assert.Empty(plan.Conflicts);
        Assert.Contains(plan.Remarks, static remark => remark is { Id: "other-port", Text: "dev container takes another port than 5432/tcp if service db has it already; if dev container starts first, service db fails" });
    }

    [Fact]
    public void Kubernetes_ProtocolInLowerCase_IsNamed() => Assert.Equal(
        ["2 not-understood: protocol tcp of hostPort 9100 of Pod p is unknown to Kubernetes: write TCP, UDP or SCTP"],
        Lines.Remarks(new TestFolder(("a.yaml", "apiVersion: v1\nspec: {containers: [{ports: [{hostPort: 9100, protocol: tcp}]}]}\nkind: Pod\nmetadata: {name: p}\n")).Found()));

    /// <summary>Every COPY was once tried at every folder, for every file: 13 seconds for a Dockerfile of 1 MB and 300 files.</summary>
    [Fact]
    public void Dockerfile_WithManyCopies_IsReadOnce()
    {
        var copies = string.Concat(Enumerable.Range(0, 60_000).Select(static at => $"COPY f{at} /x/\n"));
        var files = Enumerable.Range(0, 300).Select(static at => ($"a/b/c/d/s{at}.nginx", "server { listen 81; }\n"));
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.NotEmpty(new TestFolder([("Dockerfile", copies), .. files]).Found().Ports);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 30);
        Assert.Empty(new TestFolder(("a/Dockerfile", "COPY ./b/../b/x.nginx /x/\n"), ("a/b/x.nginx", "server { listen 81; }\n")).Found().Ports);
    }
}
