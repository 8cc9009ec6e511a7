using System.Text.Json;
using Bindwise.Dashboard.Answers;
using Bindwise.Dashboard.Serving;
using Bindwise.Model.Targets;
using Bindwise.Recording.History;

namespace Bindwise.Dashboard.Endpoints;

internal static class QueryValues
{
    /// <summary>A value that has to be there, once.</summary>
    /// <exception cref="ProblemException">It is not there, or several times.</exception>
    public static string One(HttpRequest request, string name) => Optional(request, name) is { Length: > 0 } value ? value
        : throw new ProblemException(Problem.BadRequest, $"{name} is missing: ?{name}=…");

    /// <summary>A value; null where it is not there.</summary>
    /// <exception cref="ProblemException">It is there several times.</exception>
    public static string? Optional(HttpRequest request, string name) => request.Query[name] is { Count: <= 1 } values ? values
        : throw new ProblemException(Problem.BadRequest, $"{name} is given several times");

    /// <summary>Yes or no; no where it is not there.</summary>
    /// <exception cref="ProblemException">It is neither.</exception>
    public static bool Flag(HttpRequest request, string name) => Optional(request, name) switch
    {
        null or "false" or "0" => false,
        "true" or "1" or "" => true,
        _ => throw new ProblemException(Problem.BadRequest, $"{name} has to be true or false"),
    };

    /// <summary>A moment, as history --since takes it; null where it is not there.</summary>
    /// <param name="since">Where the span begins that it ends; null for none.</param>
    /// <exception cref="ProblemException">It is no time.</exception>
    public static DateTimeOffset? Moment(HttpRequest request, string name, DateTimeOffset now, DateTimeOffset? since = null) =>
        Optional(request, name) is not { Length: > 0 } given ? null : MomentText.ReadEnd(given, now, TimeZoneInfo.Local, since)
            ?? throw new ProblemException(Problem.BadRequest, $"{name}={given} is not a time: {MomentText.Forms}");

    /// <summary>What a body of JSON says.</summary>
    /// <param name="form">What it has to be.</param>
    /// <exception cref="ProblemException">It is something else.</exception>
    public static async Task<T> BodyAsync<T>(HttpContext context, Func<JsonElement, T> read, string form)
    {
        if (!context.Request.HasJsonContentType())
            throw new ProblemException(Problem.WrongType, "the body has to be application/json");
        try
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            return read(body.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new ProblemException(Problem.BadRequest, $"the body has to be {form}");
        }
    }

    /// <summary>A sentence about a target as it is typed into a field, which takes one, and not on a command line.</summary>
    public static string WithoutCommand(string fault) => fault.Replace("bindwise why ", "", StringComparison.Ordinal)
        .Replace("as a target of its own", "on its own", StringComparison.Ordinal);

    /// <summary>
    /// The target that a text names: of an error that names several, the first. The server looks at a path with its own rights, often
    /// root's: without a token anybody would learn what is in folders that are closed to them.
    /// </summary>
    /// <exception cref="ProblemException">It names none, or a path where no token is asked for.</exception>
    public static Target Target(string text, AccessRules access)
    {
        var typed = TypedTarget.AllOf(new ParseResult<string>(text), index: 0, isFollowing: false).First();
        var target = typed.Target ?? throw new ProblemException(Problem.BadRequest, WithoutCommand(typed.Error!));
        return target.Path is null or ['@', ..] || access.Token is not null ? target : throw new ProblemException(Problem.NoPaths,
            "paths are answered by a server with a token only (--token-file): without one, ask bindwise why on that host");
    }
}
