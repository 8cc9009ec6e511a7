namespace Bindwise.Dashboard.Serving;

/// <param name="context">The request and its answer; its RequestAborted is cancelled at the deadline and when the server ends, too.</param>
internal delegate Task RouteHandler(HttpContext context, DashboardServices services);

/// <summary>A parameter of a path or query, for the OpenAPI document.</summary>
/// <param name="Name">Its name; one that stands in the path as <c>{name}</c> is the path's.</param>
internal sealed record ApiParameter(string Name, string Meaning, string Schema = """{"type":"string"}""", bool IsRequired = false);

/// <summary>One endpoint: its path, what it does, and what the OpenAPI document says of it.</summary>
/// <param name="Method">GET (which answers HEAD, too) or another.</param>
/// <param name="Path">The path, as <c>/api/v1/fleet/ports/{port}</c>.</param>
internal sealed record ApiRoute(string Method, string Path, string Summary, RouteHandler Handle)
{
    public ImmutableArray<string> Methods => this is { Method: "GET", IsStream: false } ? ["GET", "HEAD"] : [Method];

    public ImmutableArray<ApiParameter> Parameters { get; init; } = [];

    /// <summary>
    /// What is wrong with the names in a query, one sentence; null when nothing is. One that is not known would change the answer, and be
    /// passed over. Metrics take any, since who scrapes them may send their own.
    /// </summary>
    public string? WhyNot(IEnumerable<string> names)
    {
        var known = Parameters.Where(parameter => !Path.Contains($"{{{parameter.Name}}}", StringComparison.Ordinal))
            .Select(static parameter => parameter.Name).ToList();
        if (!Path.StartsWith("/api/", StringComparison.Ordinal)
            || names.FirstOrDefault(name => !known.Contains(name, StringComparer.OrdinalIgnoreCase)) is not { } unknown)
            return null;
        return $"there is no parameter {unknown}: " + known switch
        {
            [] => "none is taken here",
            [var only] => $"there is {only}",
            _ => $"there are {string.Join(", ", known.SkipLast(1))} and {known[^1]}",
        };
    }

    /// <summary>The JSON Schema of a request's body; null for none.</summary>
    public string? Body { get; init; }

    public string BodyType { get; init; } = "application/json";
    public int MostBodyBytes { get; init; } = 64 << 10;

    /// <summary>
    /// The JSON Schema of the answer; <c>{"$ref":"#/components/schemas/diagnosis"}</c> is docs/schema/diagnosis.schema.json. Empty
    /// for none.
    /// </summary>
    public required string Answer { get; init; }

    public string AnswerType { get; init; } = "application/json";

    /// <summary>The statuses of its problems, beside those that every endpoint may have.</summary>
    public ImmutableArray<int> Problems { get; init; } = [];

    /// <summary>It goes on until the client or the server ends it: no deadline, and not counted among the requests.</summary>
    public bool IsStream { get; init; }

    /// <summary>It is done to its end, however long that takes, unless the client or the server ends.</summary>
    public bool IsDoneToItsEnd { get; init; }

    /// <summary>It needs no token: it tells nothing of the host.</summary>
    public bool IsOpen { get; init; }
}
