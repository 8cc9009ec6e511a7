using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Bindwise.Linux.Native;
using IsolatedProcess;

namespace Bindwise.Tests.Listening;

/// <summary>Which port is taken: candidates in their order, one for all, all or nothing.</summary>
[SupportedOSPlatform("linux")]
[Trait("Lane", "second")]
public sealed class PortTests
{
    [IsolatedFact]
    public Task Candidates_AreTriedInTheirOrder() => Body.RunAsync(static () =>
    {
        var policy = PortPolicy.FirstFree(8080, 8070).Then(PortPolicy.Range(8090, 8092)).Then(PortPolicy.SystemChoice);
        var held = new List<BoundListener>();
        for (var turn = 0; turn < 6; turn++)
            held.Add(Listener.Bind(ListenRequest.On(IPAddress.Loopback, policy)));
        Assert.Equal([8080, 8070, 8090, 8091, 8092], held.Take(5).Select(static one => one.Port));
        Assert.InRange(held[5].Port, 1024, 65535);
        held[1].Dispose();
        using var again = Listener.Bind(ListenRequest.On(IPAddress.Loopback, policy));
        Assert.Equal(8070, again.Port);
        held.ForEach(static one => one.Dispose());
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task Candidates_ThatAreAllTaken_AreEachNamed() => Body.RunAsync(static () =>
    {
        using var one = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        using var other = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8081) with { Transports = Transports.TcpAndUdp });
        var two = Assert.Throws<BindException>(static () => Listener.Bind(ListenRequest.On(IPAddress.Loopback, PortPolicy.Range(8080, 8081))));
        Assert.StartsWith("None of 2 ports (8080-8081) could be bound. 127.0.0.1:8080/tcp is taken (EADDRINUSE): ", two.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:8081/tcp is taken (EADDRINUSE): ", two.Message, StringComparison.Ordinal);
        Assert.Equal((ushort)8080, two.Diagnosis!.Port);

        using var many = Listener.BindAll([.. Enumerable.Range(9000, 9).Select(static port => ListenRequest.On(IPAddress.Loopback, port))])[0];
        var nine = Assert.Throws<BindException>(static () => Listener.Bind(ListenRequest.On(IPAddress.Loopback, PortPolicy.Range(9000, 9008))));
        Assert.EndsWith(" And 5 more.", nine.Message, StringComparison.Ordinal);
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task Candidates_BehindAForbiddenPort_AreTried() => Body.RunAsync(static () =>
    {
        // An error that another port does not change ends the search at once.
        var nowhere = Assert.Throws<BindException>(static () => Listener.Bind(ListenRequest.On(IPAddress.Parse("192.0.2.1"), PortPolicy.Range(8000, 9000))));
        Assert.Equal(SocketError.AddressNotAvailable, nowhere.SocketErrorCode);
        Assert.DoesNotContain("None of", nowhere.Message, StringComparison.Ordinal);

        Assert.Equal(Errno.None, CapabilityCall.Become(0, out var before));
        var denied = Assert.Throws<BindException>(static () => Listener.Bind(ListenRequest.On(IPAddress.Loopback, 80)));
        using var second = Listener.Bind(ListenRequest.On(IPAddress.Loopback, PortPolicy.FirstFree(80, 8080)));
        Assert.Equal(Errno.None, CapabilityCall.Become(before, out _));
        Assert.Equal((SocketError.AccessDenied, 13), (denied.SocketErrorCode, denied.NativeErrorCode));
        Assert.Equal(Cause.PrivilegedPort, denied.Diagnosis!.Cause);
        Assert.StartsWith("127.0.0.1:80/tcp cannot be bound (EACCES): ports below 1024 need root or CAP_NET_BIND_SERVICE", denied.Message, StringComparison.Ordinal);
        Assert.Equal(8080, second.Port);
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task SystemChoice_WithOtherTransportsTaken_FindsAPortThatAllCanHave() => Body.RunAsync(static () =>
    {
        // Of ten ports all but one are held over UDP on [::1], which the first socket, TCP on 127.0.0.1, does not see.
        KernelOption.WriteSysctl("net/ipv4/ip_local_port_range", "40000 40009");
        using var held = new DisposableList(Listener.BindAll(
            [.. Enumerable.Range(40000, 10).Where(static port => port != 40006).Select(static port => ListenRequest.On(IPAddress.IPv6Loopback, port) with { Transports = Transports.Udp })]));
        var before = KernelOption.OpenSockets();
        var request = new ListenRequest { Addresses = [IPAddress.Loopback, IPAddress.IPv6Loopback], Transports = Transports.TcpAndUdp };
        using (var listener = Listener.Bind(request))
        {
            Assert.Equal(40006, listener.Port);
            Assert.Equal(before + 4, KernelOption.OpenSockets());
            var none = Assert.Throws<BindException>(() => Listener.Bind(request));
            Assert.Equal(SocketError.AddressAlreadyInUse, none.SocketErrorCode);
        }
        Assert.Equal(before, KernelOption.OpenSockets());
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task SystemChoice_ThatSuitsNotAll_EndsAfterABoundedNumber() => Body.RunAsync(static () =>
    {
        KernelOption.WriteSysctl("net/ipv4/ip_local_port_range", "40000 40099");
        using var held = new DisposableList(Listener.BindAll(
            [.. Enumerable.Range(40000, 100).Select(static port => ListenRequest.On(IPAddress.IPv6Loopback, port) with { Transports = Transports.Udp })]));
        var before = KernelOption.OpenSockets();
        var request = new ListenRequest { Addresses = [IPAddress.Loopback, IPAddress.IPv6Loopback], Transports = Transports.TcpAndUdp };
        Action bind = () => Listener.Bind(request);
        var exception = Assert.Throws<BindException>(bind);
        Assert.StartsWith($"The system offered {BindRound.MaximumChoices} ports, but none worked for all sockets; the last: [::1]:40", exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, KernelOption.OpenSockets());
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task SystemChoice_RacedByAnotherThread_GivesOnePortOrAnError() => Body.RunAsync(static async () =>
    {
        KernelOption.WriteSysctl("net/ipv4/ip_local_port_range", "40000 40019");
        using var stop = new CancellationTokenSource();
        // Takes and leaves UDP ports of the range all the while, at random.
        var racer = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                try
                {
                    socket.Bind(new IPEndPoint(IPAddress.Any, Random.Shared.Next(40000, 40020)));
                }
                catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
                {
                    Thread.Yield();
                }
            }
        });
        var request = new ListenRequest { Addresses = [IPAddress.Any, IPAddress.IPv6Loopback], Transports = Transports.TcpAndUdp };
        for (var turn = 0; turn < 500; turn++)
        {
            using var listener = Listener.Bind(request);
            Assert.All(listener.Sockets, one => Assert.Equal(listener.Port, ((IPEndPoint)one.LocalEndPoint).Port));
        }
        await stop.CancelAsync();
        await racer;
    });

    [IsolatedFact]
    public Task SeveralAddresses_AreBoundAllOrNone() => Body.RunAsync(static () =>
    {
        using var holder = Listener.Bind(ListenRequest.On(IPAddress.IPv6Loopback, 8080));
        var before = KernelOption.OpenSockets();
        var exception = Assert.Throws<BindException>(static () => Listener.Bind(ListenRequest.OnLocalhost(8080)));
        Assert.Contains("[::1]:8080/tcp is taken", exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, KernelOption.OpenSockets());
        using var free = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));

        var requests = Enumerable.Range(8000, 5).Select(static port => ListenRequest.On(IPAddress.Loopback, port)).Append(ListenRequest.On(IPAddress.Loopback, 8080)).ToArray();
        Assert.Throws<BindException>(() => Listener.BindAll(requests));
        using var all = new DisposableList(Listener.BindAll(requests.AsSpan(0, 5)));
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task BindAll_ThatWaitsForOne_DoesNotListenOnTheOthers() => Body.RunAsync(static async () =>
    {
        var holder = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8081));
        var refused = new List<SocketError>();
        var leaves = BindRetryOptions.For(TimeSpan.FromMinutes(10), BindRetryReasons.OtherListeners) with
        {
            OnRetry = _ =>
            {
                using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                refused.Add(Assert.Throws<SocketException>(() => client.Connect(IPAddress.Loopback, 8080)).SocketErrorCode);
                holder.Dispose();
            },
        };
        using var both = new DisposableList(await Listener.BindAllAsync([ListenRequest.On(IPAddress.Loopback, 8080), ListenRequest.On(IPAddress.Loopback, 8081) with { Retry = leaves }]));
        Assert.Equal([SocketError.ConnectionRefused], refused);
        foreach (var port in (int[])[8080, 8081])
        {
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(IPAddress.Loopback, port);
        }
    });

    [IsolatedFact]
    public Task BindAll_WhenAnotherListensOnOneMeanwhile_SaysWho() => Body.RunAsync(static () =>
    {
        // Both have SO_REUSEADDR, so that both are bound; whoever listens first has it.
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var holder = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8081));
        var listensElsewhere = BindRetryOptions.For(TimeSpan.FromMinutes(10), BindRetryReasons.OtherListeners) with
        {
            OnRetry = _ =>
            {
                other.Bind(new IPEndPoint(IPAddress.Loopback, 8080));
                other.Listen();
                holder.Dispose();
            },
        };
        var exception = Assert.Throws<BindException>(() => Listener.BindAll(ListenRequest.On(IPAddress.Loopback, 8080), ListenRequest.On(IPAddress.Loopback, 8081) with { Retry = listensElsewhere }));
        Assert.Equal((8080, Cause.Listener), (exception.Request!.Port.Ranges[0].First, exception.Diagnosis!.Cause));
        Assert.Contains($"pid {Environment.ProcessId})", exception.Message, StringComparison.Ordinal);
        using var again = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8081));
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task Localhost_WithoutIPv6_IsOneAddress() => Body.RunAsync(static () =>
    {
        Assert.Equal("127.0.0.1 ::1", string.Join(' ', ListenRequest.OnLocalhost(8080).Addresses));
        KernelOption.WriteSysctl("net/ipv6/conf/lo/disable_ipv6", "1");
        var request = ListenRequest.OnLocalhost(8080);
        Assert.Equal("127.0.0.1", string.Join(' ', request.Addresses));
        using var listener = Listener.Bind(request);
        Assert.Equal(8080, listener.Port);
        return Task.CompletedTask;
    });

    [IsolatedTheory]
    [InlineData("40000 40003")]
    [InlineData("40000 40000")]
    public Task SystemChoice_OfASmallRangeThatTheSecondSocketCannotHave_NamesWhoHasIt(string range) => Body.RunAsync(static range =>
    {
        KernelOption.WriteSysctl("net/ipv4/ip_local_port_range", range);
        using var held = new DisposableList(Enumerable.Range(40000, 4).Select(static port => Listener.Bind(ListenRequest.On(IPAddress.IPv6Loopback, port))));
        var exception = Assert.Throws<BindException>(static () => Listener.Bind(ListenRequest.OnLocalhost(PortPolicy.SystemChoice)));
        Assert.Matches($@"^The system offered \d ports?, but none worked for all sockets; the last: \[::1\]:4000\d/tcp is taken \(EADDRINUSE\): .*\bpid {Environment.ProcessId}\) listens", exception.Message);
        Assert.Equal(Cause.Listener, exception.Diagnosis!.Cause);
        return Task.CompletedTask;
    }, range);

    [IsolatedFact("prlimit")]
    public Task Localhost_WithoutAFreeDescriptor_IsStillBothAddresses() => Body.RunAsync(static () =>
    {
        // Everything that the question needs is loaded by now.
        Assert.Equal(2, ListenRequest.OnLocalhost(8080).Addresses.Length);
        KernelOption.Run("prlimit", $"--pid {Environment.ProcessId} --nofile=512:4096");
        var files = new List<FileStream>();
        Assert.ThrowsAny<IOException>(() =>
        {
            while (files.Count < 1024)
                files.Add(new FileStream("/dev/null", FileMode.Open));
        });
        var asked = new List<object>();
        for (var free = 0; free < 3; free++)
        {
            try
            {
                asked.Add(ListenRequest.OnLocalhost(8080).Addresses.Length);
            }
            catch (Exception exception) when (exception is IOException or FormatException)
            {
                asked.Add(exception);
            }
            files[free].Dispose();
        }
        files.ForEach(static file => file.Dispose());
        Assert.Equal([2, 2, 2], asked);
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task Localhost_TakesNoPortToFindItsAddresses() => Body.RunAsync(static () =>
    {
        KernelOption.WriteSysctl("net/ipv4/ip_local_port_range", "40000 40000");
        using var held = Listener.Bind(ListenRequest.On(IPAddress.IPv6Any, 40000));
        Assert.Equal(2, ListenRequest.OnLocalhost(8080).Addresses.Length);
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task TwoThatAreBound_OneListensFirst_TheOtherIsTold() => Body.RunAsync(static () =>
    {
        // With SO_REUSEADDR two can be bound to one port as long as neither listens: then listen() is what fails.
        using var plain = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        plain.Bind(new IPEndPoint(IPAddress.Loopback, 8080));
        var fault = LinuxSockets.Open(IPAddress.Loopback, 8080, Transports.Tcp, new ListenRequest(), out var bound);
        Assert.Null(fault);
        plain.Listen();
        fault = BindRound.Listen(bound!, 10);
        Assert.Equal(("EADDRINUSE", "listen()"), (fault!.ErrorName, fault.Call));
        bound!.Socket.Dispose();
        // Once it listens, nobody else gets in.
        using var listener = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8081));
        using var thief = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.Throws<SocketException>(() => thief.Bind(new IPEndPoint(IPAddress.Loopback, 8081)));
        return Task.CompletedTask;
    });

    /// <summary>Listeners that are closed together.</summary>
    private sealed class DisposableList(IEnumerable<BoundListener> listeners) : IDisposable
    {
        private readonly List<BoundListener> _listeners = [.. listeners];

        public void Dispose() => _listeners.ForEach(static one => one.Dispose());
    }
}
