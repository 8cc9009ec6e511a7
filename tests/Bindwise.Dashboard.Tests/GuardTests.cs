using System.Net;
using System.Net.Sockets;
using System.Text;
using Bindwise.Dashboard.Guarding;
using Bindwise.Dashboard.Hosting;

namespace Bindwise.Dashboard.Tests;

/// <summary>Requests of other sites, of the wrong form, or too large: refused, told, and the server serves on.</summary>
[Trait("Lane", "second")]
public sealed class GuardTests
{
    [IsolatedFact]
    public Task HostAndOrigin_HaveToBeThisServers() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync("--allow-host", "ports.example.org");
        var port = served.Address.Port;
        foreach (var host in new[] { $"127.0.0.1:{port}", "localhost", "LOCALHOST:9999", "[::1]:1", "ports.example.org", "ports.example.org.:443" })
            Assert.Equal(HttpStatusCode.OK, (await served.GetAsync("/api/v1/ports", ("Host", host))).Status);
        // A name that a stranger lets point here: DNS rebinding.
        foreach (var host in new[] { "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "192.0.2.7", "ports.example.org.evil.example" })
        {
            foreach (var path in new[] { "/", "/api/v1/ports", "/api/v1/events", "/api/v1/session", "/docs/serve.md", "/nothing" })
                (await served.GetAsync(path, ("Host", host))).IsProblem(403, "foreign-host");
        }
        foreach (var origin in new[] { $"http://127.0.0.1:{port}", "https://ports.example.org", "https://ports.example.org:8443" })
            Assert.Equal(HttpStatusCode.OK, (await served.GetAsync("/api/v1/ports", ("Origin", origin))).Status);
        foreach (var origin in new[] { "http://evil.example", "null", $"http://127.0.0.1:{port + 1}", $"http://localhost:{port}", "http://127.0.0.1", "file:///", "x" })
            (await served.GetAsync("/api/v1/ports", ("Origin", origin))).IsProblem(403, "foreign-origin");
        foreach (var site in new[] { "cross-site", "same-site" })
        {
            (await served.GetAsync("/api/v1/ports", ("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "no-cors"))).IsProblem(403, "foreign-origin");
            // A link to the page may be followed.
            Assert.Equal(HttpStatusCode.OK,
                (await served.GetAsync("/", ("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"))).Status);
            // Not to what makes the server look, and perhaps probe.
            (await served.GetAsync("/api/v1/why?target=1", ("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"))).IsProblem(403, "foreign-origin");
        }
    });

    // No client names the server's interface, and few can name their own.
    [Theory]
    [InlineData("[fe80::1]", true)]
    [InlineData("[fe80::1%7]", true)]
    [InlineData("[fe80::2]", false)]
    public void Host_OfALinkLocalAddress_IsThatWithoutItsInterface(string host, bool isOurs) =>
        Assert.Equal(isOurs, new HostCheck([]).IsOurs(host, IPAddress.Parse("fe80::1%1")));

    [IsolatedFact]
    public Task Actions_OfAnotherSitesForm_AreRefused() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync("--allow-actions");
        foreach (var type in new[] { "text/plain", "application/x-www-form-urlencoded", "multipart/form-data" })
            (await Post("""{"target": "1", "dryRun": true}""", type)).IsProblem(415, "wrong-type");
        (await Post("""{"target": "1"}""", "application/json", ("Origin", "http://evil.example"))).IsProblem(403, "foreign-origin");
        (await Post("""{"target": "1"}""", "application/json", ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")))
            .IsProblem(403, "foreign-origin");
        foreach (var wrong in new[] { "", "{", "[]", "{}", """{"target": 1}""", """{"target": ""}""", """{"target": "1", "force": true}""", """{"target": "1", "dryRun": "yes"}""", new string('[', 5000) })
            (await Post(wrong, "application/json")).IsProblem(400, "bad-request");
        // No answer tells a browser that other sites may read it.
        Assert.DoesNotContain((await served.GetAsync("/api/v1/ports")).Headers.Keys, static name => name.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
        (await served.SendAsync(HttpMethod.Options, "/api/v1/free", headers: ("Access-Control-Request-Method", "POST"))).IsProblem(405, "wrong-method");
        foreach (var (method, path, allowed) in new[] { (HttpMethod.Get, "/api/v1/free", "POST"), (HttpMethod.Patch, "/api/v1/free", "POST"), (HttpMethod.Post, "/api/v1/events", "GET"), (HttpMethod.Delete, "/api/v1/ports", "GET, HEAD"),
            (HttpMethod.Post, "/api/v1/fleet/ports/80", "GET, HEAD"), (HttpMethod.Put, "/app.js", "GET, HEAD"), (HttpMethod.Post, "/states", "GET, HEAD") })
        {
            var answer = await served.SendAsync(method, path);
            answer.IsProblem(405, "wrong-method");
            Assert.Equal(allowed, answer.Headers["Allow"]);
        }

        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post, HttpMethod.Delete, HttpMethod.Options })
            (await served.SendAsync(method, "/api/v1/fre")).IsProblem(404, "not-found");

        Task<Answer> Post(string body, string type, params (string, string)[] headers) =>
            served.SendAsync(HttpMethod.Post, "/api/v1/free", body, type, headers);
    });

    [IsolatedFact]
    public Task Answers_HaveTheHeadersThatKeepABrowserSafe() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync();
        foreach (var path in new[] { "/", "/api/v1/ports", "/nothing.js", "/api/v1/nothing" })
        {
            var headers = (await served.GetAsync(path)).Headers;
            var policy = headers["Content-Security-Policy"];
            Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal(("nosniff", "no-referrer"), (headers["X-Content-Type-Options"], headers["Referrer-Policy"]));
            Assert.False(headers.ContainsKey("Server"));
        }
        Assert.Equal("no-store", (await served.GetAsync("/api/v1/ports")).Headers["Cache-Control"]);
        var page = await served.GetAsync("/");
        Assert.Equal(HttpStatusCode.NotModified, (await served.GetAsync("/", ("If-None-Match", page.Tag is null ? "" : "W/" + page.Tag))).Status);
    });

