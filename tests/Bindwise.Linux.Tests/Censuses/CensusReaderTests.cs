using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using Bindwise.Linux.Censuses;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.Tests.Kernel;
using Bindwise.Linux.Tests.Processes;
using Bindwise.Linux.Tests.SockDiag;
using Bindwise.Model.Events;
using Bindwise.Model.Listing;

namespace Bindwise.Linux.Tests.Censuses;

/// <summary>Looks at sockets that the test made, each time in a network namespace of its own.</summary>
[Collection(AloneCollection.Name)]
public sealed class CensusReaderTests
{
    private const ushort Port = 8080;

    [KernelFact]
    public void Look_AtSocketsOfEachProtocol_ListsThemWithTheirHolder() => NetworkNamespace.Run(() =>
    {
        using var reader = CensusReader.Open();
        Assert.Empty(reader.ReadCensus(default).Sockets);
        using var listener = RawSocket.TcpListener("127.0.0.1", Port);
        using var bound = RawSocket.Tcp().Bind("127.0.0.1", 9090);
        using var datagram = RawSocket.Udp(IpFamily.IPv6).Bind("::1", 53);
        using var named = RawSocket.Unix().BindUnix(Encoding.ASCII.GetBytes("\0census")).Listen();

        var census = reader.ReadCensus(default);
        Assert.Equal(["127.0.0.1:8080 Listen", "127.0.0.1:9090 Bound", "[::1]:53 Close", "@census Listen"],
            census.Sockets.OrderBy(static one => one.Socket.Protocol).ThenBy(static one => one.Socket.Local.Port)
                .Select(static one => $"{one.Socket.Path ?? one.Socket.Local.ToString()} {one.Socket.State}"));
        Assert.All(census.Sockets, static one => Assert.Equal(Environment.ProcessId, one.Holder!.ProcessId));
        Assert.NotEqual(0ul, census.NetworkNamespace);
        Assert.Equal(28232, census.EphemeralPorts);
        Assert.Contains(new StateCount(TcpSocketState.Listen, 1), census.States);
        Assert.Contains(new StateCount(TcpSocketState.Close, 1), census.UdpStates);
    });

    [KernelFact]
    public void Look_WhereTheTablesCannotBeReadAnyMore_TellsWhatWasThere() => NetworkNamespace.Run(() =>
    {
        using var reader = CensusReader.Open(withHolders: false);
        using var listener = RawSocket.TcpListener("127.0.0.1", Port);
        using var datagram = RawSocket.Udp(IpFamily.IPv6).Bind("::1", 53);
        using var named = RawSocket.Unix().BindUnix(Encoding.ASCII.GetBytes("\0census")).Listen();
        var before = reader.ReadCensus(default);
        Assert.Equal(3, before.Sockets.Length);

        SendFilter.Begin();

        for (var look = 0; look < 2; look++)
        {
            var census = reader.ReadCensus(default);
            Assert.Equal<CensusSocket>(before.Sockets.AsEnumerable(), census.Sockets);
            Assert.Equal<StateCount>(before.States.AsEnumerable(), census.States);
            Assert.Equal<StateCount>(before.UdpStates.AsEnumerable(), census.UdpStates);
            Assert.Empty(CensusEvents.Step(CensusEvents.Step(new CensusEventsState(), before).State, census).Events);
        }
        using var late = CensusReader.Open(withHolders: false);
        Assert.Throws<TableUnreadException>(() => late.ReadCensus(default));
    });

    [KernelFact]
    public void Look_WhereNothingChanged_GivesTheSameObjects() => NetworkNamespace.Run(() =>
    {
        using var reader = CensusReader.Open();
        using var listener = RawSocket.TcpListener("127.0.0.1", Port);
        var first = Assert.Single(reader.ReadCensus(default).Sockets);
        Assert.Same(first, Assert.Single(reader.ReadCensus(default).Sockets));

        using var client = RawSocket.Tcp().Connect("127.0.0.1", Port);
        // The client is connected before its last segment, by which it counts, must have come.
        var changed = Until(() => Assert.Single(reader.ReadCensus(default).Sockets) is { Socket.ReceiveQueue: 1 } found ? found : null)!;
        Assert.Equal(1, changed.Connections);
        Assert.Equal(first.Holder, changed.Holder);
    });

