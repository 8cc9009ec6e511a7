using Bindwise.Linux.Native;
using Bindwise.Linux.Probing;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.Tests.Kernel;

namespace Bindwise.Linux.Tests.Probing;

[Collection(AloneCollection.Name)]
public sealed class ProbeTests
{
    private const ushort Port = 8080;

    [KernelTheory]
    [InlineData("0.0.0.0", null, Errno.EADDRINUSE)]
    [InlineData("127.0.0.1", null, Errno.EADDRINUSE)]
    [InlineData("127.0.0.2", null, Errno.None)]
    [InlineData("255.255.255.255", null, Errno.None)]
    [InlineData("192.0.2.1", null, Errno.EADDRNOTAVAIL)]
    [InlineData("::", null, Errno.EADDRINUSE)]
    [InlineData("::", false, Errno.EADDRINUSE)]
    [InlineData("::", true, Errno.None)]
    [InlineData("::1", null, Errno.None)]
    [InlineData("::ffff:127.0.0.1", null, Errno.EADDRINUSE)]
    [InlineData("::ffff:127.0.0.1", true, Errno.EINVAL)]
    [InlineData("fe80::1", null, Errno.EINVAL)]
    internal void Tcp_BesideAListener_AnswersAsTheKernel(string address, bool? v6Only, Errno expected) => NetworkNamespace.Run(() =>
    {
        using var listener = RawSocket.TcpListener("127.0.0.1", Port);

        Assert.Equal(expected, Ask(Request(address) with { V6Only = v6Only }));
    });

    [KernelTheory]
    [InlineData(false, false, Errno.EADDRINUSE)]
    [InlineData(true, false, Errno.None)]
    [InlineData(false, true, Errno.EADDRINUSE)]
    internal void Tcp_BesideABoundSocketWithReuseAddress_SetsExactlyWhatIsAsked(bool reuseAddress, bool reusePort, Errno expected) =>
        NetworkNamespace.Run(() =>
        {
            using var bound = RawSocket.Tcp().Set(1, 2, 1).Bind("127.0.0.1", Port);

            Assert.Equal(expected, Ask(Request("127.0.0.1") with { ReuseAddress = reuseAddress, ReusePort = reusePort }));
        });

    [KernelTheory]
    [InlineData("lo", Errno.EADDRINUSE)]
    [InlineData("nosuch0", Errno.ENODEV)]
    [InlineData("a-name-that-is-too-long", Errno.ENODEV)]
    [InlineData("", Errno.ENODEV)]
    internal void Tcp_WithADevice_AnswersAsTheKernel(string device, Errno expected) => NetworkNamespace.Run(() =>
    {
        using var listener = RawSocket.TcpListener("127.0.0.1", Port);

        Assert.Equal(expected, Ask(Request("127.0.0.1") with { Device = device }));
    });

    [KernelFact]
    public void Udp_Plain_AnswersAsTheKernel() => NetworkNamespace.Run(() =>
    {
        using var bound = RawSocket.Udp().Set(1, 2, 1).Bind("127.0.0.1", Port);

        Assert.Equal(Errno.EADDRINUSE, Ask(Request("0.0.0.0") with { Protocol = Protocol.Udp }));
        Assert.Equal(Errno.None, Ask(Request("127.0.0.2") with { Protocol = Protocol.Udp }));
    });

    [Theory]
    [InlineData(Protocol.Udp, true, false)]
    [InlineData(Protocol.Udp, false, true)]
    [InlineData(Protocol.Unix, false, false)]
    public void Requests_ThatWouldDoHarm_AreRefused(Protocol protocol, bool reuseAddress, bool reusePort) =>
        Assert.Throws<InvalidOperationException>(() =>
            Probe.Run(Request("127.0.0.1") with { Protocol = protocol, ReuseAddress = reuseAddress, ReusePort = reusePort }, 0, out _));

    [KernelFact]
    public void Probe_Ended_LeavesNothing() => NetworkNamespace.Run(() =>
    {
        // What earlier tests left to the collector is closed now, not in between.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = OpenDescriptors();
        for (var run = 0; run < 50; run++)
        {
            using var held = ProbeLock.Acquire(Protocol.Tcp, Port, TimeSpan.FromMinutes(1));
            Assert.Equal(Errno.None, Ask(Request("0.0.0.0")));
            Assert.Equal(Errno.None, Ask(Request("::")));
            Assert.Equal(Errno.EADDRNOTAVAIL, Ask(Request("192.0.2.1")));
        }

        Assert.Equal(before, OpenDescriptors());
        Assert.Equal(Errno.None, SockDiagClient.TryOpen(out var client));
        using (client)
        {
            var sockets = new List<HeldSocket>();
            Assert.True(client!.ReadAllStates(Port, sockets, out _, out _).IsComplete);
            Assert.Empty(sockets);
        }
    });

