using System.Net;
using System.Net.Sockets;
using IsolatedProcess;

namespace Bindwise.Tests.Listening;

/// <summary>The code of docs/library.md, run: a test of the house compares the two.</summary>
[Trait("Lane", "second")]
public sealed class LibraryPageTests
{
    [IsolatedFact]
    public Task Listen_Works() => Body.RunAsync(static async () =>
    {
        var connecting = Task.Run(ConnectAsync);
        await using var listener = await Listener.BindAsync(ListenRequest.OnLocalhost(8080));
        using var connection = await listener.AcceptAsync();
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 8080), connection.LocalEndPoint);
        using var client = await connecting;

        static async Task<TcpClient> ConnectAsync()
        {
            for (var attempt = 0; ; attempt++)
            {
                var client = new TcpClient();
                try
                {
                    await client.ConnectAsync(IPAddress.Loopback, 8080);
                    return client;
                }
                catch (SocketException) when (attempt < 12_000)
                {
                    client.Dispose();
                    await Task.Delay(20);
                }
            }
        }
    });

    [IsolatedFact]
    public Task WhichPort_Works() => Body.RunAsync(static () =>
    {
        using var holder = Listener.Bind(ListenRequest.OnLocalhost(8080));
        var request = ListenRequest.OnLocalhost(PortPolicy.Exactly(8080).Then(PortPolicy.Range(8090, 8099)).Then(PortPolicy.SystemChoice));
        using var listener = Listener.Bind(request);
        Console.WriteLine($"http://localhost:{listener.Port}");
        Assert.Equal(8090, listener.Port);
        Assert.Equal(request.Port, PortPolicy.Parse("8080,8090-8099,0"));
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task OnePortForAll_Works() => Body.RunAsync(static () =>
    {
        var request = new ListenRequest
        {
            Addresses = [IPAddress.Any, IPAddress.IPv6Loopback],
            Transports = Transports.TcpAndUdp,
            Port = PortPolicy.SystemChoice,
        };
        using var listener = Listener.Bind(request);
        Assert.Equal(4, listener.Sockets.Length);
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task WhenItFails_IsTold() => Body.RunAsync(static () =>
    {
        using var holder = Listener.Bind(ListenRequest.OnAny(8080));
        using var errors = new StringWriter();
        Console.SetError(errors);
        try
        {
            using var listener = Listener.Bind(ListenRequest.OnAny(8080));
        }
        catch (BindException exception)
        {
            Console.Error.WriteLine(exception.Message);
            Console.Error.WriteLine(exception.Diagnosis?.ToText());
        }
        Assert.Contains($"pid {Environment.ProcessId}) listens on [::]:8080", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("  why ", errors.ToString(), StringComparison.Ordinal);
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task StartOrExplain_Works() => Body.RunAsync(static () =>
    {
        var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.StartOrExplain();
        Assert.True(listener.Server.IsBound);
        listener.Stop();
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task WaitForIt_Works() => Body.RunAsync(static async () =>
    {
        var stopping = CancellationToken.None;
        await Situation.LeaveTimeWaitAsync(8080);
        var request = ListenRequest.OnAny(8080) with { Retry = BindRetryOptions.For(TimeSpan.FromSeconds(10)) };
        await using var listener = await Listener.BindAsync(request, stopping);
        Assert.Equal(8080, listener.Port);
    });

    [IsolatedFact]
    public Task Options_Work() => Body.RunAsync(static () =>
    {
        var settings = new SocketSettings { ReuseAddress = false, V6Only = true, Backlog = 128 };
        using var listener = Listener.Bind(ListenRequest.On(IPAddress.IPv6Any, 8080) with { Settings = settings });
        var inEffect = listener.Sockets[0].InEffect;
        Assert.Equal((false, true, 128), (inEffect.ReuseAddress, inEffect.V6Only, inEffect.Backlog));
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task UnixSockets_Work() => Body.RunAsync(static () =>
    {
        KernelOption.Run("mount", "-t tmpfs none /run");
        using var listener = Listener.Bind(ListenRequest.OnUnixSocket("/run/app.sock"));
        Assert.True(File.Exists("/run/app.sock"));
        return Task.CompletedTask;
    });
}
