using System.Diagnostics;
using System.Net;
using System.Runtime.Versioning;
using Bindwise.Tests.Listening;
using IsolatedProcess;

namespace Bindwise.Tests.HandingOver;

/// <summary>A new instance that has the old one's sockets and no descriptor to spare, or is cancelled; both in one process.</summary>
[SupportedOSPlatform("linux")]
[Trait("Lane", "second")]
public sealed class NewInstanceTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private static readonly ListenRequest Web = ListenRequest.On(IPAddress.Loopback, 8080);

    private static readonly HandOverOptions Options = new() { Path = Instance.DefaultPath, WaitTimeout = Limit, ReadyTimeout = Limit };

    // What it needs to serve in the old one's place, a thread too, it has before the old one lets go.
    [IsolatedFact("prlimit", "python3")]
    public Task Ready_WithoutAFreeDescriptor_TakesTheOldOnesPlace() => Body.RunAsync(static async () =>
    {
        const string Old = """
            import socket, sys
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(sys.argv[1])
            listener.listen()
            web = socket.create_server(("127.0.0.1", 8080))
            print("there", flush=True)
            s = listener.accept()[0]
            s.recv(8)
            s.sendall(b"BWH\x01\x02\0\x02\0" + bytes(4))
            socket.send_fds(s, [b"BWH\x01\x03\0\x02\0"], [listener.fileno(), web.fileno()])
            s.recv(10)
            print("told", flush=True)
            sys.stdin.readline()
            s.sendall(b"BWH\x01\x05\0\0\0")
            """;
        // Everything that a hand-over needs is loaded by its end, and what asks for a fault.
        Assert.Null(await Record.ExceptionAsync(static () => Task.CompletedTask));
        await using (var first = await ListenerHandOver.StartAsync([Web], Options))
        {
            await first.ReadyAsync();
            await using var second = await ListenerHandOver.StartAsync([Web], Options);
            await second.ReadyAsync();
            await EndOf(first);
        }
        using var old = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Old, Instance.DefaultPath]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Assert.Equal("there", await old.StandardOutput.ReadLineAsync());
        await using var next = await ListenerHandOver.StartAsync([Web], Options);
        var ready = next.ReadyAsync().AsTask();
        Assert.Equal("told", await old.StandardOutput.ReadLineAsync());
        KernelOption.Run("prlimit", $"--pid {Environment.ProcessId} --nofile=512:4096");
        var files = new List<FileStream>();
        Assert.ThrowsAny<IOException>(() =>
        {
            while (files.Count < 1024)
                files.Add(new FileStream("/dev/null", FileMode.Open));
        });
        await old.StandardInput.WriteLineAsync();
        var failure = await Record.ExceptionAsync(() => ready.WaitAsync(Limit));
        files.ForEach(static file => file.Dispose());
        Assert.Null(failure);
        await old.WaitForExitAsync();
        await using var last = await ListenerHandOver.StartAsync([Web], Options);
        await last.ReadyAsync();
        await EndOf(next);
    });

    // The runtime gives such a process no thread, and says so by an exception that nobody expects.
    [IsolatedFact("prlimit")]
    public Task Start_WithoutAFreeDescriptor_FailsAsDocumented_AndSoDoesWaiting() => Body.RunAsync(static async () =>
    {
        var wait = new WaitRequest { Queries = [PortQuery.Of(8081)], Timeout = TimeSpan.FromMilliseconds(50) };
        // Everything that both need is loaded by their end, and what asks for a fault.
        await using (var first = await ListenerHandOver.StartAsync([Web], Options))
            await first.ReadyAsync();
        await PortDiagnostics.WaitAsync(wait);
        Assert.Null(await Record.ExceptionAsync(static () => Task.CompletedTask));
        KernelOption.Run("prlimit", $"--pid {Environment.ProcessId} --nofile=512:4096");
        var files = new List<FileStream>();
        Assert.ThrowsAny<IOException>(() =>
        {
            while (files.Count < 1024)
                files.Add(new FileStream("/dev/null", FileMode.Open));
        });
        var started = await Record.ExceptionAsync(static () => ListenerHandOver.StartAsync([Web], Options).AsTask());
        var waited = await Record.ExceptionAsync(() => PortDiagnostics.WaitAsync(wait));
        files.ForEach(static file => file.Dispose());
        Assert.Contains("ulimit -n", Assert.IsType<HandOverException>(started).Message, StringComparison.Ordinal);
        Assert.Contains("ulimit -n", Assert.IsType<PortQueryException>(waited).Message, StringComparison.Ordinal);
    });

    // Nothing else would tell: what is there needs no connection until ReadyAsync.
    [IsolatedFact]
    public Task Start_CancelledOnceItHasTheSockets_IsCancelled_AndLeavesTheOldOneServing() => Body.RunAsync(static async () =>
    {
        await using var old = await ListenerHandOver.StartAsync([Web], Options);
        await old.ReadyAsync();
        for (var round = 0; round < 2; round++)
        {
            var before = OpenDescriptors.Read();
            using var cancel = new CancellationTokenSource();
            var other = ListenRequest.On(IPAddress.Loopback, 8081) with { ConfigureSocket = (_, _) => cancel.Cancel() };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ListenerHandOver.StartAsync([Web, other], Options, cancel.Token).AsTask());
            // The first time, something of the runtime's own may stay.
            if (round > 0)
                await OpenDescriptors.AssertNoMoreThanAsync(before);
            Assert.False(old.HandedOver.IsCancellationRequested);
        }
        await using var next = await ListenerHandOver.StartAsync([Web], Options);
        await next.ReadyAsync();
        await EndOf(old);
    });

    private static Task EndOf(ListenerHandOver old) =>
        Task.Delay(Timeout.Infinite, old.HandedOver).ContinueWith(static _ => { }, TaskScheduler.Default).WaitAsync(Limit);
}
