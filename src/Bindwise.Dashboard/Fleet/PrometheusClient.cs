using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Bindwise.Dashboard.Fleet;

/// <summary>Prometheus, or what speaks its HTTP API, does not answer as it should.</summary>
internal sealed class PrometheusException(string message) : Exception(message);

/// <param name="Value">The value; never NaN.</param>
internal sealed record PrometheusSample(ImmutableDictionary<string, string> Labels, double Value)
{
    /// <summary>A label; empty where the series has none of that name.</summary>
    public string this[string label] => Labels.GetValueOrDefault(label, "");
}

/// <summary>Asks Prometheus instant queries. Nothing that it answers is trusted: sizes, form and numbers are checked.</summary>
internal sealed class PrometheusClient : IDisposable
{
    private const int MostBytes = 32 << 20;
    private const int MostSeries = 200_000;
    private const int MostLabels = 64;
    private const int LongestLabel = 512;
    private const int LongestError = 300;

    private readonly HttpClient _http;
    private readonly Uri _query;

    /// <summary>Connects when it is asked.</summary>
    /// <param name="address">
    /// As <c>http://127.0.0.1:9090</c>, with a path before the API's own where it has one, and a user name where it needs one.
    /// </param>
    public PrometheusClient(Uri address)
    {
        // No redirect leads the server elsewhere, and no proxy of the environment.
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            // On the same host it would only cost both of them processor time.
            AutomaticDecompression = address.IsLoopback ? DecompressionMethods.None : DecompressionMethods.GZip,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            MaxConnectionsPerServer = 16,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Authorization = BasicCredentials.Of(address);
        _query = new UriBuilder(address) { UserName = "", Password = "", Path = address.AbsolutePath.TrimEnd('/') + "/api/v1/query" }.Uri;
    }

    /// <param name="query">PromQL whose answer is a vector.</param>
    /// <exception cref="PrometheusException">There is no answer, or none that makes sense.</exception>
    public async Task<ImmutableArray<PrometheusSample>> AskAsync(string query, DateTimeOffset time, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _query)
            {
                Content = new FormUrlEncodedContent(
                [
                    new("query", query),
                    new("time", (time.ToUnixTimeMilliseconds() / 1000.0).ToString("F3", CultureInfo.InvariantCulture)),
                ]),
            };
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            var body = await ReadAsync(response, cancellation);
            using var document = Parse(body, response.StatusCode);
            return Vector(document.RootElement, response.StatusCode);
        }
        catch (HttpRequestException exception)
        {
            throw new PrometheusException($"Prometheus at {_query.Authority} cannot be asked: {exception.GetBaseException().Message}");
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            throw new PrometheusException($"Prometheus at {_query.Authority} broke off its answer: {exception.GetBaseException().Message}");
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        var body = new MemoryStream();
        var buffer = new byte[64 << 10];
        for (int length; (length = await stream.ReadAsync(buffer, cancellation)) > 0;)
        {
            body.Write(buffer, 0, length);
            if (body.Length > MostBytes)
                throw new PrometheusException($"Prometheus answered with more than {MostBytes >> 20} MiB");
        }
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> body, HttpStatusCode status)
    {
        try
        {
            return JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
        }
        catch (JsonException)
        {
            throw new PrometheusException($"what answers is not Prometheus: HTTP status {(int)status}, and no JSON");
        }
    }

    private static ImmutableArray<PrometheusSample> Vector(JsonElement root, HttpStatusCode status)
    {
        try
        {
            if (root.GetProperty("status").GetString() != "success")
            {
                var error = root.TryGetProperty("error", out var text) ? text.GetString() ?? "" : "";
                throw new PrometheusException($"Prometheus refused a query (HTTP status {(int)status}): "
                    + (error.Length > LongestError ? error[..LongestError] : error));
            }
            var data = root.GetProperty("data");
            if (data.GetProperty("resultType").GetString() != "vector")
                throw new PrometheusException("Prometheus answered with something other than a vector");
            var samples = ImmutableArray.CreateBuilder<PrometheusSample>();
            foreach (var one in data.GetProperty("result").EnumerateArray().Take(MostSeries))
            {
                var value = double.Parse(one.GetProperty("value")[1].GetString()!, NumberStyles.Float, CultureInfo.InvariantCulture);
                if (!double.IsNaN(value))
                    samples.Add(new PrometheusSample(Labels(one.GetProperty("metric")), value));
            }
            return samples.ToImmutable();
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException
            or IndexOutOfRangeException or ArgumentNullException)
        {
            throw new PrometheusException("Prometheus answered with JSON that its API does not have");
        }
    }

    private static ImmutableDictionary<string, string> Labels(JsonElement metric)
    {
        var labels = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var one in metric.EnumerateObject().Take(MostLabels))
        {
            var text = one.Value.GetString() ?? throw new FormatException();
            labels[one.Name] = text.Length > LongestLabel ? text[..LongestLabel] : text;
        }
        return labels.ToImmutable();
    }
}

/// <summary>The user's name and password in an address, which <see cref="HttpClient"/> does not send by itself (RFC 7617).</summary>
internal static class BasicCredentials
{
    /// <summary>The header's value; null where the address has none.</summary>
    public static AuthenticationHeaderValue? Of(Uri address) => address.UserInfo.Length == 0 ? null
        : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(address.UserInfo))));
}
