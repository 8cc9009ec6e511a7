using System.Text.Json;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>What <c>bindwise plan</c> says of files, beside what the kernel says when both sides are really bound.</summary>
[Trait("Lane", "second")]
public sealed class PlanTests
{
    private const string Compose = "services:\n  web:\n    ports: ['8080:80']\n  dns:\n    ports: ['53:53/udp']\n";

    /// <summary>Each row: two files, what plan says (a rule for a conflict, shared with its rule, or free), and both sides as their programs bind them.</summary>
    [KernelTheory]
    [InlineData("compose.yaml", Compose, "app.socket", "[Socket]\nListenStream=8080\n", "BW004", "tcp 0.0.0.0 8080 reuseaddr listen and tcp :: 8080 dual reuseaddr listen")]
    [InlineData("compose.yaml", Compose, "nginx.conf", "http { server { listen 127.0.0.1:8080; } }", "BW004", "tcp 0.0.0.0 8080 reuseaddr listen and tcp 127.0.0.1 8080 reuseaddr listen")]
    [InlineData("nginx.conf", "http { server { listen 80; } }", "a.socket", "[Socket]\nListenStream=[::]:80\nBindIPv6Only=ipv6-only\n", "free", "tcp 0.0.0.0 80 reuseaddr listen and tcp :: 80 v6only reuseaddr listen")]
    [InlineData("nginx.conf", "http { server { listen 80; } }", "a.socket", "[Socket]\nListenStream=80\n", "BW004", "tcp 0.0.0.0 80 reuseaddr listen and tcp :: 80 dual reuseaddr listen")]
    [InlineData("nginx.conf", "http { server { listen 127.0.0.1:80; listen 127.0.0.2:80; } }", "a.socket", "[Socket]\nListenStream=[::1]:80\n", "free", "tcp 127.0.0.1 80 reuseaddr listen and tcp 127.0.0.2 80 reuseaddr listen and tcp ::1 80 reuseaddr listen")]
    [InlineData("haproxy.cfg", "frontend a\n bind :80\n", "b.haproxy.cfg", "", "free", "tcp 0.0.0.0 80 reuseaddr reuseport listen")]
    [InlineData("haproxy.cfg", "frontend a\n bind :80\nfrontend b\n bind :80\n", "x.socket", "[Socket]\n", "shared BW007", "tcp 0.0.0.0 80 reuseaddr reuseport listen and tcp 0.0.0.0 80 reuseaddr reuseport listen")]
    [InlineData("haproxy.cfg", "global\n noreuseport\nfrontend a\n bind :80\nfrontend b\n bind :80\n", "x.socket", "[Socket]\n", "BW004", "tcp 0.0.0.0 80 reuseaddr listen and tcp 0.0.0.0 80 reuseaddr listen")]
    [InlineData("a.socket", "[Socket]\nListenDatagram=0.0.0.0:53\n", "nginx.conf", "stream { server { listen 53 udp; } }", "shared BW020", "udp 0.0.0.0 53 reuseaddr and udp 0.0.0.0 53 reuseaddr")]
    [InlineData("compose.yaml", Compose, "nginx.conf", "stream { server { listen 53 udp; } }", "BW022", "udp 0.0.0.0 53 and udp 0.0.0.0 53 reuseaddr")]
    [InlineData("compose.yaml", Compose, "nginx.conf", "http { server { listen 53; } }", "free", "udp 0.0.0.0 53 and tcp 0.0.0.0 53 reuseaddr listen")]
    [InlineData("launchSettings.json", "{\"profiles\":{\"a\":{\"applicationUrl\":\"http://localhost:5000\"}}}", "nginx.conf", "http { server { listen [::]:5000 ipv6only=on; } }", "BW004", "tcp ::1 5000 reuseaddr listen and tcp :: 5000 v6only reuseaddr listen")]
    [InlineData("a.socket", "[Socket]\nListenStream=@name\n", "haproxy.cfg", "frontend a\n bind abnsz@name\n", "BW052", "unix @name listen and unix @name listen")]
    [InlineData("a.socket", "[Socket]\nListenStream=@name\n", "haproxy.cfg", "frontend a\n bind abns@name\n", "free", "unix @name listen and unix @name padded listen")]
    [InlineData("a.socket", "[Socket]\nListenStream=0.0.0.0:81\nBindToDevice=lo\n", "b.socket", "[Socket]\nListenStream=0.0.0.0:81\nBindToDevice=other0\n", "free", "tcp 0.0.0.0 81 device=lo reuseaddr listen and tcp 0.0.0.0 81 device=other0 reuseaddr listen")]
    [InlineData("a.socket", "[Socket]\nListenStream=0.0.0.0:81\nBindToDevice=lo\n", "b.socket", "[Socket]\nListenStream=0.0.0.0:81\n", "BW004", "tcp 0.0.0.0 81 device=lo reuseaddr listen and tcp 0.0.0.0 81 reuseaddr listen")]
    public async Task Plan_SaysWhatTheKernelSays(string one, string text, string other, string otherText, string expected, string binds)
    {
        await using var host = await TestHost.OpenAsync();
        if (binds.Contains("other0", StringComparison.Ordinal))
            await host.SetUpAsync("ip link add other0 type veth peer name other1");
        await File.WriteAllTextAsync(Path.Combine(host.Folder, one), text);
        await File.WriteAllTextAsync(Path.Combine(host.Folder, other), otherText);
        var run = await host.RunAsync(Programs.Bindwise, "plan", "--json", host.Folder);
        using var plan = JsonDocument.Parse(run.Output);
        var rules = plan.RootElement.GetProperty("conflicts").EnumerateArray().Select(static one => one.GetProperty("rule").GetString()).Distinct().ToList();
        var shared = plan.RootElement.GetProperty("remarks").EnumerateArray().Where(static one => one.GetProperty("id").GetString() == "shared").Select(static one => one.GetProperty("text").GetString()!).FirstOrDefault();
        var said = rules.Count > 0 ? string.Join(',', rules) : shared is null ? "free" : string.Concat("shared ", shared.AsSpan(shared.IndexOf("(BW", StringComparison.Ordinal) + 1, 5));
        Assert.Equal((expected, rules.Count > 0 ? 1 : 0), (said, run.ExitCode));

        var bound = await host.RunAsync(["python3", "-B", "-S", Programs.Script("hold.py"), .. binds.Split(' '), "leave"]);
        Assert.True(rules.Count > 0 ? bound.ExitCode == 1 && bound.Error.Contains("Errno 98", StringComparison.Ordinal) : bound.ExitCode == 0, bound.ToString());
    }

