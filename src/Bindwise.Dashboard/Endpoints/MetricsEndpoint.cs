using Bindwise.Dashboard.Answers;
using Bindwise.Dashboard.Metrics;
using Bindwise.Dashboard.Serving;

namespace Bindwise.Dashboard.Endpoints;

/// <summary><c>/metrics</c>: for Prometheus and what reads its formats.</summary>
internal static class MetricsEndpoint
{
    public static ApiRoute Route { get; } = new("GET", "/metrics",
        "The host's metrics: OpenMetrics 1.0, or the text format 0.0.4 for who does not ask for it.", AnswerAsync)
    {
        Answer = """{"type":"string"}""",
        AnswerType = "text/plain",
        Problems = [503, 504],
    };

    private static async Task AnswerAsync(HttpContext context, DashboardServices services)
    {
        var facts = await services.Metrics.ReadAsync(context.RequestAborted);
        var format = ExpositionText.Choose(context.Request.Headers.Accept.ToString());
        using var body = new BodyBuffer();
        ExpositionText.Write(body, HostMetrics.Of(facts, services.Settings.MetricsTop), format);
        context.Response.Headers.Vary = "Accept";
        await JsonAnswer.WriteAsync(context, ExpositionText.TypeOf(format), body.Written);
    }
}
