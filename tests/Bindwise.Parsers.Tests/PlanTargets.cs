using System.Collections.Immutable;
using Bindwise.Model.Planning;
using Bindwise.Planning;
using Bindwise.Planning.Reading;

namespace Bindwise.Parsers.Tests;

/// <summary>Files that name ports: every format, read and played to the end.</summary>
internal static class PlanTargets
{
    public static IEnumerable<ParserTarget> All =>
    [
        Of("compose", "compose.yaml", "x-a: &a\n  ports: [\"8080:80\"]\nservices:\n  web:\n    <<: *a\n    profiles: [dev]\n    build: {context: ./web}\n  api:\n    extends: web\n    deploy: {replicas: 3}\n    ports:\n      - \"127.0.0.1:${PORT:-8081}:81/udp\"\n      - 8000-8010:9000-9010\n      - {target: 80, published: \"1-2\", host_ip: \"::1\"}\ninclude: [compose.yaml]\n",
            "services:\n  a:\n    ports: !override ['[::1]:1:1']\n    volumes: ['./x:/x']\n    network_mode: host\n---\n? [a, b]\n: !!str |\n  c\n"),
        Of("socket unit", "a.socket", "[Socket]\nListenStream=0.0.0.0:8080\nListenStream=\\\n  [fe80::1]:80%eth0\n# c\nListenDatagram=53\nListenStream=\nListenStream=@a\nBindIPv6Only=both\nReusePort=yes\nBindToDevice=lo\n"),
        Of("service unit", "a.service", "[Service]\nEnvironment=\"PORT=3000\" A='b c'\nExecStart=-/usr/bin/puma -p ${PORT} -b tcp://[::1]:1\nExecStart=/bin/sh -c \"gunicorn -b 127.0.0.1:8000 a\"\n"),
        Of("Procfile", "Procfile", "web: bundle exec puma -p ${PORT:-3000}\nworker: sh -c 'a && PORT=1 node x --port=2 | (y)'\n# c\n"),
        Of("package.json", "package.json", "{\"scripts\": {\"dev\": \"cross-env PORT=3000 concurrently \\\"vite --host 0.0.0.0 --port 5173\\\" 'python -m http.server 1'\"}}"),
        Of(".env", ".env", "export PORT=3000\nA='b # c' \nPORT=\"4000\" # d\n"),
        Of("launchSettings.json", "launchSettings.json", "{ // c\n\"profiles\": {\"a\": {\"commandName\": \"Project\", \"applicationUrl\": \"https://localhost:7001;http://+:80;http://unix:/a\", \"environmentVariables\": {\"ASPNETCORE_HTTP_PORTS\": \"1;2\"},},}}"),
        Of("appsettings.json", "appsettings.json", "{\"Urls\": \"http://*:1;http://[::1]:2\", \"Kestrel\": {\"Endpoints\": {\"A\": {\"Url\": \"http://+:80\"}}}, \"Kestrel:Endpoints:B:Url\": \"http://localhost\"}"),
        Of("nginx", "nginx.conf", "http { # c\n include *.conf;\n server { listen 80 default_server; listen [::]:80 ipv6only=off reuseport; listen unix:/a; listen ${p}; server_name \"a b\" 'c\\'d'; }\n server { listen 127.0.0.1:8000-8010; }\n}\nstream { server { listen 53 udp; } }\n"),
        Of("haproxy", "haproxy.cfg", "global\n noreuseport\nfrontend f\n bind :80,:8000-8010,ipv4@*:443 ssl crt \"a b\"\n bind [::]:80 v4v6 interface eth0 # c\n bind abns@x,quic4@:1\nlisten l 0.0.0.0:1\n"),
        Of("Kubernetes", "k.yaml", "apiVersion: v1\nkind: List\nitems:\n- kind: Service\n  metadata: {name: a, namespace: b}\n  spec: {type: NodePort, ports: [{port: 1, nodePort: 30000, protocol: UDP}]}\n---\napiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {hostNetwork: true, containers: [{ports: [{containerPort: 1, hostIP: 10.0.0.1}]}]}}}\n"),
        Of("devcontainer.json", ".devcontainer.json", "{\"appPort\": [1, \"2:3/udp\"], \"forwardPorts\": [4, \"db:5\"], \"portsAttributes\": {\"4\": {\"requireLocalPort\": true}}}"),
    ];

    private static ParserTarget Of(string name, string path, params string[] seeds) => ParserTarget.OfText("plan of " + name, text =>
    {
        var input = PlanReader.Read([new PlanFile(path)], new OneFile(path, text));
        PortPlanner.Check(input.Ports, new PlanCircumstances());
    }, seeds);

    private sealed class OneFile(string path, string text) : IPlanFiles
    {
        public PlanFileText Read(string other) => new(other == path ? text : null, null);

        public ImmutableArray<string> List(string folder) => folder.Length == 0 ? [path] : [];
    }
}
