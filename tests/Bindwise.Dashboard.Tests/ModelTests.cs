using System.Net;
using System.Text;

namespace Bindwise.Dashboard.Tests;

/// <summary>The model's answers take a turn each: whoever goes away gives his up.</summary>
public sealed class ModelTests
{
    [IsolatedFact]
    [Trait("Lane", "second")]
    public Task ClientThatGoesAway_LeavesTheModelToTheNextOne() => Body.RunAsync(static async () =>
    {
        // A range without a free port is searched again and again: minutes for the model.
        var text = new StringBuilder("sysctl net.ipv4.ip_local_port_range = \"10000 10019\"\n");
        for (var socket = 0; socket < 20; socket++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"s{socket} = tcp 0.0.0.0:{10_000 + socket}\n");
        text.Append("new = tcp\n");
        for (var retry = 0; retry < 400; retry++)
            text.Append("retry 1ms for 99s bind new 127.0.0.1:0\n");
        await using var served = await ServedProgram.StartAsync();
        using var leaving = new CancellationTokenSource();
        using var content = new StringContent(text.ToString(), new System.Net.Http.Headers.MediaTypeHeaderValue("text/plain"));
        var abandoned = served.Client.PostAsync("/api/v1/model/trace", content, leaving.Token);
        var next = served.GetAsync("/api/v1/model/about");
        // It waits, unless it came first; then there is nothing to see here.
        await Task.WhenAny(next, Task.Delay(1000));
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => abandoned);
        Assert.Equal(HttpStatusCode.OK, (await next).Status);
        // Whoever stays is told, and has held up nobody for longer.
        (await served.SendAsync(HttpMethod.Post, "/api/v1/model/trace", text.ToString(), "text/plain")).IsProblem(504, "too-slow");
        Assert.Equal(HttpStatusCode.OK, (await served.GetAsync("/api/v1/model/about")).Status);
    });
}
