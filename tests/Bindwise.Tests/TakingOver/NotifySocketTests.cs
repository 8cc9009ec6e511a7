using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Bindwise.Linux.Native;
using Bindwise.Linux.Notifying;
using IsolatedProcess;

namespace Bindwise.Tests.TakingOver;

/// <summary>Whoever sends to a NOTIFY_SOCKET: strangers by the thousand cost next to nothing, and the program's own words arrive.</summary>
[SupportedOSPlatform("linux")]
[Trait("Lane", "second")]
public sealed class NotifySocketTests
{
    private const string Flood = "import socket, sys\ns = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\nwhile True: s.sendto(b'STATUS=x', '\\0' + sys.argv[1][1:])";
    private const string Word = "import socket, sys, time\nsys.stdin.readline()\ns = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\ns.sendto(b'READY=1', '\\0' + sys.argv[1][1:])\ntime.sleep(600)";
    private const string Say = "import socket, sys\nsocket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'READY=1', '\\0' + sys.argv[1][1:])";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    [IsolatedFact("python3", "setpriv")]
    public Task Take_UnderAFloodOfAnotherUser_LooksOnceASecondAndRests() => Body.RunAsync(static () =>
    {
        Assert.Equal(Errno.None, NotifySocket.Open(out var socket));
        using var notifications = socket!;
        using var program = Start(0, Word, notifications.Address);
        var clock = Stopwatch.StartNew();
        var strangers = Enumerable.Range(0, 3).Select(_ => Start(65534, Flood, notifications.Address)).ToList();
        for (var rests = 0; rests < 100;)
        {
            Wait(notifications);
            Assert.Empty(notifications.Take(program.Id, isOwnUserEnough: true));
            if (notifications.Due is null)
                continue;
            rests++;
            Assert.InRange(notifications.Reads, 1, 1 + (long)clock.Elapsed.TotalSeconds);
        }
        End([program, .. strangers]);
        return Task.CompletedTask;
    });

    [IsolatedFact("python3")]
    public Task Take_UnderAFloodOfItsOwnUser_EndsEachTurn() => Body.RunAsync(static () =>
    {
        Assert.Equal(Errno.None, NotifySocket.Open(out var socket));
        using var notifications = socket!;
        var senders = Enumerable.Range(0, 4).Select(_ => Start(0, Flood, notifications.Address)).ToList();
        for (var turn = 0; turn < 200; turn++)
        {
            Wait(notifications);
            Assert.InRange(notifications.Take(Environment.ProcessId, isOwnUserEnough: true).Count, 1, NotifySocket.MostATurn);
        }
        End(senders);
        return Task.CompletedTask;
    });

    [IsolatedFact("python3", "setpriv")]
    public Task Take_UnderAFlood_HearsTheProgramThatBecameAnotherUser() => Body.RunAsync(static () =>
    {
        Assert.Equal(Errno.None, NotifySocket.Open(out var socket));
        using var notifications = socket!;
        using var program = Start(1, Word, notifications.Address);
        var strangers = Enumerable.Range(0, 3).Select(_ => Start(65534, Flood, notifications.Address)).ToList();
        var heard = new List<string>();
        for (var clock = Stopwatch.StartNew(); heard.Count == 0; program.StandardInput.Close())
        {
            Wait(notifications);
            heard = notifications.Take(program.Id, isOwnUserEnough: true);
            Assert.True(clock.Elapsed < Limit, "it was not heard");
        }
        Assert.Equal(["READY=1"], heard);
        End([program, .. strangers]);
        return Task.CompletedTask;
    });

    // As systemd-notify does it: whether it is still there when somebody looks is chance.
    [IsolatedTheory("python3", "setpriv")]
    [InlineData(0, true)]
    [InlineData(65534, false)]
    public Task Take_OfAProcessThatHasEnded_CountsWhereItIsOfThisUser(int user, bool counts) => Body.RunAsync(static (sender, isCounted) =>
    {
        Assert.Equal(Errno.None, NotifySocket.Open(out var socket));
        using var notifications = socket!;
        using var program = Start(0, Word, notifications.Address);
        using var ended = Start(int.Parse(sender, CultureInfo.InvariantCulture), Say, notifications.Address);
        ended.WaitForExit();
        Assert.Equal(0, ended.ExitCode);
        Assert.Equal(bool.Parse(isCounted) ? ["READY=1"] : [], notifications.Take(program.Id, isOwnUserEnough: false));
        End([program]);
        return Task.CompletedTask;
    }, user.ToString(CultureInfo.InvariantCulture), counts.ToString());

    private static void Wait(NotifySocket socket)
    {
        var patience = socket.Due is { } due && due > TimeSpan.Zero ? due : socket.Number < 0 ? TimeSpan.Zero : Limit;
        _ = PollCall.WaitUntilAnyReadable([socket.Number], patience, out _);
    }

    private static Process Start(int user, string script, string address) => Process.Start(new ProcessStartInfo("setpriv", [$"--reuid={user}", $"--regid={user}", "--clear-groups", "/usr/bin/python3", "-c", script, address])
    {
        RedirectStandardInput = true,
    })!;

    private static void End(List<Process> processes)
    {
        foreach (var one in processes)
        {
            one.Kill();
            one.WaitForExit();
            one.Dispose();
        }
    }
}
