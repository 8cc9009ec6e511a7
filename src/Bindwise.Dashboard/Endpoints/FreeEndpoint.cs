using System.Text.Json;
using Bindwise.Dashboard.Answers;
using Bindwise.Dashboard.Guarding;
using Bindwise.Dashboard.Serving;
using Bindwise.Rendering.Freeing;

namespace Bindwise.Dashboard.Endpoints;

/// <summary>
/// <c>/api/v1/free</c>, in two calls: the first shows what will be done and takes handles on it, the second does exactly that, if it
/// is still what would be done.
/// </summary>
internal static class FreeEndpoint
{
    // Longer than at a terminal: nobody can give more time here, and a large program, or one of a busy host, needs more than seconds.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    public static ApiRoute Route { get; } = new("POST", "/api/v1/free",
        "Frees a port: with dryRun it tells what would be done, with an ETag; with that in If-Match it does it.", AnswerAsync)
    {
        Body = """
            {"type":"object","required":["target"],"additionalProperties":false,"properties":{
            "target":{"type":"string","description":"What bindwise free takes."},"dryRun":{"type":"boolean","default":false}}}
            """,
        Answer = AnswerSchemas.Of("free"),
        IsDoneToItsEnd = true,
        Problems = [400, 412, 415, 428],
    };

    private static async Task AnswerAsync(HttpContext context, DashboardServices services)
    {
        if (!services.Settings.AllowsActions)
            throw new ProblemException(Problem.NoActions, "bindwise serve was started without --allow-actions");
        if (!services.MayAct(context.Connection))
            throw new ProblemException(Problem.NoActions,
                "bindwise serve was started without --token-file, and frees ports only for root and the user who started it");
        var (asked, isDry) = await QueryValues.BodyAsync(context, Read, "{\"target\": \"8080\", \"dryRun\": true}");
        var tag = context.Request.Headers.IfMatch.ToString();
        if (!isDry && tag.Length == 0)
            throw new ProblemException(Problem.NoPlan, "ask with \"dryRun\": true first, and send its ETag as If-Match");
        FreeResult result;
        if (isDry)
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            deadline.CancelAfter(RequestLimits.Deadline);
            (result, var shown) = await services.ReadLimiter.RunAsync(cancellation => Show(services, asked, cancellation), deadline.Token);
            context.Response.Headers.ETag = $"\"{shown}\"";
        }
        else
        {
            // Done to its end, whether or not somebody still listens: half of it would be worse.
            result = await services.ReadLimiter.RunAsync(
                cancellation => Execute(services, asked, tag.Trim('"'), cancellation), services.Ending.Token);
        }
        await JsonAnswer.WriteAsync(context, output => FreeJson.Write(output, result));
    }

    private static (FreeResult Result, string Tag) Show(DashboardServices services, string asked, CancellationToken cancellation)
    {
        var release = PortRelease.Prepare(RequestOf(asked, services), cancellation);
        var plan = release.Plan;
        if (plan.Refusal is not null || plan.Actions.IsEmpty)
        {
            // Nothing will be done.
            using (release)
                return (release.Execute(null, cancellation), "nothing");
        }
        if (!cancellation.IsCancellationRequested)
            return (release.Shown("dry-run"), services.Releases.Keep(asked, release));
        // Nobody would know the tag of a request that is over.
        release.Dispose();
        throw new OperationCanceledException(cancellation);
    }

    private static FreeResult Execute(DashboardServices services, string asked, string tag, CancellationToken cancellation)
    {
        if (services.Releases.Find(tag) is not { } kept || !kept.Equals(asked))
            throw new ProblemException(Problem.PlanChanged,
                "no plan of the last five minutes for this target has that ETag: ask for a new one");
        using var now = PortRelease.Prepare(RequestOf(asked, services), cancellation);
        // Another call may have taken it meanwhile.
        using var release = services.Releases.Take(tag)
            ?? throw new ProblemException(Problem.PlanChanged, "the plan was carried out already: ask for a new one");
        if (!IsSame(release.Plan, now.Plan))
            throw new ProblemException(Problem.PlanChanged, "what holds the port has changed since the plan was shown: nothing was done");
        var result = release.Execute(null, cancellation);
        return result is { Reason: "holder-changed", Outcome: not FreeOutcome.Freed }
            && result.Steps.All(static step => step.Result != "done")
            ? throw new ProblemException(Problem.PlanChanged, result.Explanation ?? "what holds the port has changed: nothing was done")
            : result;
    }

    // Sockets without a process come and go by themselves.
    private static bool IsSame(FreePlan shown, FreePlan now)
    {
        var (before, after) = (Lasting(shown), Lasting(now));
        return before.Count == after.Count && before.All(action => after.Exists(action.IsSameAs));
    }

    private static List<FreeAction> Lasting(FreePlan plan) =>
        [.. plan.Actions.Where(static action => action.Kind is not (FreeActionKind.DestroySocket or FreeActionKind.Wait))];

    // The plan names the user, and is asked about.
    private static FreeRequest RequestOf(string asked, DashboardServices services) => new()
    {
        Query = new PortQuery { Target = QueryValues.Target(asked, services.Access) },
        GracePeriod = Grace,
        MayEndOthers = true,
    };

    private static (string Target, bool IsDry) Read(JsonElement body)
    {
        var (target, isDry) = ("", false);
        foreach (var field in body.EnumerateObject())
        {
            if (field.NameEquals("target"))
                target = field.Value.GetString();
            else if (field.NameEquals("dryRun"))
                isDry = field.Value.GetBoolean();
            else
                throw new ProblemException(Problem.BadRequest, $"there is no field {field.Name}: there are target and dryRun");
        }
        return target is { Length: > 0 } ? (target, isDry) : throw new ProblemException(Problem.BadRequest, "target is missing");
    }
}
