using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Bindwise.Tests.Listening;
using IsolatedProcess;

namespace Bindwise.Tests.Connecting;

/// <summary>Connections from chosen addresses and ports, until there are no more.</summary>
[Trait("Lane", "second")]
public sealed class OutgoingTests
{
    private const int RangeSize = 32;
    private static readonly IPAddress Source = IPAddress.Parse("127.0.0.2");

    [IsolatedFact]
    public Task OneSource_HasItsWholeRangeForEachDestination_WhereBindThenConnectStops() => Body.RunAsync(static async () =>
    {
        using var world = new World(destinations: 4);
        var bound = 0;
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            for (; bound <= RangeSize; bound++)
            {
                var socket = world.Keep(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                socket.Bind(new IPEndPoint(Source, 0));
                await socket.ConnectAsync(world.Destinations[bound % 4]);
            }
        });
        Assert.Equal(RangeSize, bound);
        world.CloseAll();
        using var connector = new OutgoingConnector(new OutgoingOptions { Sources = [Source] });
        for (var index = 0; index < 4 * RangeSize; index++)
            Assert.Equal(Source, ((IPEndPoint)world.Keep(await connector.ConnectAsync(world.Destinations[index % 4])).LocalEndPoint!).Address);

        var full = await Assert.ThrowsAsync<ConnectException>(async () => await connector.ConnectAsync(world.Destinations[0]));
        Assert.Equal(SocketError.AddressNotAvailable, full.SocketErrorCode);
        Assert.Equal(world.Destinations[0], full.RemoteEndPoint);
        Assert.StartsWith($"No source port is left for a connection to {world.Destinations[0]} from 127.0.0.2 (EADDRNOTAVAIL); it may use ports 40000-40031. Most are used for ", full.Message, StringComparison.Ordinal);
        Assert.Contains(full.Diagnosis!.PortUse!.Destinations, use => use.Remote.ToString() == world.Destinations[0].ToString() && use.Count == RangeSize);
        Assert.All(connector.ReadPressure(), static one => Assert.Equal((RangeSize, 1.0), (one.Used, one.Fraction)));
        Assert.Equal(4, connector.ReadPressure().Length);
    });

    [IsolatedFact]
    public Task SeveralSources_TakeTurns_AndOneThatIsFullIsPassedOver() => Body.RunAsync(static async () =>
    {
        using var world = new World(destinations: 1);
        using var connector = new OutgoingConnector(new OutgoingOptions { Sources = [Source, IPAddress.Parse("127.0.0.3"), IPAddress.IPv6Loopback] });
        for (var index = 0; index < 10; index++)
            world.Keep(await connector.ConnectAsync(world.Destinations[0]));
        Assert.Equal([5, 5], connector.ReadPressure().Select(static one => one.Used));
        for (var index = 10; index < 2 * RangeSize; index++)
            world.Keep(await connector.ConnectAsync(world.Destinations[0]));
        var full = await Assert.ThrowsAsync<ConnectException>(async () => await connector.ConnectAsync(world.Destinations[0]));
        Assert.Contains("127.0.0.2", full.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.3", full.Message, StringComparison.Ordinal);
    });

    [IsolatedFact]
    public Task FailureOfOneSource_TellsOfItsOwnConnections() => Body.RunAsync(static async () =>
    {
        using var world = new World(destinations: 1);
        foreach (var (source, other) in new[] { ("127.0.0.2", "127.0.0.3"), ("127.0.0.3", "127.0.0.2") })
        {
            using var connector = new OutgoingConnector(new OutgoingOptions { Sources = [IPAddress.Parse(source)] });
            for (var index = 0; index < RangeSize; index++)
                world.Keep(await connector.ConnectAsync(world.Destinations[0]));
            var full = await Assert.ThrowsAsync<ConnectException>(async () => await connector.ConnectAsync(world.Destinations[0]));
            Assert.Contains($"from {source}: {RangeSize}", full.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(other, full.Message, StringComparison.Ordinal);
            // It has sources.
            var more = Assert.Single(full.Diagnosis!.Remedies, static one => one.Id == "more-source-addresses");
            Assert.StartsWith("Give the connector more sources", more.Text, StringComparison.Ordinal);
            Assert.Null(more.Command);
        }
    });

    [IsolatedFact]
    public Task SourceThatTheHostLacks_IsPassedOver() => Body.RunAsync(static async () =>
    {
        using var world = new World(destinations: 1);
        using var connector = new OutgoingConnector(new OutgoingOptions { Sources = [IPAddress.Parse("192.0.2.1"), Source], ExplainFailures = false });
        for (var index = 0; index < RangeSize; index++)
            Assert.Equal(Source, ((IPEndPoint)world.Keep(await connector.ConnectAsync(world.Destinations[0])).LocalEndPoint!).Address);
        var full = await Assert.ThrowsAsync<ConnectException>(async () => await connector.ConnectAsync(world.Destinations[0]));
        Assert.Contains(" from 127.0.0.2 (EADDRNOTAVAIL)", full.Message, StringComparison.Ordinal);
    });

    [IsolatedFact]
    public Task NameWithoutAnAddressOfTheFamily_IsToldSo() => Body.RunAsync(static async () =>
    {
        using var connector = new OutgoingConnector();
        var lacking = await Assert.ThrowsAsync<SocketException>(async () => await connector.ConnectAsync(new DnsEndPoint("127.0.0.1", 80, AddressFamily.InterNetworkV6)));
        Assert.Equal("127.0.0.1 has no IPv6 address.", lacking.Message);
    });

    [IsolatedTheory]
    [InlineData("all", "[::1]:7779", "IPv6 is switched off on lo, so it does not have ::1")]
    [InlineData("lo", "[2001:db8::1]:7779", "IPv6 is switched off here")]
    public Task HostWithoutIPv6_IsNoMatterOfPorts(string where, string to, string why) => Body.RunAsync(static async words =>
    {
        var (where, to, why) = (words[0], words[1], words[2]);
        KernelOption.WriteSysctl($"net/ipv6/conf/{where}/disable_ipv6", "1");
        var failures = 0;
        using var meters = new MeterListener { InstrumentPublished = static (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        meters.SetMeasurementEventCallback<long>((instrument, _, _, _) => failures += instrument.Name == BindwiseTelemetry.ConnectFailures ? 1 : 0);
        meters.Start();
        using var connector = new OutgoingConnector();
        var lacking = await Assert.ThrowsAsync<ConnectException>(async () => await connector.ConnectAsync(IPEndPoint.Parse(to)));
        Assert.Equal((SocketError.AddressNotAvailable, Cause.IPv6Disabled), (lacking.SocketErrorCode, lacking.Diagnosis!.Cause));
        Assert.Equal($"A connection to {to} cannot be opened (EADDRNOTAVAIL): {why}.", lacking.Message);
        Assert.Equal(0, failures);
        using var unexplained = new OutgoingConnector(new OutgoingOptions { ExplainFailures = false });
        var plain = await Assert.ThrowsAsync<ConnectException>(async () => await unexplained.ConnectAsync(IPEndPoint.Parse(to)));
        Assert.StartsWith($"No source port, or no IPv6 address, is left for a connection to {to} (EADDRNOTAVAIL)", plain.Message, StringComparison.Ordinal);

        NameAddresses("shop", "::1", "127.0.0.1");
        foreach (var one in (OutgoingConnector[])[connector, unexplained])
            Assert.Equal(SocketError.ConnectionRefused, (await Assert.ThrowsAsync<SocketException>(async () => await one.ConnectAsync(new DnsEndPoint("shop", 7779)))).SocketErrorCode);
    }, [where, to, why]);

    // Whichever of them is tried first: the order is that of getaddrinfo(3).
    [IsolatedTheory]
    [InlineData("127.0.0.1", "127.0.0.9")]
    [InlineData("127.0.0.9", "127.0.0.1")]
    public Task NameOfSeveralAddresses_TellsOfTheOneWithoutAPort(string first, string second) => Body.RunAsync(static async (first, second) =>
    {
        using var world = new World(destinations: 1);
        NameAddresses("shop", first, second);
        using var connector = new OutgoingConnector();
        for (var index = 0; index < RangeSize; index++)
            world.Keep(await connector.ConnectAsync(world.Destinations[0]));
        var full = await Assert.ThrowsAsync<ConnectException>(async () => await connector.ConnectAsync(new DnsEndPoint("shop", world.Destinations[0].Port)));
        Assert.Equal(world.Destinations[0], full.RemoteEndPoint);
    }, first, second);

    // A dual-stack listener tells of its IPv4 clients that way.
    [IsolatedFact]
    public Task MappedAddress_IsConnectedToAsIPv4() => Body.RunAsync(static async () =>
    {
        using var world = new World(destinations: 1);
        using var connector = new OutgoingConnector(new OutgoingOptions { Sources = [Source] });
        var mapped = new IPEndPoint(world.Destinations[0].Address.MapToIPv6(), world.Destinations[0].Port);
        Assert.Equal(world.Destinations[0], world.Keep(await connector.ConnectAsync(mapped)).RemoteEndPoint);
        using var mappedSource = new OutgoingConnector(new OutgoingOptions { Sources = [Source.MapToIPv6()] });
        Assert.Equal(Source, ((IPEndPoint)world.Keep(await mappedSource.ConnectAsync(mapped)).LocalEndPoint!).Address);
        Assert.Throws<ArgumentException>(static () => new OutgoingConnector(new OutgoingOptions { Sources = [IPAddress.Any.MapToIPv6()] }));
    });

    [IsolatedFact]
    public Task ReservedPorts_AreNoneOfThoseThatItMayUse() => Body.RunAsync(static async () =>
    {
        using var world = new World(destinations: 1);
        await File.WriteAllTextAsync("/proc/sys/net/ipv4/ip_local_reserved_ports", "40000-40023,41000");
        using var connector = new OutgoingConnector(new OutgoingOptions { Sources = [Source], ExplainFailures = false });
        for (var index = 0; index < RangeSize - 24; index++)
            world.Keep(await connector.ConnectAsync(world.Destinations[0]));
        await Assert.ThrowsAsync<ConnectException>(async () => await connector.ConnectAsync(world.Destinations[0]));
        var pressure = Assert.Single(connector.ReadPressure());
        Assert.Equal((RangeSize - 24, RangeSize - 24, 1.0), (pressure.Used, pressure.Available, pressure.Fraction));
    });

    [IsolatedFact]
    public Task RangeOfItsOwn_AndPortsOfListeners_AreKept() => Body.RunAsync(static async () =>
    {
        using var world = new World(destinations: 1);
        using (var connector = new OutgoingConnector(new OutgoingOptions { Ports = new PortRange(40010, 40014), KeptForListeners = [new PortRange(40012, 40012)], ExplainFailures = false }))
        {
            var ports = new List<int>();
            for (var index = 0; index < 4; index++)
                ports.Add(((IPEndPoint)world.Keep(await connector.ConnectAsync(world.Destinations[0])).LocalEndPoint!).Port);
            Assert.Equal([40010, 40011, 40013, 40014], ports.Order());
            var full = await Assert.ThrowsAsync<ConnectException>(async () => await connector.ConnectAsync(world.Destinations[0]));
            Assert.EndsWith("it may use ports 40010-40011, 40013-40014.", full.Message, StringComparison.Ordinal);
            Assert.Null(full.Diagnosis);
        }
        // Of those that others use outside of its range, none counts.
        var whole = new OutgoingConnector();
        for (var index = 0; index < 10; index++)
            world.Keep(await whole.ConnectAsync(world.Destinations[0]));
        using (var connector = new OutgoingConnector(new OutgoingOptions { Ports = new PortRange(40010, 40014), KeptForListeners = [new PortRange(40012, 40012)] }))
        {
            var full = await Assert.ThrowsAsync<ConnectException>(async () => await connector.ConnectAsync(world.Destinations[0]));
            Assert.Contains("from 127.0.0.1: 4 by ", full.Message, StringComparison.Ordinal);
            Assert.Equal((Verdict.Blocked, "EADDRNOTAVAIL", Cause.PortsExhausted), (full.Diagnosis!.Verdict, full.Diagnosis.Errno, full.Diagnosis.Cause));
            Assert.Equal((40010, 40014, 4, 4), (full.Diagnosis.PortUse!.First, full.Diagnosis.PortUse.Last, full.Diagnosis.PortUse.Usable, full.Diagnosis.PortUse.Used));
            Assert.Contains("4 of 4 are used for it", full.Diagnosis.Summary, StringComparison.Ordinal);
            Assert.Contains("4 of the 4 ports that the program may use (40010 to 40014 without the 1 that it keeps for listeners, or the system reserves) are in use", full.Diagnosis.ToText(Detail.Verbose, width: null), StringComparison.Ordinal);
            Assert.DoesNotContain(full.Diagnosis.Remedies, static one => one.Command?.Contains("sysctl", StringComparison.Ordinal) == true);
        }
        whole.Dispose();
        Assert.Throws<ArgumentException>(static () => new OutgoingConnector(new OutgoingOptions { Ports = new PortRange(30000, 40005) }));
        Assert.Throws<ArgumentException>(static () => new OutgoingConnector(new OutgoingOptions { KeptForListeners = [new PortRange(1, 65535)] }));
        Assert.Throws<ArgumentException>(static () => new OutgoingConnector(new OutgoingOptions { KeptForListeners = [new PortRange(0, 65535)] }));
        Assert.Throws<ArgumentException>(static () => new OutgoingConnector(new OutgoingOptions { Sources = [IPAddress.Any] }));
    });

    // Without a range of the socket's own, the kernel gives out every second port first, and all of them are searched for each port of the other half.
    [IsolatedFact]
    public Task PortsOfASource_AreTakenInTurn() => Body.RunAsync(static async () =>
    {
        // Since Linux 6.8.
        if (Environment.OSVersion.Version < new Version(6, 8))
            return;
        using var world = new World(destinations: 3);
        using var plain = new OutgoingConnector();
        using var withSource = new OutgoingConnector(new OutgoingOptions { Sources = [Source] });
        using var withRange = new OutgoingConnector(new OutgoingOptions { Ports = new PortRange(40000, 40000 + RangeSize - 1) });
        Assert.Equal(1, await ParitiesAsync(plain, 0));
        Assert.Equal(2, await ParitiesAsync(withSource, 1));
        Assert.Equal(2, await ParitiesAsync(withRange, 2));

        async Task<int> ParitiesAsync(OutgoingConnector connector, int destination)
        {
            var ports = new List<int>();
            for (var index = 0; index < RangeSize / 2; index++)
                ports.Add(((IPEndPoint)world.Keep(await connector.ConnectAsync(world.Destinations[destination])).LocalEndPoint!).Port);
            return ports.Select(static port => port % 2).Distinct().Count();
        }
    });

    [IsolatedFact]
    public Task WithoutOptions_NothingIsBoundOrSet_AndOtherFailuresStayPlain() => Body.RunAsync(static async () =>
    {
        using var world = new World(destinations: 1);
        using var connector = new OutgoingConnector();
        var socket = world.Keep(await connector.ConnectAsync(world.Destinations[0]));
        // .NET's bind() sets SO_REUSEADDR.
        Assert.Equal(0, socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress));
        Assert.True(socket.NoDelay);
        var byName = world.Keep(await connector.ConnectAsync(new DnsEndPoint("localhost", world.Destinations[0].Port)));
        Assert.True(byName.Connected);
        var refused = await Assert.ThrowsAsync<SocketException>(async () => await connector.ConnectAsync(new IPEndPoint(IPAddress.Loopback, 1)));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        await Assert.ThrowsAsync<ArgumentException>(async () => await connector.ConnectAsync(new UnixDomainSocketEndPoint("/x")));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await connector.ConnectAsync(world.Destinations[0], new CancellationToken(canceled: true)));

        using var elsewhere = new OutgoingConnector(new OutgoingOptions { Sources = [IPAddress.Parse("192.0.2.1")] });
        var missing = await Assert.ThrowsAsync<ConnectException>(async () => await elsewhere.ConnectAsync(world.Destinations[0]));
        Assert.Contains("cannot be opened from 192.0.2.1", missing.Message, StringComparison.Ordinal);
        Assert.Equal(Cause.AddressNotLocal, missing.Diagnosis!.Cause);
    });

    [IsolatedFact]
    public Task HttpClient_ConnectsThroughIt_AndThePeerClosesFirst() => Body.RunAsync(static async () =>
    {
        using var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var connection = await listener.AcceptSocketAsync();
            _ = await connection.ReceiveAsync(new byte[4096]);
            await connection.SendAsync("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"u8.ToArray());
            await connection.CloseAsync(CloseStrategy.HalfClose(TimeSpan.FromMinutes(4)));
        });
        using var connector = new OutgoingConnector(new OutgoingOptions { Sources = [Source], Close = CloseStrategy.PeerFirst(TimeSpan.FromMinutes(4)) });
        using var handler = new SocketsHttpHandler { ConnectCallback = connector.ConnectHttpAsync };
        using (var client = new HttpClient(handler))
            Assert.Equal("hello", await client.GetStringAsync(new Uri("http://127.0.0.1:8080/")));
        await serving;
        // The server has sent its FIN first, so the TIME_WAIT is on its port and not on one of the client's.
        for (var wait = 0; ; wait++)
        {
            var left = SocketTable.Read(new SocketFilter { States = [TcpSocketState.TimeWait] }).Sockets;
            if (left.Length > 0 || wait == 24_000)
            {
                Assert.Equal(8080, Assert.Single(left).Local.Port);
                return;
            }
            await Task.Delay(10);
        }
    });

    [IsolatedFact]
    public Task Meter_ShowsThePressureBeforeItFails() => Body.RunAsync(static async () =>
    {
        using var world = new World(destinations: 1);
        using var connector = new OutgoingConnector(new OutgoingOptions { Sources = [Source], Name = "shop" });
        for (var index = 0; index < RangeSize / 2; index++)
            world.Keep(await connector.ConnectAsync(world.Destinations[0]));
        var seen = new List<string>();
        using var meters = new MeterListener { InstrumentPublished = static (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => seen.Add($"{instrument.Name} {value} {string.Join(' ', tags.ToArray().Select(static tag => $"{tag.Key}={tag.Value}"))}"));
        meters.Start();
        meters.RecordObservableInstruments();
        Assert.Contains($"bindwise.connect.port_usage 0.5 bindwise.connector=shop server.address=127.0.0.1 server.port={world.Destinations[0].Port} network.local.address=127.0.0.2", seen);
    });

    [IsolatedFact]
    public Task ConnectorsWithoutAName_HaveSeriesOfTheirOwn_AndNoEndlessNumber() => Body.RunAsync(static async () =>
    {
        using var server = new TcpListener(IPAddress.Loopback, 9001);
        server.Start(1024);
        var remote = server.LocalEndpoint;
        var seen = new List<string>();
        using var meters = new MeterListener { InstrumentPublished = static (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => seen.Add($"{instrument.Name} {value} {instrument.Meter.Version} {string.Join(' ', tags.ToArray().Select(static tag => $"{tag.Key}={tag.Value}"))}"));
        meters.Start();
        using (var first = new OutgoingConnector())
        {
            using var second = new OutgoingConnector();
            (await first.ConnectAsync(remote)).Dispose();
            (await second.ConnectAsync(remote)).Dispose();
        }
        // Both numbers are free again.
        using (var third = new OutgoingConnector())
            (await third.ConnectAsync(remote)).Dispose();
        var connects = $"bindwise.connects 1 {BindwiseTelemetry.Version} bindwise.connector=";
        Assert.Equal([connects + "#1", connects + "#2", connects + "#1"], seen);
        seen.Clear();
        var many = Enumerable.Range(0, 66).Select(static _ => new OutgoingConnector()).ToList();
        foreach (var one in many)
        {
            (await one.ConnectAsync(remote)).Dispose();
            one.Dispose();
        }
        Assert.Equal([.. Enumerable.Range(1, 64).Select(number => $"{connects}#{number}"), connects + "#other", connects + "#other"], seen);
    });

    [IsolatedFact]
    public Task ManyFailuresAtOnce_ShareTheirDiagnosis() => Body.RunAsync(static async () =>
    {
        using var world = new World(destinations: 1);
        using var connector = new OutgoingConnector(new OutgoingOptions { Sources = [Source] });
        for (var index = 0; index < RangeSize; index++)
            world.Keep(await connector.ConnectAsync(world.Destinations[0]));
        var failures = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Assert.ThrowsAsync<ConnectException>(async () => await connector.ConnectAsync(world.Destinations[0]))));
        Assert.InRange(failures.Select(static one => one.Diagnosis).Distinct(ReferenceEqualityComparer.Instance).Count(), 1, 100);
    });

    // Sixteen callers that fail as fast as they can: one look a second, beside them.
    [IsolatedFact]
    public Task Storm_OfFailures_LooksOnceASecond_AndIsExplainedAllTheSame() => Body.RunAsync(static async () =>
    {
        using var world = new World(destinations: 1);
        using var connector = new OutgoingConnector(new OutgoingOptions { Sources = [Source] });
        for (var index = 0; index < RangeSize; index++)
            world.Keep(await connector.ConnectAsync(world.Destinations[0]));
        var before = FailureDiagnosis.Reads;
        var clock = Stopwatch.StartNew();
        var unexplained = 0;
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            for (var failure = 0; failure < 100; failure++)
            {
                var full = await Assert.ThrowsAsync<ConnectException>(async () => await connector.ConnectAsync(world.Destinations[0]));
                if (full.Diagnosis?.PortUse is null)
                    Interlocked.Increment(ref unexplained);
            }
        })));
        Assert.Equal(0, unexplained);
        Assert.InRange(FailureDiagnosis.Reads - before, 1, 3 + (int)clock.Elapsed.TotalSeconds);
    });

    [IsolatedFact]
    public Task PortsOfTwoPrograms_AreToldWithTheirShares() => Body.RunAsync(static async () =>
    {
        using var world = new World(destinations: 1);
        using var connector = new OutgoingConnector(new OutgoingOptions { Sources = [Source] });
        for (var index = 0; index < 8; index++)
            world.Keep(await connector.ConnectAsync(world.Destinations[0]));
        const string Connect = "import socket,sys,time\nheld=[socket.create_connection(('127.0.0.1', 9001), source_address=('127.0.0.2', port)) for port in map(int, sys.stdin.readline().split())]\nprint('ready', flush=True)\ntime.sleep(600)";
        using var other = Process.Start(new ProcessStartInfo("python3", ["-c", Connect]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        try
        {
            var used = SocketTable.Read(new SocketFilter { States = [TcpSocketState.Established] }).Sockets.Select(static one => (int)one.Local.Port).ToHashSet();
            await other.StandardInput.WriteLineAsync(string.Join(' ', Enumerable.Range(40000, RangeSize).Where(port => !used.Contains(port))));
            await other.StandardInput.FlushAsync();
            Assert.Equal("ready", await other.StandardOutput.ReadLineAsync());
            var full = await Assert.ThrowsAsync<ConnectException>(async () => await connector.ConnectAsync(world.Destinations[0]));
            Assert.EndsWith($": 32, of them 24 by python3 (pid {other.Id}) and 8 by Bindwise.Tests.dll (dotnet, pid {Environment.ProcessId}).", full.Message, StringComparison.Ordinal);
            Assert.Equal([(24, true), (8, true)], full.Diagnosis!.PortUse!.Destinations[0].Holders.Select(static one => (one.Count, one.IsCounted)));
        }
        finally
        {
            other.Kill();
        }
    });

    // Each of these is closed to every destination: what is left is used up early.
    [IsolatedFact]
    public Task PortsThatOthersBound_AreNotAvailable_AndTold() => Body.RunAsync(static async () =>
    {
        using var world = new World(destinations: 2);
        await File.WriteAllTextAsync("/proc/sys/net/ipv4/ip_local_reserved_ports", "40031");
        const string Bind = "import socket,sys,time\nheld=[socket.socket() for _ in range(9)]\nfor index, one in enumerate(held): one.bind(('127.0.0.9', 40000 + index))\n"
            + "for one in held[:3]: one.listen()\nreserved=socket.create_server(('127.0.0.9', 40031))\nprint('ready', flush=True)\ntime.sleep(600)";
        using var other = Process.Start(new ProcessStartInfo("python3", ["-c", Bind]) { RedirectStandardOutput = true })!;
        try
        {
            Assert.Equal("ready", await other.StandardOutput.ReadLineAsync());
            using var connector = new OutgoingConnector(new OutgoingOptions { Sources = [Source] });
            for (var index = 0; index < RangeSize - 10; index++)
                world.Keep(await connector.ConnectAsync(world.Destinations[0]));
            world.Keep(await connector.ConnectAsync(world.Destinations[1]));
            var full = await Assert.ThrowsAsync<ConnectException>(async () => await connector.ConnectAsync(world.Destinations[0]));
            Assert.EndsWith($" 9 are bound by python3 (pid {other.Id}), and connect() takes no bound port.", full.Message, StringComparison.Ordinal);
            Assert.Equal((9, 9), (full.Diagnosis!.PortUse!.Bound, Assert.Single(full.Diagnosis.PortUse.BoundBy).Count));
            Assert.Equal([(22, 22, 1.0), (1, 22, 1 / 22.0)], connector.ReadPressure().Select(static one => (one.Used, one.Available, one.Fraction)));
        }
        finally
        {
            other.Kill();
        }
    });

    /// <summary>Gives this process an /etc/hosts in which a name has these addresses.</summary>
    private static void NameAddresses(string name, params string[] addresses)
    {
        var hosts = Path.GetTempFileName();
        File.WriteAllLines(hosts, addresses.Select(address => $"{address} {name}"));
        KernelOption.Run("mount", $"--bind {hosts} /etc/hosts");
        File.Delete(hosts);
    }

    /// <summary>A small range of ports, and listeners to connect to; closes what was kept.</summary>
    private sealed class World : IDisposable
    {
        private readonly List<TcpListener> _listeners = [];
        private readonly List<Socket> _kept = [];

        public World(int destinations)
        {
            KernelOption.WriteSysctl("net/ipv4/ip_local_port_range", $"40000 {40000 + RangeSize - 1}");
            KernelOption.WriteSysctl("net/ipv4/tcp_tw_reuse", "0");
            for (var index = 0; index < destinations; index++)
            {
                var listener = new TcpListener(IPAddress.Loopback, 9001 + index);
                listener.Start(1024);
                _listeners.Add(listener);
            }
        }

        public IReadOnlyList<IPEndPoint> Destinations => [.. _listeners.Select(static one => (IPEndPoint)one.LocalEndpoint)];

        public Socket Keep(Socket socket)
        {
            _kept.Add(socket);
            return socket;
        }

        /// <summary>With a reset: nothing stays in TIME_WAIT.</summary>
        public void CloseAll()
        {
            foreach (var one in _kept)
            {
                one.LingerState = new LingerOption(true, 0);
                one.Dispose();
            }
            _kept.Clear();
        }

        public void Dispose()
        {
            CloseAll();
            _listeners.ForEach(static one => one.Dispose());
        }
    }
}
