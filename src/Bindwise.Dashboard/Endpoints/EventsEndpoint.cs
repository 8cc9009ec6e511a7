using Bindwise.Dashboard.Serving;
using Microsoft.AspNetCore.Http.Features;

namespace Bindwise.Dashboard.Endpoints;

/// <summary><c>/api/v1/events</c>: what happens, as server-sent events.</summary>
internal static class EventsEndpoint
{
    private const int MostAtOnce = 64;

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    // Kestrel's own limit, a least rate, gives a client more time for all that it has been sent: after a flood, hours.
    private static readonly TimeSpan LongestWrite = TimeSpan.FromSeconds(30);

    public static ApiRoute Route { get; } = new("GET", "/api/v1/events",
        "What happens to the ports, as server-sent events: a bindwise.event/1 document each, in one line. After a gap, reset comes first.",
        AnswerAsync)
    {
        Parameters = [new("lastEventId", "Continue after this id, as the header Last-Event-ID, which a page cannot set.")],
        Answer = """{"type":"string"}""",
        AnswerType = "text/event-stream",
        IsStream = true,
        Problems = [429],
    };

    private static async Task AnswerAsync(HttpContext context, DashboardServices services)
    {
        var events = services.Host.Events;
        using var late = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var last = context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } header ? header
            : QueryValues.Optional(context.Request, "lastEventId");
        // Taken first: what happens from here on is not missed.
        var place = string.IsNullOrEmpty(last) ? events.End : events.PlaceAfter(last);
        await services.Host.LatestAsync(context.RequestAborted);
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        // nginx would hold the events back.
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        // The comment tells the client at once that it is heard.
        await response.Body.WriteAsync(": bindwise\n\n"u8.ToArray(), context.RequestAborted);
        if (place is { } from)
            await response.Body.WriteAsync(events.Beginning(from), context.RequestAborted);
        try
        {
            while (true)
            {
                var frames = events.Read(ref place, MostAtOnce, out var more);
                late.CancelAfter(LongestWrite);
                foreach (var frame in frames)
                    await response.Body.WriteAsync(frame, late.Token);
                await response.Body.FlushAsync(late.Token);
                late.CancelAfter(Timeout.InfiniteTimeSpan);
                if (await IsSilentAsync(more, context.RequestAborted))
                    await response.Body.WriteAsync(": \n\n"u8.ToArray(), context.RequestAborted);
            }
        }
        catch (OperationCanceledException) when (services.Ending.IsCancellationRequested)
        {
            // The stream ends as a whole one, and the client comes back by itself.
        }
    }

    private static async Task<bool> IsSilentAsync(Task more, CancellationToken cancellation)
    {
        try
        {
            await more.WaitAsync(Silence, cancellation);
            return false;
        }
        catch (TimeoutException)
        {
            return true;
        }
    }
}
