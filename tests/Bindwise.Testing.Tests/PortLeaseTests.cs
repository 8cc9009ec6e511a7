using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using IsolatedProcess;

namespace Bindwise.Testing.Tests;

/// <summary>What a lease keeps from whom, and until when.</summary>
[SupportedOSPlatform("linux")]
public sealed partial class PortLeaseTests
{
    [IsolatedFact]
    public Task Take_InParallel_GivesNoPortTwice_AndNoneOfTheEphemeralRange() => Body.RunAsync(static () =>
    {
        var leases = new ConcurrentBag<PortLease>();
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 16 }, _ => leases.Add(PortLease.Take()));
        Assert.Equal(400, leases.Select(static one => one.Port).Distinct().Count());
        Assert.DoesNotContain(leases, static one => one.Port is >= 32768 and <= 60999);
        foreach (var one in leases)
            one.Dispose();
        return Task.CompletedTask;
    });

    // Of four ports in all three are leased: port 0 and connect() have to live on the fourth.
    [IsolatedFact]
    public Task HeldPort_IsGivenToNoPortZero_AndToNoConnection() => Body.RunAsync(static async () =>
    {
        await File.WriteAllTextAsync("/proc/sys/net/ipv4/ip_local_port_range", "20000 20003");
        var leases = PortLease.Take(3, new PortLeaseOptions { Range = new PortRange(20000, 20003) });
        var left = Enumerable.Range(20000, 4).Except(leases.Select(static one => one.Port)).Single();
        using var server = new TcpListener(IPAddress.Loopback, 8080);
        server.Start();
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, 8080);
            Assert.Equal(left, ((IPEndPoint)client.Client.LocalEndPoint!).Port);
            using var second = new TcpClient();
            var none = await Assert.ThrowsAsync<SocketException>(async () => await second.ConnectAsync(IPAddress.Loopback, 8080));
            Assert.Equal(SocketError.AddressNotAvailable, none.SocketErrorCode);
            client.LingerState = new LingerOption(true, 0);
        }
        for (var time = 0; time < 50; time++)
        {
            using var any = new TcpListener(IPAddress.Loopback, 0);
            any.Start();
            Assert.Equal(left, ((IPEndPoint)any.LocalEndpoint).Port);
        }
        Assert.Throws<BindException>(() => BindPlainly(leases[0].Port));
    });

    [IsolatedFact]
    public Task Server_OnEachAddress_BindsBesideTheLease_AsOftenAsItLikes() => Body.RunAsync(static async () =>
    {
        await using var lease = PortLease.Take();
        Assert.True(lease.IsHeld);
        foreach (var address in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback, IPAddress.Any, IPAddress.IPv6Any])
        {
            for (var time = 0; time < 3; time++)
            {
                using var server = new TcpListener(address, lease.Port);
                server.Start();
                using var client = new TcpClient(address.AddressFamily);
                await client.ConnectAsync(address.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback, lease.Port);
                // This end closes first: the next server meets its TIME_WAIT.
                using (var accepted = await server.AcceptTcpClientAsync())
                    accepted.Client.Shutdown(SocketShutdown.Both);
                Assert.Equal(-1, client.GetStream().ReadByte());
            }
        }
    });

    [IsolatedFact]
    public Task Listen_GivesTheListenerItself() => Body.RunAsync(static async () =>
    {
        using var lease = PortLease.Take();
        await using (var listener = lease.Listen())
        {
            Assert.Equal([new IPEndPoint(IPAddress.Loopback, lease.Port), new IPEndPoint(IPAddress.IPv6Loopback, lease.Port)], listener.Sockets.Select(static one => one.LocalEndPoint));
            var taken = Assert.Throws<BindException>(() => lease.Listen());
            Assert.NotNull(taken.Diagnosis);
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, lease.Port);
            using var accepted = await listener.AcceptAsync();
        }
        using (lease.Listen())
            lease.Dispose();
        Assert.Throws<ObjectDisposedException>(() => lease.Listen());
        using var other = PortLease.Take(new PortLeaseOptions { Address = IPAddress.Parse("127.0.0.2"), Transports = Transports.TcpAndUdp });
        using var both = other.Listen();
        Assert.Equal([Transports.Tcp, Transports.Udp], both.Sockets.Select(static one => one.Transport));
    });

    [IsolatedFact]
    public Task StopHolding_LetsAStrictServerBind_AndStillKeepsOtherLeasesAway() => Body.RunAsync(static () =>
    {
        using var lease = PortLease.Take();
        Assert.Throws<BindException>(() => BindPlainly(lease.Port));
        lease.StopHolding();
        Assert.False(lease.IsHeld);
        BindPlainly(lease.Port);
        var only = new PortLeaseOptions { Range = new PortRange(lease.Port, lease.Port), HoldsPort = false };
        Assert.Equal(1, Assert.Throws<PortPickException>(() => PortLease.Take(only)).Shortage.Leased);
        lease.Dispose();
        using var next = PortLease.Take(only);
        Assert.False(next.IsHeld);
        BindPlainly(next.Port);
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task Udp_IsFree_AndNotHeld() => Body.RunAsync(static () =>
    {
        using (var taken = new UdpClient(new IPEndPoint(IPAddress.Loopback, 20000)))
            Assert.Throws<PortPickException>(static () => PortLease.Take(new PortLeaseOptions { Transports = Transports.TcpAndUdp, Range = new PortRange(20000, 20000) }));
        foreach (var transports in (Transports[])[Transports.Udp, Transports.TcpAndUdp])
        {
            using var lease = PortLease.Take(new PortLeaseOptions { Transports = transports, Range = new PortRange(20000, 20000) });
            Assert.Equal(transports != Transports.Udp, lease.IsHeld);
            using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, lease.Port));
            Assert.Throws<PortPickException>(static () => PortLease.Take(new PortLeaseOptions { Range = new PortRange(20000, 20000) }));
        }
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task TakeSeveral_WithoutEnough_KeepsNone() => Body.RunAsync(static async () =>
    {
        PortLease.Take().Dispose();
        var before = OpenDescriptors.Read();
        var three = new PortLeaseOptions { Range = new PortRange(20000, 20002) };
        for (var time = 0; time < 10; time++)
        {
            Assert.Equal("only 3 of 4 ports can be had in 20000-20002, which has 3", Assert.Throws<PortPickException>(() => PortLease.Take(4, three)).Message);
            var leases = PortLease.Take(3, three);
            Assert.Equal([20000, 20001, 20002], leases.Select(static one => one.Port).Order());
            foreach (var one in leases)
                await one.DisposeAsync();
        }
        await OpenDescriptors.AssertNoMoreThanAsync(before);
        Assert.Throws<ArgumentOutOfRangeException>(static () => PortLease.Take(0));
        Assert.Throws<ArgumentException>(static () => PortLease.Take(new PortLeaseOptions { Transports = 0 }));
    });

    [IsolatedFact("ss")]
    public Task Lease_OfAnotherProcess_HoldsUntilItIsKilled() => Body.RunAsync(static async () =>
    {
        await using var other = Started.Sample("LeasedPorts", "1", "stay");
        await other.SaysAsync("all started");
        var port = PortsOf(other).Single();
        var only = new PortLeaseOptions { Range = new PortRange(port, port) };
        var shortage = Assert.Throws<PortPickException>(() => PortLease.Take(only)).Shortage;
        Assert.Equal(1, shortage.Leased);
        await other.SignalAsync("-KILL");
        await other.EndAsync();
        // Its client's connection may have left a TIME_WAIT, or be about to, which is in the way of a lease.
        await Eventually.SucceedsAsync(async () =>
        {
            await using (var ended = Started.Run("ss", ["-K", "-tan", "state", "time-wait"]))
                await ended.EndAsync();
            PortLease.Take(only).Dispose();
        });
    });

    // The lease is nobody's file: root cannot take what another user leased, nor the other way round.
    [IsolatedFact("setpriv", "python3")]
    public Task Lease_OfAnotherUser_Counts() => Body.RunAsync(static async () =>
    {
        const string Holder = "import socket,sys; s = socket.socket(socket.AF_UNIX); s.bind(b'\\0bindwise/lease/20000'); print('leased', flush=True); sys.stdin.read()";
        var start = new ProcessStartInfo("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", Needs.Find("python3")!, "-c", Holder]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var other = Process.Start(start)!;
        Assert.Equal("leased", await other.StandardOutput.ReadLineAsync());
        Assert.Equal(1, Assert.Throws<PortPickException>(static () => PortLease.Take(new PortLeaseOptions { Range = new PortRange(20000, 20000) })).Shortage.Leased);
        other.StandardInput.Close();
        await other.WaitForExitAsync();
        using var lease = PortLease.Take(new PortLeaseOptions { Range = new PortRange(20000, 20000) });
    });

    // bench/testing/run does it with 500.
    [IsolatedFact]
    public Task Hosts_InFourProcessesAtOnce_NeverCollide() => Body.RunAsync(static async () =>
    {
        const int Processes = 4;
        const int Hosts = 25;
        var processes = Enumerable.Range(0, Processes).Select(static _ => Started.Sample("LeasedPorts", Hosts.ToString(CultureInfo.InvariantCulture), "stay")).ToList();
        foreach (var one in processes)
            await one.SaysAsync("all started");
        Assert.Equal(Processes * Hosts, processes.SelectMany(PortsOf).Distinct().Count());
        foreach (var one in processes)
            await one.SignalAsync("-TERM");
        foreach (var one in processes)
            Assert.Equal(0, await one.EndAsync());
    });

    private static IEnumerable<int> PortsOf(Started process) =>
        process.Lines.Select(static line => AnswerLine().Match(line)).Where(static match => match.Success).Select(static match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));

    // Without SO_REUSEADDR, which .NET's own sockets set.
    // As docs/testing.md has it: PortLease.Take().Port.
    [IsolatedFact]
    public Task LeaseThatNobodyRefersTo_LastsAsLongAsTheProcess() => Body.RunAsync(static () =>
    {
        var port = ForgottenLease();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Throws<BindException>(() => BindPlainly(port));
        Assert.Throws<PortPickException>(() => PortLease.Take(new PortLeaseOptions { Range = new PortRange(port, port) }));
        return Task.CompletedTask;
    });

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int ForgottenLease() => PortLease.Take().Port;

    private static void BindPlainly(int port) =>
        Listener.Bind(ListenRequest.On(IPAddress.Loopback, port) with { Settings = new SocketSettings { ReuseAddress = false } }).Dispose();

    [GeneratedRegex(@"^http://localhost:(\d+) answers host \d+$")]
    private static partial Regex AnswerLine();
}