    // A container's data beside its compose file is mostly another user's; the rest is read all the same.
    [KernelFact]
    public async Task FolderThatMayNotBeListed_IsToldAndNotTakenForAnEmptyOne()
    {
        await using var host = await TestHost.OpenAsync();
        var inner = Directory.CreateDirectory(Path.Combine(host.Folder, "data")).FullName;
        await File.WriteAllTextAsync(Path.Combine(inner, "compose.yaml"), Compose);
        File.SetUnixFileMode(inner, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var named = await host.RunAsAsync(TestHost.Nobody, null, Programs.Bindwise, "plan", inner);
        Assert.Equal((2, $"bindwise: {inner} cannot be listed: permission denied\n"), (named.ExitCode, named.Error));
        await File.WriteAllTextAsync(Path.Combine(host.Folder, "compose.yaml"), Compose);
        var around = await host.RunAsAsync(TestHost.Nobody, null, Programs.Bindwise, "plan", host.Folder);
        Assert.Equal((0, $"bindwise: {inner} is left out: permission denied\n"), (around.ExitCode, around.Error));
    }

    /// <summary>Who gets the connections of a port that two frontends share: what plan says, beside where forty really went, in both orders.</summary>
    [KernelTheory]
    [InlineData(":80", "127.0.0.1:80", "tcp 0.0.0.0 80", "tcp 127.0.0.1 80", "127.0.0.1", "haproxy frontend b gets every connection to 127.0.0.1")]
    [InlineData("127.0.0.1:80", ":80 interface lo", "tcp 127.0.0.1 80", "tcp 0.0.0.0 80 device=lo", "127.0.0.1", "haproxy frontend a gets every connection to 127.0.0.1 that comes in through lo")]
    [InlineData(":::80 v4v6", ":80", "tcp :: 80 dual", "tcp 0.0.0.0 80", "127.0.0.1", "haproxy frontend b gets every connection over IPv4")]
    [InlineData(":::80 v4v6 interface lo", ":80", "tcp :: 80 dual device=lo", "tcp 0.0.0.0 80", "127.0.0.1", "haproxy frontend b gets every connection over IPv4 that comes in through lo")]
    [InlineData(":80", ":80 interface lo", "tcp 0.0.0.0 80", "tcp 0.0.0.0 80 device=lo", "127.0.0.1", "the one that starts last gets every connection that comes in through lo")]
    [InlineData(":::80 v4v6 interface lo", ":::80 v4v6", "tcp :: 80 dual device=lo", "tcp :: 80 dual", "::1", "the one that starts first gets every connection that comes in through lo")]
    [InlineData(":::80 v4v6", ":::80 v6only", "tcp :: 80 dual", "tcp :: 80 v6only", "::1", "the one that starts first gets every connection over IPv6")]
    [InlineData(":80", ":80", "tcp 0.0.0.0 80", "tcp 0.0.0.0 80", "127.0.0.1", "each connection goes to one of them, at random")]
    public async Task Plan_SaysWhoGetsTheConnections(string one, string other, string oneSocket, string otherSocket, string to, string expected)
    {
        await using var host = await TestHost.OpenAsync();
        var file = Path.Combine(host.Folder, "haproxy.cfg");
        await File.WriteAllTextAsync(file, $"frontend a\n bind {one}\nfrontend b\n bind {other}\n");
        Assert.Contains("): " + expected, (await host.RunAsync(Programs.Bindwise, "plan", "--json", file)).Output, StringComparison.Ordinal);

        async Task<string> ReceiverAsync(string first, string second)
        {
            var run = await host.RunAsync(["python3", "-B", "-S", Programs.Script("share.py"), to, .. $"{first} reuseport listen and {second} reuseport listen".Split(' ')]);
            Assert.True(run.ExitCode == 0, run.ToString());
            return run.Output.Trim();
        }
        var inOrder = await ReceiverAsync(oneSocket, otherSocket);
        var reversed = await ReceiverAsync(otherSocket, oneSocket);
        var told = (inOrder, reversed) switch
        {
            ("first", "second") => "haproxy frontend a",
            ("second", "first") => "haproxy frontend b",
            ("second", "second") => "the one that starts last",
            ("first", "first") => "the one that starts first",
            _ => inOrder == reversed ? "each" : "nobody",
        };
        Assert.StartsWith(told + " ", expected, StringComparison.Ordinal);
    }

    /// <summary>A real nginx: what plan reads of its configuration is what it listens on, or why it does not start.</summary>
    [KernelTheory("nginx", "ss")]
    [InlineData("server { listen 8080; } server { listen 127.0.0.1:8080; } server { listen [::]:8080; }")]
    [InlineData("server { listen 127.0.0.1:8080; } server { listen 127.0.0.2:8080; } server { listen localhost:8081; }")]
    [InlineData("server { listen 8000-8002; } server { listen [::1]:8000; }")]
    [InlineData("server { listen 8080 reuseport; } server { listen 8080; server_name b; }")]
    [InlineData("server { listen [::]:8080 ipv6only=off; } server { listen 127.0.0.1; }")]
    [InlineData("server { server_name a; }")]
    [InlineData("server { listen 8080; } server { listen [::]:8080 ipv6only=off; }")]
    [InlineData("server { listen 8080; } server { listen 127.0.0.1:8080 backlog=7; }")]
    public async Task Plan_OfNginx_IsWhatNginxDoes(string servers)
    {
        await using var host = await TestHost.OpenAsync();
        var file = Path.Combine(host.Folder, "nginx.conf");
        await File.WriteAllTextAsync(file, $"pid {host.Folder}/pid; error_log {host.Folder}/errors; events {{}} http {{ access_log off; {servers} }}\n");
        using var plan = JsonDocument.Parse((await host.RunAsync(Programs.Bindwise, "plan", "--json", file)).Output);
        var nginx = await host.RunAsync("nginx", "-c", file);
        if (plan.RootElement.GetProperty("conflicts").GetArrayLength() > 0)
        {
            Assert.True(nginx.ExitCode == 1 && nginx.Error.Contains("Address already in use", StringComparison.Ordinal), nginx.ToString());
            return;
        }
        Assert.True(nginx.ExitCode == 0, nginx.ToString());
        var listening = (await host.RunAsync("ss", "-Htln")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3].Replace("*:", "[::]:", StringComparison.Ordinal));
        var planned = plan.RootElement.GetProperty("ports").EnumerateArray().SelectMany(static port => Enumerable.Range(port.GetProperty("port").GetInt32(), port.GetProperty("lastPort").GetInt32() - port.GetProperty("port").GetInt32() + 1)
            .SelectMany(number => port.GetProperty("addresses").EnumerateArray().Select(address => address.GetString() is { } text && text.Contains(':', StringComparison.Ordinal) ? $"[{text}]:{number}" : $"{address.GetString()}:{number}")));
        Assert.Equal(planned.Order(StringComparer.Ordinal), listening.Distinct().Order(StringComparer.Ordinal));
    }

