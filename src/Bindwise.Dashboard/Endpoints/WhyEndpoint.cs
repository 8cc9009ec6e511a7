using Bindwise.Dashboard.Answers;
using Bindwise.Dashboard.Serving;
using Bindwise.Rendering.Json;

namespace Bindwise.Dashboard.Endpoints;

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
        var diagnosis = await services.Looks.RunAsync(
            cancellation => PortDiagnostics.Diagnose(new PortQuery { Target = target }, cancellation), context.RequestAborted);
        await JsonAnswer.WriteAsync(context, output => DiagnosisJson.Write(output, diagnosis));
    }
}
