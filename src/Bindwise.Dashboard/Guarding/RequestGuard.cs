using System.Threading.RateLimiting;
using Bindwise.Dashboard.Answers;
using Bindwise.Dashboard.Serving;
using Bindwise.Model.Diagnosing;
using Microsoft.AspNetCore.Http.Features;

namespace Bindwise.Dashboard.Guarding;

/// <summary>What every request passes before it is answered, and where every fault becomes a problem.</summary>
/// <param name="services">What the endpoints share.</param>
internal sealed class RequestGuard(DashboardServices services) : IDisposable
{
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        + "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private readonly HostCheck _hosts = new(services.Settings.AllowedHosts);
    private readonly RequestPlaces _requests = new(RequestLimits.MostRequests, RequestLimits.MostWaiting);
    private readonly ConcurrencyLimiter _streams = new(new ConcurrencyLimiterOptions { PermitLimit = services.Settings.MostStreams });

    /// <summary>Checks the request, and has it answered.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        SetHeaders(context.Response.Headers);
        try
        {
            Check(context);
            var route = context.GetEndpoint()?.Metadata.GetMetadata<ApiRoute>();
            var isStream = route?.IsStream == true;
            using var place = isStream ? TakeStream() : await _requests.TakeAsync(context)
                ?? throw new ProblemException(Problem.Busy, $"{RequestLimits.MostRequests} requests are being answered, and others wait");
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, services.Ending.Token);
            if (!isStream && route?.IsDoneToItsEnd != true)
                deadline.CancelAfter(RequestLimits.Deadline);
            var aborted = context.RequestAborted;
            context.RequestAborted = deadline.Token;
            await AnswerAsync(context, next, isStream, aborted);
        }
        catch (ProblemException exception)
        {
            await exception.Problem.WriteAsync(context, exception.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _requests.Dispose();
        _streams.Dispose();
    }

    private RateLimitLease TakeStream() => _streams.AttemptAcquire() is { IsAcquired: true } place ? place
        : throw new ProblemException(Problem.TooMany,
            Wording.Count(services.Settings.MostStreams, "stream is", "streams are") + " open (--max-streams)");

    private static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
    }

    private void Check(HttpContext context)
    {
        var (request, route) = (context.Request, context.GetEndpoint()?.Metadata.GetMetadata<ApiRoute>());
        // Also of a request that is refused: what is left of its body is read before the next one.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = route?.MostBodyBytes ?? 0;
        if (!_hosts.IsOurs(request.Host.Host, context.Connection.LocalIpAddress))
            throw new ProblemException(Problem.ForeignHost,
                $"\"{request.Host}\" is not this server's name; bindwise serve --allow-host NAME allows one more");
        if (!_hosts.IsSameSite(request))
            throw new ProblemException(Problem.ForeignOrigin, "the request was made by a page of another site");
        if (route is not (null or { IsOpen: true }) && !services.Access.Admits(request, out var isWrong))
        {
            if (isWrong)
                services.Guesses.Count();
            context.Response.Headers.WWWAuthenticate = "Bearer";
            throw new ProblemException(Problem.NoToken,
                isWrong ? "that is not the token" : "a token is needed: send it as Authorization: Bearer TOKEN");
        }
        if (route?.WhyNot(request.Query.Keys) is { } fault)
            throw new ProblemException(Problem.BadRequest, fault);
    }

    // Kestrel's own words are its settings'.
    private static async Task RefuseAsync(HttpContext context, BadHttpRequestException fault)
    {
        var most = context.GetEndpoint()?.Metadata.GetMetadata<ApiRoute>() is { Body: not null } route ? route.MostBodyBytes : 0;
        var (problem, detail) = fault.StatusCode switch
        {
            StatusCodes.Status408RequestTimeout => (Problem.SlowRequest, "the body came at less than 240 bytes a second: send it faster"),
            StatusCodes.Status413PayloadTooLarge => (Problem.TooLarge, most == 0 ? "no body is taken here: leave it out"
                : Wording.Count(most, "byte is", "bytes are") + " taken at most, and the body is larger"),
            _ => (Problem.BadRequest, "the body cannot be read: it is not as its headers say"),
        };
        await problem.WriteAsync(context, detail);
    }

    private async Task AnswerAsync(HttpContext context, RequestDelegate next, bool isStream, CancellationToken aborted)
    {
        try
        {
            await next(context);
            // With its last bytes, for which Kestrel itself would wait as long as all of the answer may take at its least rate.
            if (context.Response.HasStarted && !isStream)
                await context.Response.CompleteAsync().WaitAsync(context.RequestAborted);
            if (context.Response is { StatusCode: StatusCodes.Status405MethodNotAllowed, HasStarted: false })
            {
                // The router counts in what is served at every path.
                if (services.MethodsAt(context.Request.Path) is { } methods)
                    context.Response.Headers.Allow = methods;
                await Problem.WrongMethod.WriteAsync(context, $"{context.Request.Method} is not offered at {context.Request.Path}");
            }
        }
        catch (PortQueryException exception)
        {
            await Problem.BadRequest.WriteAsync(context, exception.Message);
        }
        catch (TableUnreadException exception)
        {
            await Problem.Unreadable.WriteAsync(context, exception.Message);
        }
        catch (BadHttpRequestException exception)
        {
            await RefuseAsync(context, exception);
        }
        catch (OperationCanceledException)
        {
            if (aborted.IsCancellationRequested)
                return;
            var isEnd = services.Ending.IsCancellationRequested;
            await (isEnd ? Problem.Busy : Problem.TooSlow).WriteAsync(context, isEnd ? "the server is shutting down" : "it took too long");
        }
        catch (IOException) when (aborted.IsCancellationRequested)
        {
            // Nobody reads any more.
        }
        catch (Exception exception) when (exception is not ProblemException)
        {
            await Problem.Failed.WriteAsync(context, $"internal error, please report it: {exception.GetType().Name}: {exception.Message}");
        }
    }
}
