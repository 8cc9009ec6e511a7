using Bindwise.Dashboard.Answers;
using Bindwise.Dashboard.Fleet;
using Bindwise.Dashboard.Serving;

namespace Bindwise.Dashboard.Endpoints;

/// <summary><c>/api/v1/fleet</c>: all hosts of a Prometheus, and who holds a port among them.</summary>
internal static class FleetEndpoints
{
    private const string Text = """{"type":"string"}""";
    private const string Whole = """{"type":"integer"}""";

    public static ApiRoute Fleet { get; } = new("GET", "/api/v1/fleet",
        "Which hosts run out of ports and when, where binds fail and why, and what changed since yesterday.", AnswerFleetAsync)
    {
        Answer = AnswerSchemas.Object(
            "\"asOf\":" + AnswerSchemas.Time,
            "\"hosts\":" + ListOf(AnswerSchemas.Object(
                "\"instance\":" + Text, "\"up\":{\"type\":\"boolean\"}",
                "\"ephemeral\":{\"anyOf\":[{\"type\":\"null\"}," + AnswerSchemas.Object("\"destination\":" + Text, "\"used\":" + Whole,
                    "\"size\":" + Whole, "\"fullAt\":{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"}") + "]}",
                "\"bindFailures\":" + ListOf(AnswerSchemas.Object("\"cause\":" + Text, "\"program\":" + Text, "\"count\":" + Whole)))),
            "\"changes\":" + ListOf(AnswerSchemas.Object("\"instance\":" + Text, "\"port\":" + Whole, "\"program\":" + Text,
                """
                "change":{"enum":["appeared","gone"]}
                """)),
            AnswerSchemas.Remarks),
        Problems = [404, 502, 504],
    };

    public static ApiRoute Port { get; } = new("GET", "/api/v1/fleet/ports/{port}", "Who listens on a port, on all hosts.", AnswerPortAsync)
    {
        Parameters = [new("port", "The port.", """{"type":"integer","minimum":1,"maximum":65535}""", IsRequired: true)],
        Answer = AnswerSchemas.Object("\"port\":" + Whole,
            "\"holders\":" + ListOf(AnswerSchemas.Object("\"instance\":" + Text, "\"address\":" + Text, "\"program\":" + Text)),
            AnswerSchemas.Remarks),
        Problems = [400, 404, 502, 504],
    };

    private static async Task AnswerFleetAsync(HttpContext context, DashboardServices services)
    {
        var document = await AskAsync(context, services, static (fleet, cancellation) => fleet.ReadAsync(cancellation));
        await JsonAnswer.WriteAsync(context, "application/json", document);
    }

    private static async Task AnswerPortAsync(HttpContext context, DashboardServices services)
    {
        var named = (string?)context.Request.RouteValues["port"];
        if (!ushort.TryParse(named, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
            throw new ProblemException(Problem.BadRequest, "a port is a number from 1 to 65535");
        var (holders, unlisted) = await AskAsync(context, services,
            (fleet, cancellation) => FleetQueries.AskPortAsync(fleet.Prometheus, port, DateTimeOffset.UtcNow, cancellation));
        await JsonAnswer.WriteObjectAsync(context, writer => FleetJson.Write(writer, port,
            holders.Select(static one => new FleetHolder(one["instance"], one["address"], one["program"]))
                .OrderBy(static one => one.Instance, StringComparer.Ordinal).ThenBy(static one => one.Address, StringComparer.Ordinal),
            FleetReporting.Fewer(unlisted)));
    }

    private static async Task<T> AskAsync<T>(HttpContext context, DashboardServices services,
        Func<FleetSource, CancellationToken, Task<T>> ask)
    {
        if (services.Fleet is not { } fleet)
            throw new ProblemException(Problem.NotFound, "this server has no fleet to show: start it with --prometheus URL");
        using var late = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        // Ten seconds in all are promised.
        late.CancelAfter(FleetSource.Deadline);
        try
        {
            return await ask(fleet, late.Token);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw new ProblemException(Problem.TooSlow, $"Prometheus did not answer within {FleetSource.Deadline.TotalSeconds:0} s");
        }
        catch (PrometheusException exception)
        {
            throw new ProblemException(Problem.BadGateway, exception.Message);
        }
    }

    private static string ListOf(string schema) => "{\"type\":\"array\",\"items\":" + schema + "}";
}