    [KernelFact]
    public async Task Here_NamesWhatRunsOnThePort_AndOnlyThat()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 reuseaddr listen and tcp 127.0.0.1 9090 reuseaddr listen");
        await File.WriteAllTextAsync(Path.Combine(host.Folder, "compose.yaml"), Compose);
        Assert.Equal(0, (await host.RunAsync(Programs.Bindwise, "plan", host.Folder)).ExitCode);
        var run = await host.RunAsync(Programs.Bindwise, "plan", "--here", "--json", host.Folder);
        using var plan = JsonDocument.Parse(run.Output);
        var conflict = Assert.Single(plan.RootElement.GetProperty("conflicts").EnumerateArray());
        var running = conflict.GetProperty("running");
        Assert.Equal((1, "8080/tcp", "BW004", "hold.py", program.Pid), (run.ExitCode, conflict.GetProperty("target").GetString(), conflict.GetProperty("rule").GetString(), running.GetProperty("name").GetString(), running.GetProperty("pid").GetInt32()));
        var text = (await host.RunAsync(Programs.Bindwise, "plan", "--here", host.Folder)).Output;
        Assert.Contains("8080/tcp is in use on this host (BW004)", text, StringComparison.Ordinal);
        Assert.Contains("hold.py (pid ", text, StringComparison.Ordinal);
    }

    /// <summary>A planned socket beside a live one, whose options no listing tells: what plan says, beside what the kernel does.</summary>
    [KernelTheory]
    [InlineData("tcp 0.0.0.0 8081 reuseaddr", "nginx.conf", "http { server { listen 127.0.0.1:8081; } }", "tcp 127.0.0.1 8081 reuseaddr listen", false)]
    [InlineData("tcp 0.0.0.0 8081", "nginx.conf", "http { server { listen 127.0.0.1:8081; } }", "tcp 127.0.0.1 8081 reuseaddr listen", true)]
    [InlineData("tcp 0.0.0.0 8082 reuseaddr reuseport listen", "x.socket", "[Socket]\nListenStream=0.0.0.0:8082\nReusePort=yes\n", "tcp 0.0.0.0 8082 reuseaddr reuseport listen", false)]
    [InlineData("tcp 0.0.0.0 8082 reuseaddr listen", "x.socket", "[Socket]\nListenStream=0.0.0.0:8082\nReusePort=yes\n", "tcp 0.0.0.0 8082 reuseaddr reuseport listen", true)]
    [InlineData("unix @abs1 listen", "x.socket", "[Socket]\nListenStream=@abs1\n", "unix @abs1 listen", true)]
    [InlineData("unix @abs2 listen", "x.socket", "[Socket]\nListenStream=@abs1\n", "unix @abs1 listen", false)]
    [InlineData("unix @abs1 padded listen", "haproxy.cfg", "frontend a\n bind abns@abs1\n", "unix @abs1 padded listen", true)]
    [InlineData("unix @abs1 listen", "haproxy.cfg", "frontend a\n bind abns@abs1\n", "unix @abs1 padded listen", false)]
    [InlineData("unix {0}/n.sock listen", "nginx.conf", "http {{ server {{ listen unix:{0}/n.sock; }} }}", "unix {0}/n.sock listen", true)]
    public async Task Here_SaysWhatTheKernelDoesBesideALiveSocket(string live, string file, string text, string planned, bool isInUse)
    {
        await using var host = await TestHost.OpenAsync();
        string Here(string words) => words.Contains("{0}", StringComparison.Ordinal) ? string.Format(System.Globalization.CultureInfo.InvariantCulture, words, host.Folder) : words;
        var program = await host.StartScriptAsync("hold.py", Here(live));
        await File.WriteAllTextAsync(Path.Combine(host.Folder, file), Here(text));
        var run = await host.RunAsync(Programs.Bindwise, "plan", "--here", "--json", Path.Combine(host.Folder, file));
        using var plan = JsonDocument.Parse(run.Output);
        var running = plan.RootElement.GetProperty("conflicts").EnumerateArray().Select(static one => one.GetProperty("running").GetProperty("pid").GetInt32());
        Assert.Equal(isInUse ? [program.Pid] : [], running);
        Assert.Equal(isInUse ? 1 : 0, run.ExitCode);
        var bound = await host.RunAsync(["python3", "-B", "-S", Programs.Script("hold.py"), .. Here(planned).Split(' '), "leave"]);
        Assert.True(isInUse ? bound.Error.Contains("Errno 98", StringComparison.Ordinal) : bound.ExitCode == 0, bound.ToString());
    }

    [KernelFact]
    public async Task Settings_AreThoseOfTheHost()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_unprivileged_port_start", "9000");
        await host.SetAsync("net.ipv4.ip_local_port_range", "20000 21000");
        await File.WriteAllTextAsync(Path.Combine(host.Folder, "Procfile"), "web: puma -p 8080\napi: puma -p 20500\n");
        var output = (await host.RunAsync(Programs.Bindwise, "plan", host.Folder)).Output;
        Assert.Contains("8080/tcp of Procfile web is below 9000", output, StringComparison.Ordinal);
        Assert.Contains("20500/tcp of Procfile api is in the ephemeral range 20000-21000", output, StringComparison.Ordinal);
    }
}
