// A parent that keeps the port while its child restarts: connections wait for the next child, and none is refused.
// Whatever ends the child, well or not, it is started again; SIGHUP replaces it without a gap; SIGTERM and Ctrl+C stop both. If the parent is
// killed, the child gets SIGTERM from the kernel. After 20 restarts in a row it gives up, with exit code 1.
// Arguments: the port, then the program (which takes the socket 'web', and tells when it is ready, as
// samples/library/FromSystemd does) and its arguments.
using System.Net;
using System.Runtime.InteropServices;
using Bindwise;

if (args.Length < 2 || !OperatingSystem.IsLinux())
{
    await Console.Error.WriteLineAsync("usage (Linux): KeepsThePort PORT PROGRAM [ARGUMENT...]");
    return 2;
}
try
{
    await using var listener = Listener.Bind(ListenRequest.On(IPAddress.Loopback, PortPolicy.Parse(args[0])));
    await using var server = ChildServer.Start(new ChildServerOptions
    {
        Program = args[1],
        Arguments = [.. args[2..]],
        Sockets = ChildSocket.Of(listener, "web"),
        ExpectsReady = true,
        Restart = new ChildRestartOptions
        {
            MaxAttempts = 20,
            OnRestart = ended => Console.WriteLine($"{ended.ProcessId} ended with {ended.ExitCode}; next in {ended.Delay.TotalSeconds} s"),
        },
        OnStarted = static id => Console.WriteLine($"started {id}"),
    });
    var stopped = new TaskCompletionSource();
    void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        stopped.TrySetResult();
    }
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    Func<CancellationToken, Task> restart = server.RestartAsync;
    using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
    {
        signal.Cancel = true;
        _ = ReplaceAsync();
    });
    async Task ReplaceAsync()
    {
        try
        {
            await restart(CancellationToken.None);
        }
        catch (Exception exception) when (exception is IOException or TimeoutException or InvalidOperationException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"the former child goes on: {exception.Message}");
        }
    }
    var ended = server.WaitForExitAsync();
    if (await Task.WhenAny(ended, stopped.Task) == ended)
    {
        await Console.Error.WriteLineAsync($"given up after {server.Restarts} restarts; the last child ended with {await ended}");
        return 1;
    }
    await server.StopAsync(TimeSpan.FromSeconds(10));
    return 0;
}
catch (Exception exception) when (exception is BindException or IOException)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}
catch (FormatException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 2;
}