    [IsolatedFact]
    public Task Paths_OfOtherFiles_AreNotServed() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync();
        foreach (var path in new[] { "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd", "/docs/../../etc/passwd", "//etc/passwd", "/etc/passwd", "/schema/port.schema.json",
            "/.%00./etc/passwd", "/docs/serve.md%00.html", "/C:/x", "/\\..\\etc\\passwd", "/api/v1/scenarios/..%2f..%2fetc%2fpasswd" })
        {
            var answer = await RawAsync(served.Address.Port, $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
            Assert.True(answer.StartsWith("HTTP/1.1 404", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal), path + "\n" + answer);
            Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
        }
    });

    [IsolatedFact]
    public Task Requests_ThatAreWrongOrHuge_AreRefusedAndTheServerServesOn() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync("--allow-actions");
        const string Rest = "Host: 127.0.0.1\r\nConnection: close\r\n";
        foreach (var (request, status) in new[]
        {
            ("\0\0\0\0\r\n\r\n", "400"),
            ("GET / HTTP/9.9\r\n" + Rest + "\r\n", "505"),
            ("GET /api/v1/ports HTTP/1.1\r\nConnection: close\r\n\r\n", "400"),
            ("GET /api/v1/ports HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"),
            ($"GET /{new string('a', 20_000)} HTTP/1.1\r\n{Rest}\r\n", "414"),
            ($"GET / HTTP/1.1\r\n{Rest}X: {new string('a', 40_000)}\r\n\r\n", "431"),
            ($"GET / HTTP/1.1\r\n{Rest}{string.Concat(Enumerable.Range(0, 200).Select(static one => $"X{one}: 1\r\n"))}\r\n", "431"),
            ("POST /api/v1/free HTTP/1.1\r\n" + Rest + "Content-Type: application/json\r\nContent-Length: 999999999\r\n\r\n", "413"),
            ("POST /api/v1/free HTTP/1.1\r\n" + Rest + "Content-Type: application/json\r\nContent-Length: -1\r\n\r\n", "400"),
            ("POST /api/v1/free HTTP/1.1\r\n" + Rest + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"),
            ("DELETE /api/v1/ports HTTP/1.1\r\n" + Rest + "\r\n", "405"),
            ("PUT / HTTP/1.1\r\n" + Rest + "\r\n", "405"),
            ("HEAD /api/v1/events HTTP/1.1\r\n" + Rest + "\r\n", "405"),
            ("TRACE / HTTP/1.1\r\n" + Rest + "\r\n", "405"),
            ("GET /api/v1/why?target=1&target=2 HTTP/1.1\r\n" + Rest + "\r\n", "400"),
            ("GET /api/v1/why?target=1&plain=true HTTP/1.1\r\n" + Rest + "\r\n", "400"),
            ("GET /metrics?source=scraper HTTP/1.1\r\n" + Rest + "\r\n", "200"),
            ($"GET /api/v1/ports?{string.Concat(Enumerable.Repeat("filter=a&", 500))} HTTP/1.1\r\n{Rest}\r\n", "400"),
        })
        {
            var answer = await RawAsync(served.Address.Port, request);
            Assert.True(answer.StartsWith($"HTTP/1.1 {status}", StringComparison.Ordinal), request[..Math.Min(80, request.Length)] + "\n" + answer);
        }
        Assert.Equal(HttpStatusCode.OK, (await served.GetAsync("/api/v1/ports")).Status);
    });

    // A name that is passed over would change the answer without a word.
    [Theory]
    [InlineData("/api/v1/why", "target", null)]
    [InlineData("/api/v1/why", "Target", null)]
    [InlineData("/api/v1/why", "plain", "there is no parameter plain: there is target")]
    [InlineData("/api/v1/states", "plain", "there is no parameter plain: none is taken here")]
    [InlineData("/api/v1/scenarios/{name}", "name", "there is no parameter name: none is taken here")]
    [InlineData("/api/v1/model/cell", "third", "there is no parameter third: there are first and second")]
    [InlineData("/metrics", "source", null)]
    public void Parameters_ThatAreNotKnown_AreRefusedByName(string path, string name, string? fault) =>
        Assert.Equal(fault, RouteTable.All.First(route => route.Path == path).WhyNot([name]));

    private static async Task<string> RawAsync(int port, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer).WaitAsync(ServedProgram.Patience);
        }
        catch (IOException)
        {
            // What it did not read of a large request resets the connection; the answer came before.
        }
        return Encoding.UTF8.GetString(answer.ToArray());
    }
}
