using System.Collections.Concurrent;
using System.Diagnostics;
using Bindwise.Linux.Callers;
using Bindwise.Linux.Events;
using Bindwise.Linux.Tests.Kernel;
using Bindwise.Model.Events;

namespace Bindwise.Linux.Tests.FailedCalls;

/// <summary>Programs that fail, as the source tells them: their causes are those of why.</summary>
[Collection(AloneCollection.Name)]
[Trait("Lane", "second")]
public sealed class FailureFeedTests
{
    // Users of their own: what other tests let fail as root meanwhile takes nothing from the allowance of these.
    private const string Listener = "import os,socket,sys\nos.setuid(20000 + os.getpid())\na=socket.socket(); a.setsockopt(1,2,1); a.bind(('127.0.0.1',8080)); a.listen()\n";

    [KernelTheory]
    [InlineData("b=socket.socket()\ntry: b.bind(('127.0.0.1',8080))\nexcept OSError: pass", "127.0.0.1:8080", "EADDRINUSE", "listener")]
    [InlineData("b=socket.socket()\ntry: b.bind(('0.0.0.0',8080))\nexcept OSError: pass", "0.0.0.0:8080", "EADDRINUSE", "listener")]
    [InlineData("b=socket.socket()\ntry: b.bind(('192.0.2.7',8080))\nexcept OSError: pass", "192.0.2.7:8080", "EADDRNOTAVAIL", "address-not-local")]
    [InlineData("u=socket.socket(2,2); u.bind(('127.0.0.1',5353))\nb=socket.socket(2,2)\ntry: b.bind(('127.0.0.1',5353))\nexcept OSError: pass", "127.0.0.1:5353", "EADDRINUSE", "udp-socket")]
    [InlineData("b=socket.socket(1)\ntry: b.bind('/no/such/folder')\nexcept OSError: pass", "/no/such/folder", "ENOENT", null)]
    public void Source_OfAProgramThatFails_TellsTheCause(string program, string address, string error, string? cause)
    {
        var told = Follow(Listener + program + "\nsys.stdin.read()");
        var failure = Assert.Single(told, one => one.Event.Kind == PortEventKind.BindFailed);
        Assert.Equal((address, error, PortEventCall.Bind, "python3"), (failure.Event.Address, failure.Event.Result, failure.Event.Call, failure.Event.Program));
        Assert.NotEqual(0, failure.Event.ProcessId);
        Assert.Contains("sys.stdin.read()", failure.Event.Command, StringComparison.Ordinal);
        if (cause is not null)
            Assert.True(cause == failure.Event.Cause, string.Join('\n', failure.Event.Limits.Add(failure.Event.Summary ?? "")));
        Assert.NotNull(failure.Event.Diagnosis);
    }

    [KernelTheory]
    [InlineData("a=socket.socket(2,2); leave(); a.bind(('127.0.0.1',8081))\ntry: a.listen()\nexcept OSError: pass", "127.0.0.1:8081", "EOPNOTSUPP", "listen() is for stream sockets")]
    [InlineData("a=socket.socket(10,3,253); leave()\ntry: a.bind(('2001:db8::1',0))\nexcept OSError: pass", "[2001:db8::1]:0", "EADDRNOTAVAIL", "raw IP")]
    public void Source_OfWhatTheRulesDoNotKnow_SaysSo(string program, string address, string error, string limit)
    {
        var told = Follow("import os,socket,sys\ndef leave(): os.setuid(20000 + os.getpid())\n" + program + "\nsys.stdin.read()");
        var failure = Assert.Single(told, static one => one.Event.Kind == PortEventKind.BindFailed).Event;
        Assert.Equal((address, error, null), (failure.Address, failure.Result, failure.Cause));
        Assert.Contains(limit, Assert.Single(failure.Limits), StringComparison.Ordinal);
    }

