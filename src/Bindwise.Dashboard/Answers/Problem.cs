using System.Buffers;
using Bindwise.Rendering.Escaping;
using Bindwise.Rendering.Json;

namespace Bindwise.Dashboard.Answers;

/// <summary>A kind of problem (RFC 9457), each with a section in docs/serve.md.</summary>
/// <param name="Id">The section's anchor.</param>
internal sealed record Problem(string Id, int Status, string Title)
{
    public static readonly Problem BadRequest = new("bad-request", 400, "The request is not understood");
    public static readonly Problem NoToken = new("no-token", 401, "A token is needed");
    public static readonly Problem ForeignHost = new("foreign-host", 403, "The Host is not this server's");
    public static readonly Problem ForeignOrigin = new("foreign-origin", 403, "The request comes from another site");
    public static readonly Problem NoActions = new("no-actions", 403, "Actions are not allowed");
    public static readonly Problem NoPaths = new("no-paths", 403, "Paths need a token");
    public static readonly Problem NotFound = new("not-found", 404, "There is no such page");
    public static readonly Problem WrongMethod = new("wrong-method", 405, "The method is not offered here");
    public static readonly Problem SlowRequest = new("slow-request", 408, "The request came too slowly");
    public static readonly Problem PlanChanged = new("plan-changed", 412, "The plan has changed");
    public static readonly Problem TooLarge = new("too-large", 413, "The request is too large");
    public static readonly Problem WrongType = new("wrong-type", 415, "The body has the wrong type");
    public static readonly Problem NoPlan = new("no-plan", 428, "No plan was shown");
    public static readonly Problem TooMany = new("too-many", 429, "Too many at once");
    public static readonly Problem Failed = new("failed", 500, "The server made a mistake");
    public static readonly Problem BadGateway = new("bad-gateway", 502, "Prometheus does not answer as it should");
    public static readonly Problem Busy = new("busy", 503, "The server is busy");
    public static readonly Problem Unreadable = new("unreadable", 503, "The system does not allow this to be read");
    public static readonly Problem TooSlow = new("too-slow", 504, "It took too long");

    /// <summary>That a path does not take the request's method; the answer lists those that it takes.</summary>
    public static ProblemException MethodOf(HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        return new(WrongMethod, $"{context.Request.Method} is not offered at {context.Request.Path}");
    }

    /// <summary>After how many seconds it is worth another try; null where it is not.</summary>
    public int? RetrySeconds => Status is 429 or 503 ? 2 : null;

    /// <summary>Answers with it, unless an answer has begun, which is cut then.</summary>
    public async Task WriteAsync(HttpContext context, string detail)
    {
        var response = context.Response;
        if (response.HasStarted)
        {
            context.Abort();
            return;
        }
        response.StatusCode = Status;
        response.ContentType = "application/problem+json";
        response.Headers.CacheControl = "no-store";
        if (RetrySeconds is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        var body = new ArrayBufferWriter<byte>();
        JsonAnswer.WriteObject(body, writer =>
        {
            writer.WriteText("type", $"/docs/serve.md#{Id}");
            writer.WriteText("title", Title);
            writer.WriteNumber("status", Status);
            writer.WriteText("detail", Escaper.EscapeSentence(detail));
        });
        response.ContentLength = body.WrittenCount;
        await response.Body.WriteAsync(body.WrittenMemory, CancellationToken.None);
    }
}

internal sealed class ProblemException(Problem problem, string detail) : Exception(detail)
{
    public Problem Problem { get; } = problem;
}