    [KernelFact]
    public void Look_AtConnections_CountsThemByListenerAndByDestination() => NetworkNamespace.Run(() =>
    {
        using var wildcard = RawSocket.TcpListener("0.0.0.0", Port, reuseAddress: true);
        using var toWildcard = RawSocket.Tcp().Connect("127.0.0.2", Port);
        using var toWildcardAgain = RawSocket.Tcp().Connect("127.0.0.3", Port);
        using var reader = CensusReader.Open();
        var census = Until(() => reader.ReadCensus(default) is { Sockets: [{ Connections: 2 }] } found ? found : null)!;
        // The clients' ports lead to two destinations.
        Assert.Equal(["127.0.0.2:8080", "127.0.0.3:8080"], census.Destinations.Select(static one => one.Remote.ToString()).Order());
    });

    [Theory]
    [InlineData("127.0.0.1 127.0.0.7", 0)]
    [InlineData("127.0.0.1 192.0.2.1", 1)]
    public void Tally_OfConnections_TellsThoseFromOutside(string peers, int fromOutside)
    {
        static IpAddress Address(string text) => IpAddress.TryParse(text, out var address) ? address : throw new FormatException(text);
        var sockets = new FollowedSockets();
        var tally = new TcpTally(sockets, 10);
        sockets.Begin();
        tally.Begin(32768, 60999);
        tally.Add(ConnectionCounterTests.Entry(80, IpAddress.AnyIPv4, TcpSocketState.Listen));
        foreach (var peer in peers.Split(' '))
            tally.Add(ConnectionCounterTests.Entry(80, IpAddress.LoopbackIPv4, TcpSocketState.Established, Address(peer)));
        sockets.End();
        tally.ShareConnections();
        Assert.Equal((2, fromOutside), Assert.Single(sockets.Show()) is var shown ? (shown.Connections, shown.FromOutside) : default);
    }

    // A server that leaks connections (CLOSE_WAIT) has as many of them in watch as in ls.
    [Fact]
    public void Tally_OfAConnectionInAnyState_CountsWhatLsCounts()
    {
        foreach (var state in Enum.GetValues<TcpSocketState>().Except([TcpSocketState.Listen, TcpSocketState.Bound, TcpSocketState.Close]))
        {
            var connection = ConnectionCounterTests.Entry(80, IpAddress.LoopbackIPv4, state);
            var sockets = new FollowedSockets();
            var tally = new TcpTally(sockets, 10);
            sockets.Begin();
            tally.Begin(32768, 60999);
            tally.Add(ConnectionCounterTests.Entry(80, IpAddress.AnyIPv4, TcpSocketState.Listen));
            tally.Add(connection);
            sockets.End();
            tally.ShareConnections();
            var seen = Assert.Single(sockets.Show());
            var counter = new ConnectionCounter(Protocol.Tcp, [seen.Socket], withRest: false);
            counter.Add(connection);
            var survey = new PortSurvey(new Snapshot { TakenAt = default, Sockets = [seen.Socket] }, [.. counter.Finish()], AllConnections: false);
            var listed = Assert.Single(PortLister.List(survey, PortFilter.TcpAndUdp).Ports);
            Assert.Equal((state, listed.Connections), (state, seen.Connections));
        }
    }

    // sshd and nginx listen on both wildcards, nginx by one socket for each worker: no connection is counted twice.
    [KernelFact]
    public void Look_AtConnectionsOfAPortWithSeveralListeners_GivesEachToOne() => NetworkNamespace.Run(() =>
    {
        using var workers = RawSocket.Tcp().Set(1, 15, 1).Bind("0.0.0.0", Port).Listen();
        using var worker = RawSocket.Tcp().Set(1, 15, 1).Bind("0.0.0.0", Port).Listen();
        using var specific = RawSocket.Tcp().Set(1, 15, 1).Bind("127.0.0.9", Port).Listen();
        using var other = RawSocket.Tcp(IpFamily.IPv6).Set(41, 26, 1).Set(1, 15, 1).Bind("::", Port).Listen();
        using var reader = CensusReader.Open();
        var clients = new List<RawSocket>();
        foreach (var address in (ReadOnlySpan<string>)["127.0.0.1", "127.0.0.2", "127.0.0.9", "::1", "::1", "::1"])
            clients.Add(RawSocket.Tcp(address.Contains(':', StringComparison.Ordinal) ? IpFamily.IPv6 : IpFamily.IPv4).Connect(address, Port));
        var census = Until(() => reader.ReadCensus(default) is var found && found.Sockets.Sum(static one => one.Connections) >= 6 ? found : null)!;
        Assert.Equal(["0.0.0.0:8080 0", "0.0.0.0:8080 2", "127.0.0.9:8080 1", "[::]:8080 3"],
            census.Sockets.Select(static one => $"{one.Socket.Local} {one.Connections}").Order(StringComparer.Ordinal));
        clients.ForEach(static one => one.Dispose());
    });

