using System.Text.Json.Nodes;

namespace Bindwise.Dashboard.Tests;

/// <summary>A server-sent event.</summary>
internal sealed record ServerEvent(string Id, string Name, JsonNode Data);

/// <summary>A stream of them, read as a browser reads it.</summary>
internal sealed class EventStream(HttpResponseMessage response) : IAsyncDisposable
{
    private readonly StreamReader _lines = new(response.Content.ReadAsStream());

    /// <summary>The ids of what was read.</summary>
    public List<string> Ids { get; } = [];

    /// <summary>Opens one.</summary>
    public static Task<EventStream> OpenAsync(ServedProgram served, params (string Name, string Value)[] headers) =>
        OpenAsync(served, "", headers);

    /// <summary>Opens one with a query.</summary>
    public static async Task<EventStream> OpenAsync(ServedProgram served, string query, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events" + query);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        var response = await served.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.CacheControl?.NoStore);
        var stream = new EventStream(response);
        // It is heard: what happens from now on is told.
        Assert.StartsWith(":", await stream.LineAsync(), StringComparison.Ordinal);
        Assert.Equal("", await stream.LineAsync());
        return stream;
    }

    /// <summary>A line.</summary>
    public async Task<string> LineAsync() => await _lines.ReadLineAsync().WaitAsync(ServedProgram.Patience)
        ?? throw new InvalidOperationException("the stream has ended");

    /// <summary>The next event.</summary>
    public async Task<ServerEvent> NextAsync()
    {
        var (id, name, data) = ("", "", "");
        while (true)
        {
            var line = await LineAsync();
            if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
                name = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                data = line[6..];
            else if (line.Length == 0 && data.Length > 0)
                break;
        }
        if (name != "reset")
            Ids.Add(id);
        return new ServerEvent(id, name, JsonNode.Parse(data)!);
    }

    /// <summary>The next event of an address.</summary>
    public async Task<ServerEvent> NextAsync(string address)
    {
        while (true)
        {
            if (await NextAsync() is var next && (string?)next.Data["address"] == address)
                return next;
        }
    }

    /// <summary>Whether it ends by itself.</summary>
    public async Task<bool> EndsAsync()
    {
        while (await _lines.ReadLineAsync().WaitAsync(ServedProgram.Patience) is not null)
        {
            // What came before the end.
        }
        return true;
    }

    public ValueTask DisposeAsync()
    {
        _lines.Dispose();
        response.Dispose();
        return ValueTask.CompletedTask;
    }
}
