using Bindwise.Dashboard.Answers;
using Bindwise.Dashboard.Metrics;
using Bindwise.Dashboard.Serving;
using Bindwise.Rendering.Json;
using Bindwise.Rendering.Listing;

namespace Bindwise.Dashboard.Endpoints;

/// <summary><c>/api/v1/ports</c>: the documents of <c>ls --json</c>.</summary>
internal static class PortsEndpoint
{
    public static ApiRoute Route { get; } = new("GET", "/api/v1/ports", "The ports in use, as bindwise ls --json lists them.", AnswerAsync)
    {
        Parameters =
        [
            new("filter", "What bindwise ls takes, one word each: 8000-9000, tcp, mine, nginx.",
                """{"type":"array","items":{"type":"string"}}"""),
        ],
        Answer = AnswerSchemas.ListsOf(("ports", "port")),
        Problems = [400],
    };

    private static async Task AnswerAsync(HttpContext context, DashboardServices services)
    {
        var filter = PortFilter.Parse([.. context.Request.Query["filter"].OfType<string>()
            .SelectMany(static words => words.Split(' ', StringSplitOptions.RemoveEmptyEntries))]);
        if (filter.Value is not { } wanted)
            throw new ProblemException(Problem.BadRequest, filter.Error!);
        var listing = await services.ReadLimiter.RunAsync(
            cancellation => PortDiagnostics.List(new PortListRequest { Filter = wanted }, cancellation), context.RequestAborted);
        using var lines = new BodyBuffer();
        PortJson.Write(lines, listing);
        await JsonAnswer.WriteAsync(context, output =>
            DocumentList.Write(output, listing.Notes.Select(DocumentList.Note), ("ports", lines)));
    }
}

/// <summary><c>/api/v1/why</c>: the document of <c>why --json</c>.</summary>
internal static class WhyEndpoint
{
    public static ApiRoute Route { get; } = new("GET", "/api/v1/why",
        "Why a port can or cannot be bound, as bindwise why answers.", AnswerAsync)
    {
        Parameters =
        [
            new("target", "What bindwise why takes: 8080, 53/udp, 127.0.0.1:5432, /run/app.sock, or an error text.", IsRequired: true),
        ],
        Answer = AnswerSchemas.Of("diagnosis"),
        Problems = [400],
    };

    private static async Task AnswerAsync(HttpContext context, DashboardServices services)
    {
        var target = QueryValues.Target(QueryValues.One(context.Request, "target"), services.Access);
        var diagnosis = await services.ReadLimiter.RunAsync(
            cancellation => PortDiagnostics.Diagnose(new PortQuery { Target = target }, cancellation), context.RequestAborted);
        await JsonAnswer.WriteAsync(context, output => DiagnosisJson.Write(output, diagnosis));
    }
}

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
        await JsonAnswer.WriteAsync(context, ExpositionText.TypeOf(format), body);
    }
}
