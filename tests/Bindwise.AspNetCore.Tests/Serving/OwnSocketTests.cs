using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Bindwise.Extensions.Hosting;
using IsolatedProcess;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace Bindwise.AspNetCore.Tests.Serving;

/// <summary>Sockets that the application makes or configures itself, and settings of single endpoints.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class OwnSocketTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [IsolatedFact]
    public Task CreateBoundListenSocket_OfTheApplication_MakesTheSockets() => Body.RunAsync(static async () =>
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("web.sock");
        await using var web = await Web.StartAsync(
            kestrel: kestrel => kestrel.ListenUnixSocket(path),
            builder: static builder => builder.WebHost.UseSockets(static sockets => sockets.CreateBoundListenSocket = static endpoint =>
            {
                var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
                File.SetUnixFileMode(endpoint.ToString()!, OwnerOnly);
                return socket;
            }));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(path));
        Assert.Equal("hello", await UnixClient.GetAsync(path));
    });

    [IsolatedFact]
    public Task CreateBoundListenSocket_OfTheApplication_IsAskedForEachPort_AndItsFailureIsExplained() => Body.RunAsync(static async () =>
    {
        var asked = new List<string>();
        void UseOwn(WebApplicationBuilder builder) => builder.Services.PostConfigure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = endpoint =>
        {
            asked.Add(endpoint.ToString()!);
            return SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        });
        using var taken = Web.Occupy(IPAddress.Loopback, 5000);
        await using (var web = await Web.StartAsync("http://127.0.0.1:5000;http://*:6000", static options => options.Fallback = PortPolicy.Range(5001, 5009), builder: UseOwn))
        {
            Assert.Equal(["http://127.0.0.1:5001", "http://[::]:6000"], web.Urls);
            Assert.Equal("hello", await Web.GetAsync("http://127.0.0.1:5001"));
            Assert.Equal("hello", await Web.GetAsync("http://127.0.0.1:6000"));
            Assert.Equal(["127.0.0.1:5000", "127.0.0.1:5001", "[::]:6000"], asked.Distinct().Order(StringComparer.Ordinal));
        }
        await using var refused = Web.Make("http://127.0.0.1:5000", builder: UseOwn);
        var failure = await Assert.ThrowsAsync<StartupBindException>(() => refused.App.StartAsync());
        Assert.Contains($"pid {Environment.ProcessId})", failure.Bind.Message, StringComparison.Ordinal);
    });

    [IsolatedFact]
    public Task CreateBoundListenSocket_BesideSettingsThatItLeavesWithoutEffect_IsRefusedInWords() => Body.RunAsync(static async () =>
    {
        await using var web = Web.Make(
            "http://127.0.0.1:5000",
            static options => options.Settings = SocketSettings.Default with { ReusePort = true },
            builder: static builder => builder.WebHost.UseSockets(static sockets => sockets.CreateBoundListenSocket = static endpoint => SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint)));
        var refused = await Assert.ThrowsAnyAsync<IOException>(() => web.App.StartAsync());
        Assert.Contains("SocketTransportOptions.CreateBoundListenSocket", refused.Message, StringComparison.Ordinal);
    });

    [IsolatedFact]
    public Task ConfigureSocket_IsCalledBeforeBind() => Body.RunAsync(static async () =>
    {
        var seen = new List<(string EndPoint, bool IsBound)>();
        await using var web = await Web.StartAsync("http://localhost:5000", options => options.ConfigureSocket = (socket, endpoint) =>
        {
            seen.Add((endpoint.ToString()!, socket.LocalEndPoint is IPEndPoint { Port: > 0 }));
            socket.SetRawSocketOption(0, 15, BitConverter.GetBytes(1));
        });
        Assert.Equal([("127.0.0.1:5000", false), ("[::1]:5000", false)], seen);
        var freebind = new byte[sizeof(int)];
        Assert.All(web.App.Services.GetRequiredService<ListeningSockets>().Open.Where(static one => one.Socket.AddressFamily == AddressFamily.InterNetwork), one =>
        {
            _ = one.Socket.GetRawSocketOption(0, 15, freebind);
            Assert.Equal(1, freebind[0]);
        });
        Assert.Equal("hello", await Web.GetAsync("http://127.0.0.1:5000"));
    });

    [IsolatedFact]
    public Task UnixSocket_BesideTcpWithOptions_HasItsOwn_InCode() => Body.RunAsync(static async () =>
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("web.sock");
        await using var web = await Web.StartAsync(
            options: options =>
            {
                options.Settings = SocketSettings.Default with { ReusePort = true };
                options.SettingsByEndpoint[path] = SocketSettings.Default with { UnixFileMode = OwnerOnly };
                options.SettingsByEndpoint["5001"] = SocketSettings.Default with { Backlog = 7 };
                options.SettingsByEndpoint["127.0.0.1:5002"] = SocketSettings.Default;
            },
            kestrel: kestrel =>
            {
                kestrel.Listen(IPAddress.Loopback, 5000);
                kestrel.Listen(IPAddress.Loopback, 5001);
                kestrel.Listen(IPAddress.Loopback, 5002);
                kestrel.ListenUnixSocket(path);
            });
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(path));
        Assert.Equal([true, false, false, false], web.App.Services.GetRequiredService<ListeningSockets>().Open.Select(static one => SharesPort(one.Socket)));
        Assert.Equal("hello", await UnixClient.GetAsync(path));
    });

    [IsolatedFact]
    public Task UnixSocket_BesideTcpWithOptions_HasItsOwn_InTheConfiguration() => Body.RunAsync(static async () =>
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("web.sock");
        await using var web = await Web.StartAsync(settings:
        [
            ("Kestrel:Endpoints:A:Url", "http://127.0.0.1:5000"), ("Kestrel:Endpoints:B:Url", "http://unix:" + path), ("Kestrel:Endpoints:C:Url", "http://127.0.0.1:5001"),
            ("Bindwise:Settings:ReusePort", "true"), ("Bindwise:Settings:Backlog", "99"), ($"Bindwise:SettingsByEndpoint:{path}:UnixFileMode", "0600"),
            ("Bindwise:SettingsByEndpoint:5001:ReusePort", "false"),
        ]);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(path));
        var shared = web.App.Services.GetRequiredService<ListeningSockets>().Open.Where(static one => SharesPort(one.Socket)).Select(static one => one.LocalEndPoint!.ToString());
        Assert.Equal(["127.0.0.1:5000"], shared);
        Assert.Equal("hello", await UnixClient.GetAsync(path));
    });

    [Theory]
    [InlineData("Bindwise:SettingsByEndpoint:web:Backlog", "9", "Bindwise:SettingsByEndpoint:web names no endpoint; the key is a port, an address and a port in their shortest form, or a UNIX path.")]
    [InlineData("Bindwise:SettingsByEndpoint:443:Backlog", "0", "Bindwise:SettingsByEndpoint:443:Backlog is 0; it must be 1 or more.")]
    [InlineData("Bindwise:SettingsByEndpoint:443:Fast", "1", "Bindwise:SettingsByEndpoint:443:Fast is not known; there are ReuseAddress, ReusePort, V6Only, Backlog, Device, Freebind, UnixFileMode, ExclusiveAddressUse.")]
    [InlineData("Bindwise:Settings:UnixFileMode", "rw", "Bindwise:Settings:UnixFileMode is 'rw'; write octal permissions, such as 0660.")]
    public async Task SettingsByEndpoint_WithAFault_IsToldWithItsKey(string key, string value, string told)
    {
        await using var web = Web.Make("http://127.0.0.1:0", settings: (key, value));
        var refused = await Assert.ThrowsAnyAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => web.App.StartAsync());
        Assert.Contains(told, refused.Failures);
    }

    [IsolatedFact]
    public Task FallbackByPort_OfNull_IsNone() => Body.RunAsync(static async () =>
    {
        using var taken = Web.Occupy(IPAddress.Loopback, 5000);
        await using var code = Web.Make("http://127.0.0.1:5000", static options =>
        {
            options.Fallback = PortPolicy.Range(5001, 5009);
            options.FallbackByPort[5000] = null;
        });
        await Assert.ThrowsAsync<StartupBindException>(() => code.App.StartAsync());
        await using var configured = Web.Make("http://127.0.0.1:5000", settings: [("Bindwise:Fallback", "5001-5009"), ("Bindwise:FallbackByPort:5000", null)]);
        await Assert.ThrowsAsync<StartupBindException>(() => configured.App.StartAsync());
    });

    private static bool SharesPort(Socket socket)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        _ = socket.GetRawSocketOption(1, 15, value);
        return value[0] != 0;
    }
}
