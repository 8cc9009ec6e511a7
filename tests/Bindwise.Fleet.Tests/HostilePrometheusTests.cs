namespace Bindwise.Fleet.Tests;

/// <summary>A Prometheus that is gone, silent or senseless: told, within the deadline, and the server goes on.</summary>
[Trait("Lane", "second")]
public class HostilePrometheusTests
{
    [IsolatedTheory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 502)]
    [InlineData("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", 502)]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 502)]
    [InlineData("no HTTP at all\r\n\r\n", 502)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"status\":", 502)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n{\"status\":\"success\"  }", 502)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 76\r\n\r\n{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":7}]}}  ", 502)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"a\":null},\"value\":[1,\"1\"]}]}}", 502)]
    [InlineData("HTTP/1.1 422 No\r\nContent-Length: 50\r\n\r\n{\"status\":\"error\",\"error\":\"too many samples\u001b[2J\"}  ", 502)]
    [InlineData(null, 504)]
    public Task Fleet_PrometheusThatDoesNotAnswerAsItShould_IsAProblem(string? answer, int status) =>
        Body.RunAsync(static async words =>
        {
            using var prometheus = new RawServer(words[0] == "never" ? null : words[0]);
            await using var server = await ServerOfTest.StartAsync(settings => settings with { Prometheus = prometheus.Address });
            foreach (var path in (string[])["api/v1/fleet", "api/v1/fleet/ports/8080"])
            {
                var (status, problem) = words[1] == "504" ? await server.AskAsync(path) : await server.AskInTimeAsync(path);
                Assert.Equal(int.Parse(words[1], null), status);
                Assert.Equal(status, problem.GetProperty("status").GetInt32());
                Assert.DoesNotContain('\u001b', problem.GetProperty("detail").GetString()!);
            }
            Assert.Equal(0, (await server.MetricsAsync())["bindwise_listen_drops_total"]);
        }, [answer ?? "never", status.ToString(System.Globalization.CultureInfo.InvariantCulture)]);

    [IsolatedFact]
    public Task Fleet_NoPrometheusThere_IsABadGateway_AndWithoutTheOptionThereIsNoFleet() =>
        Body.RunAsync(static async () =>
        {
            await using (var server = await ServerOfTest.StartAsync(static settings => settings with { Prometheus = new Uri("http://127.0.0.1:1/") }))
            {
                Assert.Equal(502, (await server.AskInTimeAsync("api/v1/fleet")).Status);
                Assert.Equal(400, (await server.AskAsync("api/v1/fleet/ports/70000")).Status);
            }
            await using var alone = await ServerOfTest.StartAsync();
            Assert.Equal(404, (await alone.AskAsync("api/v1/fleet")).Status);
        });
}