    [KernelFact]
    public void Look_AtTimeWaits_CountsThemByPort() => NetworkNamespace.Run(() =>
    {
        using var listener = RawSocket.TcpListener("127.0.0.1", Port);
        for (var i = 0; i < 3; i++)
        {
            using var client = RawSocket.Tcp().Connect("127.0.0.1", Port);
            listener.Accept().Dispose();
        }
        using var reader = CensusReader.Open();
        var one = Assert.Single(Until(() => reader.ReadCensus(default).TimeWaits is [{ Count: 3 }] found ? found : default(ImmutableArray<PortTimeWaits>?))!.Value);
        Assert.Equal(Port, one.Port);
        Assert.InRange(one.MillisecondsLeft, 1, 61_000);
    });

    [KernelFact]
    public void Look_AfterAQueueOverflowed_CountsTheDropsOfItsListener() => NetworkNamespace.Run(() =>
    {
        using var reader = CensusReader.Open();
        using var full = RawSocket.Tcp().Bind("127.0.0.1", Port).Listen(0);
        using var other = RawSocket.TcpListener("127.0.0.1", 9090);
        var state = CensusEvents.Step(new CensusEventsState(), reader.ReadCensus(default)).State;
        if (PythonProcess.Interpreter is not { } python)
            return;
        const string program = "import socket, sys\nkept = [socket.socket() for _ in range(6)]\n"
            + "for one in kept: one.setblocking(False); one.connect_ex(('127.0.0.1', 8080))\nsys.stdin.read()";
        using var clients = Process.Start(new ProcessStartInfo(python, ["-c", program]) { RedirectStandardInput = true })!;
        try
        {
            // The kernel counts an overflow and then the drop: a look in between tells of it the next time.
            var told = Until(() => CensusEvents.Step(state, reader.ReadCensus(default)).Events.SingleOrDefault(static one => one.Kind == PortEventKind.QueueOverflow))!;
            Assert.Equal("127.0.0.1:8080", told.Address);
            Assert.True(told.Count > 0);
        }
        finally
        {
            clients.StandardInput.Close();
            clients.WaitForExit();
        }
    });

    [KernelFact]
    public void Look_AfterTheHolderEnded_FindsTheNextOne() => NetworkNamespace.Run(() =>
    {
        if (PythonProcess.Interpreter is not { } python)
            return;
        const string program = "import os, socket, sys\ns = socket.socket(); s.bind(('127.0.0.1', 8080)); s.listen()\n"
            + "child = os.fork()\nif child: print(child, flush=True)\nsys.stdin.read()";
        using var parent = Process.Start(new ProcessStartInfo(python, ["-c", program]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        try
        {
            var child = int.Parse(parent.StandardOutput.ReadLine()!, System.Globalization.CultureInfo.InvariantCulture);
            using var reader = CensusReader.Open();
            var before = Assert.Single(reader.ReadCensus(default).Sockets);
            // The lower id is told; it is the child's where the numbers began anew between the two.
            var (first, next) = parent.Id < child ? (parent.Id, child) : (child, parent.Id);
            Assert.Equal((first, 1), (before.Holder!.ProcessId, before.Holder.Others));
            using (var ended = Process.GetProcessById(first))
                ended.Kill();
            if (first == parent.Id)
                parent.WaitForExit();
            else
                Until(() => File.ReadAllText($"/proc/{first}/status").Contains("\nState:\tZ", StringComparison.Ordinal) ? "" : null);
            // A search that cost much rests before the next one.
            Assert.Equal(next, Until(() => Assert.Single(reader.ReadCensus(default).Sockets).Holder)!.ProcessId);
        }
        finally
        {
            // Both end with their input.
            parent.StandardInput.Close();
        }
    });

    private static T? Until<T>(Func<T?> look)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromMinutes(5); Thread.Sleep(20))
        {
            if (look() is { } found)
                return found;
        }
        throw new InvalidOperationException("it did not come to be so");
    }
}
