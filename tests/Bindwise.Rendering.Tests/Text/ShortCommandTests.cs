using Bindwise.Rendering.Text;

namespace Bindwise.Rendering.Tests.Text;

/// <summary>What a person recalls of a command line, as it stands in the row "who".</summary>
public sealed class ShortCommandTests
{
    [Theory]
    [InlineData("python3 server.py --port 80", "/usr/bin/python3", "-u", "/srv/app/server.py", "--port", "80")]
    [InlineData("python3.12 -m http.server 8080", "/usr/bin/python3.12", "-X", "dev", "-m", "http.server", "8080")]
    [InlineData("python3 -c 'import socket; s = socket.soc…'", "python3", "-W", "ignore", "-c", "import socket; s = socket.socket(); s.bind(('', 80)); s.serve_forever()")]
    [InlineData("python3 -u", "python3", "-u")]
    [InlineData("python3 - backup.py 8080", "python3", "-u", "-", "backup.py", "8080")]
    [InlineData("node vite --port 3000", "/usr/bin/node", "--enable-source-maps", "-r", "dotenv/config", "/home/ann/shop/node_modules/.bin/vite", "--port", "3000")]
    [InlineData("node src/server.js", "node", "./src/server.js")]
    [InlineData("java -jar app.jar --server.port=8080", "/usr/lib/jvm/bin/java", "-Xmx1g", "-cp", "a.jar:b.jar", "-jar", "/opt/app/app.jar", "--server.port=8080")]
    [InlineData("java org.example.Main", "java", "-classpath", "lib/a.jar", "@options", "org.example.Main")]
    [InlineData("java -m web/org.example.Main", "java", "--module-path", "lib", "-m", "web/org.example.Main")]
    [InlineData("dotnet Shop.dll --urls 'http://*:80'", "/usr/bin/dotnet", "exec", "--depsfile", "a.json", "/srv/Shop.dll", "--urls", "http://*:80")]
    [InlineData("php -S localhost:8000 -t public", "php", "-d", "display_errors=1", "-S", "localhost:8000", "-t", "public")]
    [InlineData("deno server.ts", "/usr/bin/deno", "run", "-A", "server.ts")]
    [InlineData("deno server.ts", "deno", "run", "--import-map", "imports.json", "/srv/server.ts")]
    [InlineData("bun server.ts", "bun", "--cwd", "/srv/shop", "server.ts")]
    [InlineData("node server.js", "node", "--env-file", ".env", "server.js")]
    [InlineData("node --inspect=127.0.0.1:8080 server.js", "node", "--enable-source-maps", "--inspect=127.0.0.1:8080", "server.js")]
    [InlineData("java -Dserver.port=8080 J2.java", "java", "-Xmx18080m", "-Dserver.port=8080", "-Dother=80801", "J2.java")]
    [InlineData("ksh run.sh", "/bin/ksh", "/srv/run.sh")]
    [InlineData("bash run.sh", "/bin/bash", "-e", "/srv/run.sh")]
    [InlineData("docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 …", "/usr/bin/docker-proxy", "-proto", "tcp", "-host-ip", "0.0.0.0", "-host-port", "8080", "-container-ip", "172.17.0.2")]
    [InlineData("nginx: master process /usr/sbin/nginx", "nginx: master process /usr/sbin/nginx", "", "")]
    [InlineData("-bash", "-bash")]
    [InlineData("/", "/")]
    [InlineData("''", "", "x")]
    public void Who_CommandLine_IsWhatRunsAndWithWhat(string shown, params string[] arguments) =>
        Assert.StartsWith($"  who   {shown}{(arguments is ["", ..] ? " x" : "")}  pid 4121", Who(new ProcessRecord { Id = 4121, Name = "n", Arguments = [.. arguments] }), StringComparison.Ordinal);

    [Fact]
    public void Who_NoCommandLine_IsTheName() =>
        Assert.Equal("  who   kworker/0:1  pid 7", Who(new ProcessRecord { Id = 7, Name = "kworker/0:1" }));

    [Fact]
    public void Who_ArgumentsBeyondMeasure_StayShort() =>
        Assert.InRange(Who(new ProcessRecord { Id = 7, Arguments = [new string('a', 5000), .. Enumerable.Repeat(new string('\ud83c', 1) + "\udf89", 5000)] }).Length, 20, 90);

    private static string Who(ProcessRecord process)
    {
        var sample = Samples.All["listener"];
        var diagnosis = sample with
        {
            Blockers = [sample.Blockers[0] with { Owners = [new Owner
        {
            Process = process,
            Role = OwnerRole.Creator,
            Descriptors = [],
        }] }]
        };
        return DiagnosisText.Render(diagnosis, new TextOptions()).Select(static line => line.ToString()).Single(static line => line.StartsWith("  who", StringComparison.Ordinal));
    }
}
