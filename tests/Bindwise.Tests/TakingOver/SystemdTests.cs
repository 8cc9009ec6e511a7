using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using IsolatedProcess;

namespace Bindwise.Tests.TakingOver;

/// <summary>The real thing: systemd-socket-activate(1) listens, and starts the program when the first client comes.</summary>
public sealed class SystemdTests
{
    [IsolatedFact("systemd-socket-activate")]
    public Task Socket_OfSystemd_IsTaken() => Body.RunAsync(static async () => Assert.Equal(
        "web 127.0.0.1:8080", await ActivateAsync(PassingParent.Program(TakingBodies.Serving))));

    // The shell has the pid that systemd names; the program is its child.
    [IsolatedFact("systemd-socket-activate")]
    public Task Socket_OfSystemd_BehindAWrapperScript_IsTakenWhenAsked() => Body.RunAsync(static async () => Assert.Equal(
        "web 127.0.0.1:8080", await ActivateAsync(["/bin/sh", "-c", "\"$@\"; exit $?", "sh", .. PassingParent.Program(TakingBodies.ServingBehindWrapper)])));

    private static async Task<string> ActivateAsync(string[] program)
    {
        var start = new ProcessStartInfo("systemd-socket-activate", ["-l", "127.0.0.1:8080", "--fdname=web", .. program]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var manager = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        var errors = manager.StandardError.ReadToEndAsync(limit.Token);
        using var client = await ConnectAsync(limit.Token);
        var answer = new byte[16];
        var length = await client.ReceiveAsync(answer, limit.Token);
        Assert.True(length > 0, "no answer");
        Assert.Equal("hello", Encoding.ASCII.GetString(answer, 0, length));
        var told = await manager.StandardOutput.ReadToEndAsync(limit.Token);
        await manager.WaitForExitAsync(limit.Token);
        Assert.True(manager.ExitCode == 0, await errors);
        return told.TrimEnd('\n');
    }

    private static async Task<Socket> ConnectAsync(CancellationToken limit)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, 8080, limit);
                return client;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
            {
                client.Dispose();
                Assert.True(await timer.WaitForNextTickAsync(limit));
            }
        }
    }
}
