using System.Net;
using System.Net.Sockets;
using IsolatedProcess;

namespace Bindwise.Tests.Listening;

/// <summary>What other systems get: sockets by .NET alone, played on Linux.</summary>
public sealed class PortableSocketTests
{
    [IsolatedFact]
    public Task PortableSockets_TellWhatIsInEffect() => Body.RunAsync(static async () =>
    {
        var request = ListenRequest.OnLocalhost(PortPolicy.SystemChoice) with { IsPortable = true, Transports = Transports.TcpAndUdp };
        await using var listener = await Listener.BindAsync(request);
        Assert.Equal(4, listener.Sockets.Length);
        Assert.All(listener.Sockets, one =>
        {
            Assert.Equal(listener.Port, ((IPEndPoint)one.LocalEndPoint).Port);
            Assert.Equal(one.Transport == Transports.Tcp, one.InEffect.ReuseAddress);
            Assert.Equal(KernelOption.ReuseAddress(one.Socket) == 1, one.InEffect.ReuseAddress);
            Assert.False(one.InEffect.ReusePort);
        });
        using var client = new TcpClient("127.0.0.1", listener.Port);
        using var accepted = await listener.AcceptAsync();
        Assert.Throws<PlatformNotSupportedException>(() => Listener.Bind(request with { Settings = new() { ReuseAddress = false } }));
        Assert.Throws<PlatformNotSupportedException>(() => Listener.Bind(request with { Settings = new() { Device = "lo" } }));
        Assert.Throws<PlatformNotSupportedException>(() => Listener.Bind(request with { Settings = new() { Freebind = true } }));
        using var shared = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8081) with { IsPortable = true, Settings = new() { ReusePort = true }, Transports = Transports.Udp });
        Assert.Equal((0, 1), (KernelOption.ReuseAddress(shared.Sockets[0].Socket), KernelOption.ReusePort(shared.Sockets[0].Socket)));
        using var dual = Listener.Bind(ListenRequest.OnAny(8082) with { IsPortable = true });
        Assert.Equal(0, KernelOption.V6Only(dual.Sockets[0].Socket));
    });

    [IsolatedFact]
    public Task PortableFailure_IsExplainedAsFarAsDotNetTells() => Body.RunAsync(static () =>
    {
        using var holder = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        var exception = Assert.Throws<BindException>(static () => Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080) with { IsPortable = true }));
        Assert.Equal(SocketError.AddressAlreadyInUse, exception.SocketErrorCode);
        Assert.NotNull(exception.Diagnosis!.Portable);
        Assert.Equal(Verdict.Blocked, exception.Diagnosis.Verdict);
        Assert.Contains("127.0.0.1:8080", exception.Message, StringComparison.Ordinal);
        return Task.CompletedTask;
    });

    [IsolatedFact("python3")]
    public Task PortableUnixPath_ReplacesAStaleFile() => Body.RunAsync(static () =>
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("bindwise-").FullName, "app.sock");
        KernelOption.Run("python3", $"-c \"import socket;socket.socket(socket.AF_UNIX).bind('{path}')\"");
        var request = ListenRequest.OnUnixSocket(path) with { IsPortable = true };
        using (Listener.Bind(request))
            Assert.Throws<BindException>(() => Listener.Bind(request));
        Assert.False(File.Exists(path));
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task PortableUnixPath_WithAFileOfSomebody_LeavesIt() => Body.RunAsync(static () =>
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("bindwise-").FullName, "notes.txt");
        File.WriteAllText(path, "precious");
        Assert.Throws<BindException>(() => Listener.Bind(ListenRequest.OnUnixSocket(path) with { IsPortable = true }));
        Assert.Equal("precious", File.ReadAllText(path));
        return Task.CompletedTask;
    });
}
