using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using IsolatedProcess;

namespace Bindwise.Tests.Listening;

/// <summary>What is waited for, for how long, and what is not.</summary>
[Trait("Lane", "second")]
[SupportedOSPlatform("linux")]
public sealed class RetryTests
{
    private static readonly ListenRequest Strict = ListenRequest.On(IPAddress.Loopback, 8080) with { Settings = new SocketSettings { ReuseAddress = false } };

    [IsolatedTheory]
    [InlineData("async")]
    [InlineData("sync")]
    public Task Timer_ThatEndsInTime_IsWaitedFor(string how) => Body.RunAsync(static async how =>
    {
        // Longer than this process is held up before its first attempt.
        const int Seconds = 30;
        KernelOption.WriteSysctl("net/ipv4/tcp_fin_timeout", $"{Seconds}");
        var left = Stopwatch.GetTimestamp();
        using var client = await Situation.LeaveFinWaitAsync(8080);
        var delays = new List<TimeSpan>();
        var request = Strict with { Retry = BindRetryOptions.For(TimeSpan.FromMinutes(10), BindRetryReasons.Timers) with { OnRetry = wait => delays.Add(wait.Delay) } };
        using var listener = how == "async" ? await Listener.BindAsync(request) : Listener.Bind(request);
        Assert.True(Stopwatch.GetElapsedTime(left) >= TimeSpan.FromSeconds(Seconds - 1));
        // It waits until the countdown ends, instead of trying now and then; from there on the kernel takes up to some seconds.
        var pace = TimeSpan.FromMilliseconds(100);
        Assert.InRange(delays.Count(one => one > pace), 0, 1);
        // Before the last attempt the socket may have gone between the bind and its diagnosis: there is no countdown then.
        Assert.All(delays.Skip(1).SkipLast(1), one => Assert.Equal(pace, one));
    }, how);

    // The timer wheel may end it two seconds later, which the message does not count in either.
    [IsolatedFact]
    public Task Timer_WhoseCountdownEndsInTime_IsWaitedFor() => Body.RunAsync(static async () =>
    {
        KernelOption.WriteSysctl("net/ipv4/tcp_fin_timeout", "60");
        using var client = await Situation.LeaveFinWaitAsync(8080);
        var policy = BindRetryOptions.For(TimeSpan.FromSeconds(60), BindRetryReasons.Timers) with
        {
            OnRetry = static wait => throw new NotSupportedException(wait.Delay <= wait.Remaining ? "waits" : "waits too long"),
        };
        Assert.Equal("waits", Assert.Throws<NotSupportedException>(() => Listener.Bind(Strict with { Retry = policy })).Message);
    });

    [IsolatedFact]
    public Task Timer_ThatIsNotAskedFor_FailsAtOnce() => Body.RunAsync(static async () =>
    {
        KernelOption.WriteSysctl("net/ipv4/tcp_fin_timeout", "60");
        using var client = await Situation.LeaveFinWaitAsync(8080);
        var now = Assert.Throws<BindException>(static () => Listener.Bind(Strict));
        Assert.Equal(Cause.FinWait, now.Diagnosis!.Cause);
        Assert.NotNull(now.Diagnosis.FreeAt);
        foreach (var policy in (BindRetryOptions[])[BindRetryOptions.For(TimeSpan.FromSeconds(60), BindRetryReasons.OtherListeners | BindRetryReasons.Connections), BindRetryOptions.For(TimeSpan.FromSeconds(1))])
        {
            var exception = await Assert.ThrowsAsync<BindException>(async () => await Listener.BindAsync(Strict with { Retry = policy }));
            Assert.DoesNotContain("Tried", exception.Message, StringComparison.Ordinal);
        }
    });

