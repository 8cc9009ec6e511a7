using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;

namespace Bindwise.Dashboard.Tests;

/// <summary>The program as it serves, in the namespaces of a test's body.</summary>
internal sealed class ServedProgram : IAsyncDisposable
{
    /// <summary>Only ends what hangs.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private readonly Process _process;

    private ServedProgram(Process process, string address)
    {
        _process = process;
        Address = new Uri(address);
        Client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new() { RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate?.Subject == "CN=localhost" },
            UseCookies = false,
            AllowAutoRedirect = false,
            MaxConnectionsPerServer = 2000,
        })
        { BaseAddress = Address, Timeout = Patience };
    }

    /// <summary>What it printed.</summary>
    public Uri Address { get; }

    /// <summary>A client of it, without cookies.</summary>
    public HttpClient Client { get; }

    /// <summary>Starts it on a port of the system's choice, and waits for its address.</summary>
    public static async Task<ServedProgram> StartAsync(params string[] options)
    {
        string[] port = options.Contains("--port") ? [] : ["--port", "0"];
        var process = Start(["serve", .. port, .. options]);
        var address = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        return address is not null ? new ServedProgram(process, address)
            : throw new InvalidOperationException($"it does not serve: {await process.StandardError.ReadToEndAsync()}");
    }

    /// <summary>Runs the program to its end.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode, await output, await errors);
    }

    /// <summary>Sends a request that may carry any header.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, string? body = null, string type = "application/json",
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue(type));
        foreach (var (name, value) in headers)
            Assert.True(request.Headers.TryAddWithoutValidation(name, value), name);
        using var response = await Client.SendAsync(request);
        return new Answer(response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.ETag?.Tag,
            response.Headers.Concat(response.Content.Headers).ToDictionary(static one => one.Key, static one => string.Join(", ", one.Value)));
    }

    /// <summary>GETs a path.</summary>
    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, path, headers: headers);

    /// <summary>Sends a signal, and waits for the end.</summary>
    public async Task<int> EndAsync(string signal)
    {
        using (var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
            await EndAsync("TERM");
        _process.Dispose();
    }

    private static Process Start(IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo(ProgramUnderTest.Path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
}

/// <summary>An answer, read to its end.</summary>
internal sealed record Answer(HttpStatusCode Status, string Body, string? Tag, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The body as JSON.</summary>
    public JsonNode Json => JsonNode.Parse(Body)!;

    /// <summary>Holds it to be a problem as docs/serve.md has it.</summary>
    public void IsProblem(int status, string id)
    {
        Assert.True(status == (int)Status, $"{(int)Status} {Body}");
        Assert.Equal("application/problem+json", Headers["Content-Type"]);
        Assert.Equal(($"/docs/serve.md#{id}", status), ((string)Json["type"]!, (int)Json["status"]!));
        Assert.NotEmpty((string)Json["detail"]!);
        Assert.NotEmpty((string)Json["title"]!);
    }
}
