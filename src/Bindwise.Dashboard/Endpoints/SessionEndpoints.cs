using Bindwise.Dashboard.Answers;
using Bindwise.Dashboard.Serving;
using Bindwise.Rendering.Json;

namespace Bindwise.Dashboard.Endpoints;

/// <summary><c>/api/v1/session</c>: what a page may show, and the token in exchange for the cookie.</summary>
internal static class SessionEndpoints
{
    private const string Path = "/api/v1/session";

    /// <summary>What the page asks first.</summary>
    public static ApiRoute Get { get; } = new("GET", Path, "Whether a token is needed, and what this server offers.", AnswerAsync)
    {
        Answer = """
            {"type":"object","required":["token","actions","fleet","host","version"],"properties":{
            "token":{"enum":["none","needed","given"]},"actions":{"type":["boolean","null"]},
            "fleet":{"type":["boolean","null"]},"host":{"type":["string","null"]},"version":{"type":["string","null"]}}}
            """,
        IsOpen = true,
    };

    /// <summary>The token in exchange for the cookie.</summary>
    public static ApiRoute Post { get; } = new("POST", Path,
        "Takes the token, and keeps it in a cookie that scripts cannot read.", EnterAsync)
    {
        Body = """{"type":"object","required":["token"],"properties":{"token":{"type":"string"}}}""",
        Answer = "",
        Problems = [400, 415, 429],
        IsOpen = true,
    };

    public static ApiRoute Delete { get; } = new("DELETE", Path, "Takes the cookie back.", LeaveAsync) { Answer = "", IsOpen = true };

    private static Task AnswerAsync(HttpContext context, DashboardServices services)
    {
        var isAdmitted = services.Access.Admits(context.Request, out var isWrong);
        if (isWrong)
            services.Guesses.Count();
        return JsonAnswer.WriteObjectAsync(context, writer =>
        {
            writer.WriteText("token", services.Access.Token is null ? "none" : isAdmitted ? "given" : "needed");
            writer.WriteBoolean("actions", isAdmitted ? services.MayAct(context.Connection) : null);
            writer.WriteBoolean("fleet", isAdmitted ? services.Settings.Prometheus is not null : null);
            writer.WriteText("host", isAdmitted ? Environment.MachineName : null);
            writer.WriteText("version", isAdmitted ? services.Settings.Version : null);
        });
    }

    private static async Task EnterAsync(HttpContext context, DashboardServices services)
    {
        var token = await QueryValues.BodyAsync(context, static body => body.GetProperty("token").GetString(), "{\"token\": \"…\"}");
        if (services.Access.Token is not null && !services.Access.IsToken(Encoding.UTF8.GetBytes(token?.Trim() ?? "")))
        {
            services.Guesses.Count();
            context.Response.Headers.WWWAuthenticate = "Bearer";
            throw new ProblemException(Problem.NoToken, "that is not the token");
        }
        if (services.Access.Token is not null)
            context.Response.Cookies.Append(AccessRules.Cookie, services.Access.CookieValue(), Options(services));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static Task LeaveAsync(HttpContext context, DashboardServices services)
    {
        context.Response.Cookies.Delete(AccessRules.Cookie, Options(services));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static CookieOptions Options(DashboardServices services) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = services.Access.HasSecureCookies,
        Path = "/",
    };
}