    [KernelFact]
    public void Source_OfWhatASecurityModuleRefuses_IsDeniedByPolicy()
    {
        // Landlock: of all ports none may be bound.
        var told = Follow("import ctypes\n" + Listener + """
            libc = ctypes.CDLL(None)
            ruleset = libc.syscall(444, (ctypes.c_uint64 * 2)(0, 1), 16, 0)
            if ruleset < 0 or libc.prctl(38, 1, 0, 0, 0) or libc.syscall(446, ruleset, 0): os._exit(3)
            for port in 8080, 8082:
                try: socket.socket().bind(('127.0.0.1', port))
                except OSError: pass
            sys.stdin.read()
            """, static events => events.Count(IsFailure) == 2);
        var failures = told.Where(static one => one.Event.Kind == PortEventKind.BindFailed).Select(static one => one.Event).ToList();
        // Whether somebody has the port or not, that is not the reason.
        Assert.Equal(["127.0.0.1:8080", "127.0.0.1:8082"], failures.Select(static one => one.Address).Order());
        Assert.All(failures, static one => Assert.Equal(("EACCES", "denied-by-policy"), (one.Result, one.Cause)));
    }

    [KernelFact]
    public void Source_OfFailuresOneAfterTheOther_TellsThemWithinASecond() => NetworkNamespace.Run(static () =>
    {
        Assert.InRange(FailureFeed.Window, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(999));
        var network = NamespaceId.Of("/proc/thread-self/ns/net\0"u8)!.Value.Inode;
        using var source = PortEventSource.Open();
        using var stop = new CancellationTokenSource();
        // From the kernel's time stamp until it is told, by one clock. A machine that has other things to do may be late with some of them: it
        // has a minute for five in time. A tap that were too slow by itself would never have one.
        // So may several that come at once be over the allowance: then each says that its reason was not looked for.
        var sink = new Sink
        {
            Enough = told => told.Count(one => IsOf(one, network) && one.Event.Cause is not null && one.Delay < TimeSpan.FromSeconds(1)) >= 5,
            Stop = stop.Cancel,
        };
        using var process = Process.Start("python3", ["-S", "-c", """
            import os, socket, time
            os.setuid(20000 + os.getpid())
            for i in range(240):
                try: socket.socket().bind(('192.0.2.1', 1024 + i))
                except OSError: time.sleep(0.25)
            """]);
        using var limit = new Timer(_ => stop.Cancel(), null, TimeSpan.FromMinutes(4), Timeout.InfiniteTimeSpan);
        source.Run(sink, stop.Token);
        process.Kill();
        process.WaitForExit();
        var delays = sink.Reported.Where(one => IsOf(one, network)).ToList();
        Assert.True(sink.Enough(sink.Reported), string.Join('\n', delays.Select(static one => $"{one.Delay} {one.Event.Cause} {string.Join("; ", one.Event.Limits)}")));
        Assert.All(delays, static one => Assert.True(
            one.Event.Cause == "address-not-local" || (one.Event.Cause is null && !one.Event.Limits.IsEmpty), one.Event.ToString()));
    });

    private static bool IsOf(Reported one, ulong network) =>
        one.Event.Kind == PortEventKind.BindFailed && one.Event.NetworkNamespace == network;

    [KernelFact]
    public void Source_OfAProgramThatIsGoneAtOnce_TellsWhatItsCallLeft()
    {
        var told = Follow(Listener + """
            if os.fork()==0:
                b=socket.socket()
                try: b.bind(('127.0.0.1',8080))
                except OSError: os._exit(0)
            sys.stdin.read()
            """);
        var failure = Assert.Single(told, static one => one.Event.Kind == PortEventKind.BindFailed).Event;
        Assert.Equal(("127.0.0.1:8080", "EADDRINUSE", Protocol.Tcp), (failure.Address, failure.Result, failure.Protocol));
        Assert.True(failure.Cause == "listener", string.Join('\n', failure.Limits));
        Assert.Empty(failure.Options!.Value);
    }