    [KernelFact]
    public void Probes_WhileAServerRestartsAgainAndAgain_AreRarelyInItsWay() => NetworkNamespace.Run(() =>
    {
        var starts = 0;
        var broken = 0;
        var probes = 0;
        var held = 0;
        using var stop = new ManualResetEventSlim();
        var server = NetworkNamespace.StartBeside(() =>
        {
            var breaker = -1;
            while (!stop.IsSet)
            {
                using var socket = RawSocket.Tcp().Set(1, 2, 1);
                Interlocked.Increment(ref starts);
                var probe = Volatile.Read(ref probes);
                if (socket.TryBind("0.0.0.0", Port) == Errno.None)
                {
                    socket.Listen();
                    continue;
                }
                // Nobody tries again in the same microsecond, so that one collision would count as many; nor does a probe that the machine
                // stops in its midst count for as long as that lasts.
                broken += probe == breaker ? 0 : 1;
                breaker = probe;
                Thread.Sleep(2);
            }
        });
        // On a machine that lets the server run little, until it has started as often as it takes for probes to meet it.
        for (var run = 0; run < 400 || Volatile.Read(ref starts) < 10_000; run++)
        {
            held += Ask(Request("0.0.0.0")) == Errno.None ? 1 : 0;
            Interlocked.Increment(ref probes);
            Thread.Sleep(5);
        }
        stop.Set();
        server.Join();

        // A probe holds the port from its bind() to its close(): shorter than such a start takes, however fast the machine is. One that did
        // anything else in between would break a start each time. (What share of the starts that is: bench/probe-harm.)
        Assert.True(broken * 4L < held * 3L, $"{broken} of {held} probes that held the port broke a start, of {starts}");
    });

    [KernelFact]
    public void Probes_SideBySideUnderTheLock_NeverMeet() => NetworkNamespace.Run(() =>
    {
        var refused = 0;
        var unlocked = 0;
        var others = Enumerable.Range(0, 7).Select(_ => NetworkNamespace.StartBeside(Run)).ToList();
        Run();
        others.ForEach(thread => thread.Join());

        Assert.Equal((0, 0), (refused, unlocked));

        void Run()
        {
            for (var run = 0; run < 50; run++)
            {
                using var held = ProbeLock.Acquire(Protocol.Tcp, Port, TimeSpan.FromMinutes(3));
                if (held.Obstacle is not null)
                    Interlocked.Increment(ref unlocked);
                if (Ask(Request("0.0.0.0")) != Errno.None)
                    Interlocked.Increment(ref refused);
            }
        }
    });

    [KernelFact]
    public void Lock_HeldByAnother_IsGivenUpAfterTheWait() => NetworkNamespace.Run(() =>
    {
        using var first = ProbeLock.Acquire(Protocol.Tcp, Port, TimeSpan.Zero);
        using var second = ProbeLock.Acquire(Protocol.Tcp, Port, TimeSpan.FromMilliseconds(50));
        using var otherPort = ProbeLock.Acquire(Protocol.Tcp, Port + 1, TimeSpan.Zero);
        using var otherProtocol = ProbeLock.Acquire(Protocol.Udp, Port, TimeSpan.Zero);

        Assert.All([first, otherPort, otherProtocol], static held => Assert.Null(held.Obstacle));
        Assert.Equal(LockObstacle.Held, second.Obstacle);
        Assert.Contains("holds the lock", ProbeLockHolder.Describe(Protocol.Tcp, Port, static _ => null), StringComparison.Ordinal);
    });

    [KernelTheory]
    [InlineData("0.0.0.0", Errno.None)]
    [InlineData("127.0.0.1", Errno.None)]
    [InlineData("192.0.2.1", Errno.EADDRNOTAVAIL)]
    [InlineData("::", Errno.None)]
    internal void Permission_BesideAListenerAndOnAFreePort_AnswersWithoutTheSockets(string address, Errno expected) => NetworkNamespace.Run(() =>
    {
        Assert.Equal((int)expected, PermissionProbe.Run(Request(address), 0, PortOccupancy.Empty, out _)!.Errno);
        using var listener = RawSocket.TcpListener("127.0.0.1", Port);
        Assert.Equal((int)expected, PermissionProbe.Run(Request(address), 0, PortOccupancy.Unknown, out _)!.Errno);
        Assert.True(PermissionProbe.Run(Request(address), 0, PortOccupancy.Unknown, out _)!.IsBeforeConflicts);
    });

    private static BindRequest Request(string address) =>
        new() { Protocol = Protocol.Tcp, Address = IpAddress.TryParse(address, out var ip) ? ip : default, Port = Port };

    private static Errno Ask(BindRequest request)
    {
        var result = Probe.Run(request, 0, out var obstacle);
        Assert.Null(obstacle);
        Assert.Equal(request, result!.Request);
        return (Errno)result.Errno;
    }

    private static int OpenDescriptors() =>
        Directory.GetFileSystemEntries("/proc/thread-self/fd").Count(file => new FileInfo(file).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);
}
