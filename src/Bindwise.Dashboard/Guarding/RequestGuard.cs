using System.Diagnostics;
using System.Net;
using System.Threading.RateLimiting;
using Bindwise.Dashboard.Answers;
using Bindwise.Dashboard.Serving;
using Bindwise.Model.Diagnosing;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Bindwise.Dashboard.Guarding;

/// <summary>What every request passes before it is answered, and where every fault becomes a problem.</summary>
internal sealed class RequestGuard(DashboardServices services) : IDisposable
{
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        + "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private readonly HostCheck _hosts = new(services.Settings.AllowedHosts);
    private readonly RequestPlaces _requests = new(RequestLimits.MostRequests, RequestLimits.MostWaiting);
    private readonly ConcurrencyLimiter _streams = new(new ConcurrencyLimiterOptions { PermitLimit = services.Settings.MostStreams });

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

/// <summary>
/// Whether a request is meant for this server and comes from its own page. A page of another site can make a browser send requests here, by
/// an address or by a name of its own that it lets point here (DNS rebinding): such have another Host or Origin.
/// </summary>
/// <param name="allowed">More names, in lower case.</param>
internal sealed class HostCheck(ImmutableArray<string> allowed)
{
    /// <summary>Whether a Host is this server's: the address that the connection came to, localhost, or an allowed name.</summary>
    /// <param name="host">Its name or address; the port may be another, as through a tunnel.</param>
    public bool IsOurs(string host, IPAddress? local)
    {
        var name = host.Trim('[', ']').TrimEnd('.').ToLowerInvariant();
        if (name.Length == 0)
            return false;
        if (allowed.Contains(name))
            return true;
        if (local is null)
            return false;
        var here = local.IsIPv4MappedToIPv6 ? local.MapToIPv4() : local;
        if (!IPAddress.TryParse(name, out var literal))
            return name == "localhost" && IPAddress.IsLoopback(here);
        // Of a link-local address a client names its own interface, or none.
        return literal.GetAddressBytes().AsSpan().SequenceEqual(here.GetAddressBytes())
            || (IPAddress.IsLoopback(literal) && IPAddress.IsLoopback(here));
    }

    /// <summary>Whether a request comes from the page of the same server, or from no page at all.</summary>
    public bool IsSameSite(HttpRequest request)
    {
        var origin = request.Headers.Origin;
        if (origin.Count > 1)
            return false;
        if (origin is [{ } sender])
            return Uri.TryCreate(sender, UriKind.Absolute, out var page) && page.Scheme is "http" or "https"
                && (allowed.Contains(page.Host.Trim('[', ']').ToLowerInvariant()) || IsSame(page, request.Host));
        // A browser says so where it sends no Origin: a picture, a script or a frame of another page. A link that was followed may come in
        // to a page, and not to what makes this server look.
        return request.Headers["Sec-Fetch-Site"].ToString() is not ("cross-site" or "same-site")
            || (request.Headers["Sec-Fetch-Mode"] == "navigate" && request.Headers["Sec-Fetch-Dest"] == "document"
                && HttpMethods.IsGet(request.Method) && !request.Path.StartsWithSegments("/api"));
    }

    private static bool IsSame(Uri page, HostString host) =>
        page.Host.Trim('[', ']').Equals(host.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase)
            && page.Port == (host.Port ?? (page.Scheme == "https" ? 443 : 80));
}

/// <summary>How much a client can cost.</summary>
internal static class RequestLimits
{
    /// <summary>So many requests are answered at the same time, streams aside; the body of each is in memory.</summary>
    public const int MostRequests = 32;

    /// <summary>So many more wait for some seconds.</summary>
    public const int MostWaiting = 96;

    /// <summary>So many connections; one more is closed at once.</summary>
    public const int MostConnections = 4096;

    /// <summary>What the kernel keeps of an answer that its client does not read; it takes twice as much memory for it.</summary>
    public const int SendBufferBytes = 64 << 10;

    /// <summary>A request that is no stream is given up after so long.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>Sets Kestrel's: sizes, and slow clients are dropped (the least rate of a request's body is 240 bytes a second).</summary>
    public static void Apply(KestrelServerLimits limits)
    {
        limits.MaxConcurrentConnections = MostConnections;
        limits.MaxRequestBodySize = 0;
        limits.MaxRequestLineSize = 8 << 10;
        limits.MaxRequestHeadersTotalSize = 16 << 10;
        limits.MaxRequestHeaderCount = 64;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
        limits.Http2.MaxStreamsPerConnection = 64;
        // By this a connection of HTTP/2 ends whose streams were given up unread; what the kernel holds for it counts.
        limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 2048, gracePeriod: TimeSpan.FromSeconds(10));
    }
}

/// <summary>
/// The requests that are being answered, and those that wait for a place. A client that leaves its answer unread loses its place to one
/// that waits; one that reads on, however slowly, keeps it.
/// </summary>
internal sealed class RequestPlaces(int places, int waiting) : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    // Who reads has taken the next piece of the answer long before.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions { PermitLimit = places, QueueLimit = waiting });
    private readonly LinkedList<Place> _taken = [];
    private readonly Lock _gate = new();

    /// <summary>Takes a place for a request.</summary>
    /// <returns>The place, to be disposed at the request's end; null where none is to be had.</returns>
    public async ValueTask<IDisposable?> TakeAsync(HttpContext context)
    {
        var lease = _limiter.AttemptAcquire();
        if (!lease.IsAcquired)
            lease = await WaitAsync(context.RequestAborted);
        if (lease is not { IsAcquired: true })
            return null;
        var place = new Place(this, context, lease);
        context.Features.Set<IAnswerProgress>(place);
        lock (_gate)
            _taken.AddLast(place);
        return place;
    }

    public void Dispose() => _limiter.Dispose();

    private async ValueTask<RateLimitLease?> WaitAsync(CancellationToken aborted)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        late.CancelAfter(LongestWait);
        var lease = _limiter.AcquireAsync(1, late.Token).AsTask();
        try
        {
            using var patience = new PeriodicTimer(Patience);
            do
                DropAnUnread();
            while (await Task.WhenAny(lease, patience.WaitForNextTickAsync(CancellationToken.None).AsTask()) != lease);
            return await lease;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    // Under the lock: a request that has ended meanwhile is another's by now.
    private void DropAnUnread()
    {
        lock (_gate)
            _taken.FirstOrDefault(static place => place.IsLeftUnread)?.Drop();
    }

    private void Leave(Place place)
    {
        lock (_gate)
            _taken.Remove(place);
    }

    private sealed class Place(RequestPlaces places, HttpContext context, RateLimitLease lease) : IAnswerProgress, IDisposable
    {
        private long _advanced = Stopwatch.GetTimestamp();
        private bool _isDropped;

        public bool IsLeftUnread => !_isDropped && context.Response.HasStarted
            && Stopwatch.GetElapsedTime(Volatile.Read(ref _advanced)) > Patience;

        public void Advance() => Volatile.Write(ref _advanced, Stopwatch.GetTimestamp());

        public void Drop()
        {
            _isDropped = true;
            context.Abort();
        }

        public void Dispose()
        {
            places.Leave(this);
            lease.Dispose();
        }
    }
}
