using System.Net;

namespace Bindwise.Dashboard.Tests;

/// <summary>The model's answers take turns: who goes away gives his up, and the next one is answered.</summary>
[Trait("Lane", "second")]
public sealed class ModelTests
{
    private const int Turns = 60;

    [IsolatedFact]
    public Task ClientsThatGoAway_LeaveTheModelToTheNextOne() => Body.RunAsync(static async () =>
    {
        var options = string.Join(',', Enumerable.Repeat("none,reuseaddr,reuseport,reuseaddr+reuseport/none", 16));
        await using var served = await ServedProgram.StartAsync();
        // As many as may wait, three times: turns that were kept would be missing in the end.
        for (var round = 0; round < 3; round++)
        {
            using var leaving = new CancellationTokenSource();
            var abandoned = Enumerable.Range(0, Turns).Select(_ =>
                served.Client.GetAsync($"/api/v1/model/matrix?on=all&addresses=all&options={Uri.EscapeDataString(options)}", leaving.Token)).ToList();
            await Task.WhenAny(abandoned);
            await leaving.CancelAsync();
            Assert.All(await Task.WhenAll(abandoned.Select(static async one => await Record.ExceptionAsync(() => one))),
                static one => Assert.True(one is null or OperationCanceledException, one?.ToString()));
            Answer next;
            do
                next = await served.GetAsync("/api/v1/model/about");
            while (next.Status == HttpStatusCode.ServiceUnavailable);
            Assert.Equal(HttpStatusCode.OK, next.Status);
        }
    });
}