    [KernelFact]
    public void Source_OfAStorm_IsOneLineASecond_AndTellsAnotherUsersFailure()
    {
        var told = Follow("""
            import os, socket, sys, time
            a = socket.socket(); a.setsockopt(1, 2, 1); a.bind(('127.0.0.1', 8080)); a.listen()
            loud = os.fork()
            if loud == 0:
                os.setuid(1233)
                b = socket.socket()
                for i in range(100000):
                    try: b.bind(('127.0.0.1', 8080))
                    except OSError: pass
                os._exit(0)
            time.sleep(0.2)
            quiet = os.fork()
            if quiet == 0:
                os.setuid(1234)
                b = socket.socket()
                try: b.bind(('0.0.0.0', 8080))
                except OSError: pass
                sys.stdin.read()
                os._exit(0)
            os.waitpid(loud, 0); os.waitpid(quiet, 0)
            """, static events => events.Any(static one => IsFailure(one) && one.UserId == 1234) && Loud(events) == 100000);
        var failures = told.Select(static one => one.Event).Where(IsFailure).ToList();
        Assert.True(Loud(told.Select(static one => one.Event)) == 100000,
            string.Join('\n', failures.Select(static one => $"{one.Time:ss.fff} {one.UserId} {one.Count} {string.Join(';', one.Limits)}")));
        var quiet = Assert.Single(failures, static one => one.UserId == 1234);
        Assert.Equal(("listener", "0.0.0.0:8080", 1), (quiet.Cause, quiet.Address, quiet.Count));
    }

    private static bool IsFailure(PortEvent one) => one.Kind == PortEventKind.BindFailed;

    /// <summary>How many calls of user 1233 are told, or told as lost.</summary>
    private static long Loud(IEnumerable<PortEvent> events) =>
        events.Where(static one => one is { Kind: PortEventKind.BindFailed or PortEventKind.Lost, UserId: 1233 })
            .Sum(static one => (long)one.Count);

    /// <summary>Runs a program in a network namespace of its own, and gives what the source told of that namespace.</summary>
    /// <param name="program">It ends with its input, and stands there as it is until enough was told.</param>
    /// <param name="enough">What that is; null for one failure.</param>
    private static List<Reported> Follow(string program, Func<IEnumerable<PortEvent>, bool>? enough = null)
    {
        var told = new List<Reported>();
        NetworkNamespace.Run(() =>
        {
            var network = NamespaceId.Of("/proc/thread-self/ns/net\0"u8)!.Value.Inode;
            using var source = PortEventSource.Open();
            Assert.True(source.SeesFailures);
            using var stop = new CancellationTokenSource();
            using var process = Process.Start(new ProcessStartInfo("python3", ["-c", program]) { RedirectStandardInput = true })!;
            bool IsHere(Reported one) => one.Event.NetworkNamespace is null || one.Event.NetworkNamespace == network;
            var sink = new Sink
            {
                Enough = told => (enough ?? (static events => events.Any(IsFailure)))(told.Where(IsHere).Select(static one => one.Event)),
                Stop = process.StandardInput.Close,
            };
            using var limit = new Timer(_ => process.StandardInput.Close(), null, TimeSpan.FromMinutes(4), Timeout.InfiniteTimeSpan);
            var ending = new Thread(() =>
            {
                process.WaitForExit();
                stop.Cancel();
            });
            ending.Start();
            source.Run(sink, stop.Token);
            ending.Join();
            Assert.Equal(0, process.ExitCode);
            told.AddRange(sink.Reported.Where(IsHere));
        });
        return told;
    }

    private sealed record Reported(PortEvent Event, TimeSpan Delay);

    private sealed class Sink : IPortEventSink
    {
        public ConcurrentQueue<Reported> Reported { get; } = new();

        /// <summary>Whether what was told is enough.</summary>
        public Func<IReadOnlyCollection<Reported>, bool> Enough { get; init; } = static _ => false;

        public Action Stop { get; init; } = static () => { };

        public void Happened(PortEvent happened)
        {
            Reported.Enqueue(new Reported(happened, DateTimeOffset.UtcNow - happened.Time));
            if (Enough(Reported))
                Stop();
        }

        public void CensusRead(HostCensus census)
        {
        }
    }
}
