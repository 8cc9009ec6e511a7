using Bindwise.Dashboard.Answers;
using Bindwise.Dashboard.Serving;
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
        var listing = await services.Looks.RunAsync(
            cancellation => PortDiagnostics.List(new PortListRequest { Filter = wanted }, cancellation), context.RequestAborted);
        using var lines = new BodyBuffer();
        PortJson.Write(lines, listing);
        await JsonAnswer.WriteAsync(context, output =>
            DocumentList.Write(output, listing.Notes.Select(DocumentList.Note), ("ports", lines.Written)));
    }
}
