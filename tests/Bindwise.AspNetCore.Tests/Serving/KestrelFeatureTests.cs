using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Bindwise.Extensions.Hosting;
using IsolatedProcess;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Bindwise.AspNetCore.Tests.Serving;

/// <summary>What Kestrel can do, it still can.</summary>
[Trait("Lane", "second")]
public sealed class KestrelFeatureTests
{
    [IsolatedFact]
    public Task Https_InCodeAndOverAFallback_Answers() => Body.RunAsync(static async () =>
    {
        using var certificate = SelfSigned();
        using var taken = Web.Occupy(IPAddress.Loopback, 5001);
        await using var web = await Web.StartAsync(options: static options => options.Fallback = PortPolicy.FirstFree(5011), kestrel: kestrel =>
        {
            kestrel.ConfigureHttpsDefaults(https => Patient(https, certificate));
            kestrel.ListenLocalhost(5001, static listen => listen.UseHttps());
        });
        Assert.Equal(["https://localhost:5011"], web.Urls);
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var client = new HttpClient(handler);
        Assert.Equal("hello", await client.GetStringAsync(new Uri("https://127.0.0.1:5011")));
        Assert.Equal("hello", await client.GetStringAsync(new Uri("https://[::1]:5011")));
    });

    [IsolatedFact]
    public Task Https_OfAUrl_Answers() => Body.RunAsync(static async () =>
    {
        using var certificate = SelfSigned();
        await using var web = await Web.StartAsync("https://localhost:0", kestrel: kestrel => kestrel.ConfigureHttpsDefaults(https => Patient(https, certificate)));
        var url = new Uri(Assert.Single(web.Urls));
        Assert.Equal("https", url.Scheme);
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var client = new HttpClient(handler);
        Assert.Equal("hello", await client.GetStringAsync(url));
    });

    /// <summary>The wire form of gRPC: HTTP/2 with prior knowledge, a length before each message, trailers with the status.</summary>
    [IsolatedFact]
    public Task GrpcOnTheWire_OverCleartextHttp2_Answers() => Body.RunAsync(static async () =>
    {
        await using var web = Web.Make(kestrel: static kestrel => kestrel.ListenLocalhost(5000, static listen => listen.Protocols = HttpProtocols.Http2));
        web.App.MapPost("/echo.Echo/Say", static async context =>
        {
            var message = new MemoryStream();
            await context.Request.Body.CopyToAsync(message);
            context.Response.ContentType = "application/grpc";
            context.Response.DeclareTrailer("grpc-status");
            await context.Response.Body.WriteAsync(message.ToArray());
            context.Response.AppendTrailer("grpc-status", "0");
        });
        await web.App.StartAsync();
        byte[] frame = [0, 0, 0, 0, 0, .. "hello"u8];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), 5);
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://[::1]:5000/echo.Echo/Say")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(frame) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal(frame, await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
    });

    [IsolatedFact]
    public Task EndpointDefaults_Apply() => Body.RunAsync(static async () =>
    {
        await using var web = await Web.StartAsync("http://localhost:5000", kestrel: static kestrel => kestrel.ConfigureEndpointDefaults(static listen => listen.Protocols = HttpProtocols.Http2));
        using var client = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        Assert.Equal("hello", await client.GetStringAsync(new Uri("http://127.0.0.1:5000")));
        await Assert.ThrowsAsync<HttpRequestException>(static () => Web.GetAsync("http://127.0.0.1:5000"));
    });


    [IsolatedFact]
    public Task Addresses_BehindTheStart_CannotBeChanged() => Body.RunAsync(static async () =>
    {
        await using var web = await Web.StartAsync("http://localhost:5000");
        Assert.Throws<InvalidOperationException>(() => web.App.Urls.Add("http://localhost:5001"));
    });

    [IsolatedFact]
    public Task Url_ThatMakesNoSense_IsRefusedInKestrelsWords() => Body.RunAsync(static async () =>
    {
        await using var web = Web.Make("http://localhost:5000;http://localhost:5001/base");
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => web.App.StartAsync());
        Assert.Contains("base", refused.Message, StringComparison.Ordinal);
        using var free = Web.Occupy(IPAddress.Loopback, 5000);
    });

    [IsolatedFact]
    public Task Connections_ComeToKestrelsOwnTransport_ThePackageIsAskedOnceForEachAddress() => Body.RunAsync(static async () =>
    {
        var asked = 0;
        await using var web = await Web.StartAsync("http://localhost:5000", builder: builder => builder.Services.PostConfigure<SocketTransportOptions>(transport =>
        {
            var ours = transport.CreateBoundListenSocket;
            transport.CreateBoundListenSocket = endpoint =>
            {
                asked++;
                return ours(endpoint);
            };
        }));
        Assert.Equal(typeof(SocketTransportOptions).Assembly, web.App.Services.GetRequiredService<IConnectionListenerFactory>().GetType().Assembly);
        for (var connection = 0; connection < 50; connection++)
            Assert.Equal("hello", await Web.GetAsync("http://127.0.0.1:5000"));
        Assert.Equal(2, asked);
    });

    [Fact]
    public async Task TestServer_InKestrelsPlace_WorksAsEver()
    {
        await using var web = await Web.StartAsync("http://localhost:5000", static options => options.Fallback = PortPolicy.Exactly(5001), builder: static builder => builder.WebHost.UseTestServer());
        Assert.IsType<TestServer>(web.App.Services.GetRequiredService<IServer>());
        Assert.Equal("hello", await web.App.GetTestClient().GetStringAsync(new Uri("/", UriKind.Relative)));
        Assert.Empty(web.App.Services.GetRequiredService<ListeningSockets>().Open);
    }

    [Fact]
    public async Task WebApplicationFactory_OfAProgramWithThePackage_WorksAsEver()
    {
        await using var factory = new WebApplicationFactory<Program>();
        using var client = factory.CreateClient();
        Assert.Equal("hello\n", await client.GetStringAsync(new Uri("/", UriKind.Relative)));
        Assert.Equal("Healthy", await client.GetStringAsync(new Uri("/healthz", UriKind.Relative)));
    }

    // Kestrel gives up a client that shakes hands for ten seconds, as one does that is held up.
    private static void Patient(HttpsConnectionAdapterOptions https, X509Certificate2 certificate)
    {
        https.ServerCertificate = certificate;
        https.HandshakeTimeout = TimeSpan.FromMinutes(4);
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddHours(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}