    [IsolatedFact]
    public Task Listener_OfAnother_IsWaitedForOnlyWhenAsked() => Body.RunAsync(static async () =>
    {
        var holder = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        var request = ListenRequest.On(IPAddress.Loopback, 8080);
        var atOnce = await Assert.ThrowsAsync<BindException>(async () => await Listener.BindAsync(request with { Retry = BindRetryOptions.For(TimeSpan.FromSeconds(60)) }));
        Assert.DoesNotContain("Tried", atOnce.Message, StringComparison.Ordinal);

        using (var listener = await Listener.BindAsync(request with { Retry = Reported(BindRetryReasons.OtherListeners, holder.Dispose) }))
            Assert.InRange(listener.Attempts, 2, 3);

        using var stays = Listener.Bind(request);
        var started = Stopwatch.GetTimestamp();
        var late = Assert.Throws<BindException>(() => Listener.Bind(request with { Retry = BindRetryOptions.For(TimeSpan.FromSeconds(15), BindRetryReasons.All) }));
        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromSeconds(14.9));
        Assert.Matches(@"Tried \d+ times in \d+\.\d s\.$", late.Message);
        Assert.NotNull(late.Diagnosis);
    });

    [IsolatedFact]
    public Task Connection_AndBoundSocket_AreWaitedFor() => Body.RunAsync(static () =>
    {
        var plain = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        plain.Bind(new IPEndPoint(IPAddress.Loopback, 8080));
        Assert.Throws<BindException>(static () => Listener.Bind(Strict with { Retry = BindRetryOptions.For(TimeSpan.FromSeconds(60), BindRetryReasons.OtherListeners) }));
        using var listener = Listener.Bind(Strict with { Retry = Reported(BindRetryReasons.Connections, plain.Dispose) });
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task Address_ThatComes_IsWaitedFor() => Body.RunAsync(static async () =>
    {
        var request = ListenRequest.On(IPAddress.Parse("192.0.2.5"), 8080);
        Assert.Throws<BindException>(() => Listener.Bind(request with { Retry = BindRetryOptions.For(TimeSpan.FromSeconds(60), BindRetryReasons.OtherListeners) }));
        var retry = Reported(BindRetryReasons.WhatEndsByItself, static () => KernelOption.Run("ip", "address add 192.0.2.5/32 dev lo"));
        using var listener = await Listener.BindAsync(request with { Retry = retry });
    });

    [IsolatedFact]
    public Task Address_ThatIsTentative_IsWaitedFor() => Body.RunAsync(static async () =>
    {
        KernelOption.Run("ip", "link add near type veth peer name far");
        // Forty questions, a second apart: it stays tentative for as long as the test needs to look.
        KernelOption.WriteSysctl("net/ipv6/conf/near/dad_transmits", "40");
        KernelOption.Run("ip", "link set near up");
        KernelOption.Run("ip", "link set far up");
        KernelOption.Run("ip", "address add 2001:db8::1/64 dev near");
        var request = ListenRequest.On(IPAddress.Parse("2001:db8::1"), 8080);
        var atOnce = Assert.Throws<BindException>(() => Listener.Bind(request with { Retry = BindRetryOptions.For(TimeSpan.FromSeconds(60), BindRetryReasons.All & ~BindRetryReasons.Address) }));
        Assert.Equal((Cause.AddressTentative, SocketError.AddressNotAvailable, 1), (atOnce.Diagnosis!.Cause, atOnce.SocketErrorCode, atOnce.Attempts));
        using var listener = await Listener.BindAsync(request with { Retry = BindRetryOptions.For(TimeSpan.FromMinutes(5)) });
        Assert.True(listener.Attempts > 1);
    });

    [IsolatedFact("nsenter")]
    public Task Address_ThatAnotherHostTurnsOutToHave_IsWaitedForNoLonger() => Body.RunAsync(static () =>
    {
        // The other host is a namespace of its own, kept by a process.
        using var other = Process.Start(new ProcessStartInfo("unshare", ["--net", "sh", "-c", "echo; exec sleep 1000"]) { RedirectStandardOutput = true })!;
        Assert.Equal("", other.StandardOutput.ReadLine());
        KernelOption.Run("ip", $"link add near type veth peer name far netns {other.Id}");
        KernelOption.Run("nsenter", $"--net --target {other.Id} ip link set far up");
        KernelOption.Run("nsenter", $"--net --target {other.Id} ip address add 2001:db8::2/64 dev far nodad");
        // The other host's answer may be late: after one question, a second later, the address would be taken for free.
        KernelOption.WriteSysctl("net/ipv6/conf/near/dad_transmits", "240");
        KernelOption.Run("ip", "link set near up");
        KernelOption.Run("ip", "address add 2001:db8::2/64 dev near");
        // Without a limit: that it ends is what is asked.
        var request = ListenRequest.On(IPAddress.Parse("2001:db8::2"), 8080) with { Retry = BindRetryOptions.For(Timeout.InfiniteTimeSpan) };
        var failed = Assert.Throws<BindException>(() => Listener.Bind(request));
        Assert.Contains("another host has it", failed.Message, StringComparison.Ordinal);
        other.Kill();
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task Ports_ThatBecomeFree_AreWaitedFor() => Body.RunAsync(static async () =>
    {
        KernelOption.WriteSysctl("net/ipv4/ip_local_port_range", "40000 40001");
        var held = Listener.BindAll(ListenRequest.On(IPAddress.Loopback, 40000), ListenRequest.On(IPAddress.Loopback, 40001));
        var request = ListenRequest.On(IPAddress.Loopback, PortPolicy.SystemChoice);
        var exhausted = Assert.Throws<BindException>(() => Listener.Bind(request with { Retry = BindRetryOptions.For(TimeSpan.FromSeconds(60)) }));
        Assert.Equal(Cause.PortsExhausted, exhausted.Diagnosis!.Cause);
        using var listener = await Listener.BindAsync(request with { Retry = Reported(BindRetryReasons.FreePorts, held[1].Dispose) });
        Assert.Equal(40001, listener.Port);
        held[0].Dispose();
    });

    [IsolatedFact]
    public Task Cancellation_EndsTheWaiting_AndLeavesNothingOpen() => Body.RunAsync(static async () =>
    {
        using var holder = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        var request = ListenRequest.On(IPAddress.Loopback, 8080) with { Retry = BindRetryOptions.For(TimeSpan.FromSeconds(100), BindRetryReasons.All) };
        var before = KernelOption.OpenSockets();
        using var cancellation = new CancellationTokenSource(300);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Listener.BindAllAsync([ListenRequest.On(IPAddress.Loopback, 8081), request], cancellation.Token));
        await KernelOption.OpenSocketsAreAsync(before);
        using var canceled = new CancellationTokenSource();
        await canceled.CancelAsync();
        // As a task that is cancelled, not from the call itself.
        var ended = Listener.BindAsync(ListenRequest.On(IPAddress.Loopback, 8082), canceled.Token).AsTask();
        Assert.True(ended.IsCanceled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Listener.BindAsync(ListenRequest.On(IPAddress.Loopback, 8082), canceled.Token));
    });

    [IsolatedFact]
    public Task FormerInstance_IsWaitedFor() => Body.RunAsync(static async () =>
    {
        var request = ListenRequest.On(IPAddress.Loopback, 8080);
        switch (Environment.GetEnvironmentVariable("BINDWISE_TEST_ROLE"))
        {
            case "former":
                using (Listener.Bind(request))
                {
                    await Console.Out.WriteLineAsync("bound");
                    _ = await Console.In.ReadLineAsync();
                }
                break;
            case "next":
                // Not a stranger's listener by these policies: only that it is the same program lets them wait.
                Assert.Throws<BindException>(() => Listener.Bind(request with { Retry = BindRetryOptions.For(TimeSpan.FromSeconds(60), BindRetryReasons.WhatEndsByItself | BindRetryReasons.Connections) }));
                using (var listener = await Listener.BindAsync(request with { Retry = Reported(BindRetryOptions.None.RetryOn, static () => Console.Out.WriteLine("waits")) }))
                    Assert.Equal(8080, listener.Port);
                break;
            default:
                using (var former = Again("former"))
                {
                    Assert.Equal("bound", await former.StandardOutput.ReadLineAsync());
                    using var next = Again("next");
                    Assert.Equal("waits", await next.StandardOutput.ReadLineAsync());
                    former.StandardInput.Close();
                    var errors = await next.StandardError.ReadToEndAsync();
                    await next.WaitForExitAsync();
                    Assert.True(next.ExitCode == 0, errors);
                    await former.WaitForExitAsync();
                }
                break;
        }

        static Process Again(string role)
        {
            var words = File.ReadAllText("/proc/self/cmdline").TrimEnd('\0').Split('\0');
            var start = new ProcessStartInfo(Environment.ProcessPath!, words[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = role == "next" };
            start.Environment["BINDWISE_TEST_ROLE"] = role;
            return Process.Start(start)!;
        }
    });

    [IsolatedFact]
    public Task Waiting_IsToldBeforeEachPause_AndMayEndIt() => Body.RunAsync(static async () =>
    {
        using var holder = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        var told = new List<BindRetryContext>();
        var request = ListenRequest.On(IPAddress.Loopback, 8080) with
        {
            Retry = BindRetryOptions.For(TimeSpan.FromMinutes(10), BindRetryReasons.OtherListeners) with
            {
                OnRetry = wait =>
                {
                    told.Add(wait);
                    if (told.Count >= 3)
                        throw new NotSupportedException("enough");
                },
            },
        };
        await Assert.ThrowsAsync<NotSupportedException>(async () => await Listener.BindAsync(request));
        Assert.Equal([1, 2, 3], told.Select(static one => one.Failure.Attempts));
        Assert.All(told, static one => Assert.Equal((Cause.Listener, true), (one.Failure.Diagnosis!.Cause, one.Delay > TimeSpan.Zero && one.Delay <= one.Remaining)));
        Assert.DoesNotContain("Tried", told[2].Failure.Message, StringComparison.Ordinal);
        Assert.True(told[0].Remaining > told[2].Remaining);
        Assert.Throws<NotSupportedException>(() => Listener.Bind(request));
    });

    [Fact]
    public void FormerInstance_IsTheSameProgramOfTheSameUser_StartedEarlier()
    {
        var self = new ProcessRecord { Id = 9, Executable = "/usr/bin/dotnet", Arguments = ["dotnet", "shop.dll", "--prod"], UserId = 7, StartTicks = 500 };
        var former = self with { Id = 4, StartTicks = 100, ExecutableDeleted = true };
        Assert.True(FormerInstance.IsFormer(former, self));
        ImmutableArray<ProcessRecord> others =
        [
            self, former with { Executable = "/opt/dotnet" }, former with { Executable = null }, former with { UserId = 8 }, former with { StartTicks = 501 },
            former with { Arguments = ["dotnet", "blog.dll", "--prod"] }, former with { Arguments = ["dotnet", "shop.dll"] },
        ];
        Assert.All(others, other => Assert.False(FormerInstance.IsFormer(other, self)));
    }

    // For ten minutes; what is told happens once, before the first pause.
    private static BindRetryOptions Reported(BindRetryReasons causes, Action first) => BindRetryOptions.For(TimeSpan.FromMinutes(10), causes) with
    {
        OnRetry = wait =>
        {
            if (wait.Failure.Attempts == 1)
                first();
        },
    };
}
