using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using IsolatedProcess;

namespace Bindwise.Tools.Tests.Picking;

/// <summary>Picking ports in one's own process.</summary>
[SupportedOSPlatform("linux")]
public sealed class PickTests
{
    [IsolatedFact]
    public Task Pick_TwoHundredAtOnceInOneProcess_GetNoPortTwice() => Body.RunAsync(static () =>
    {
        // Leased until they are disposed of: a usual lease is over before a busy machine has picked all.
        var ports = new ConcurrentBag<PickedPorts>();
        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 32 }, _ => ports.Add(PortPicker.Pick(new PortPickRequest { Range = new PortRange(20000, 20199), Lease = null })));
        Assert.Equal(Enumerable.Range(20000, 200), ports.Select(static one => (int)one.Ports[0].Number).Order());
        var shortage = Assert.Throws<PortPickException>(static () => PortPicker.Pick(new PortPickRequest { Range = new PortRange(20000, 20199) })).Shortage;
        Assert.Equal((1, 0, 200, 200, 0), (shortage.Wanted, shortage.Found, shortage.Tried, shortage.Leased, shortage.Taken));
        foreach (var one in ports)
            one.Dispose();
        using var all = PortPicker.Pick(new PortPickRequest { Count = 200, Range = new PortRange(20000, 20199) });
        Assert.Equal(200, all.Ports.Distinct().Count());
        return Task.CompletedTask;
    });

    [IsolatedTheory]
    [InlineData("leased")]
    [InlineData("reserved")]
    public Task Pick_SeveralAtOnceWithPortsForOne_OneGetsThem(string kept) => Body.RunAsync(static async kept =>
    {
        for (var first = 20000; first < 24000; first += 200)
        {
            var request = new PortPickRequest { Count = 120, Range = new PortRange(first, first + 129), Lease = null, Reserve = kept == "reserved" };
            using var start = new Barrier(3);
            var picks = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(() =>
            {
                start.SignalAndWait();
                try
                {
                    return PortPicker.Pick(request);
                }
                catch (PortPickException)
                {
                    return null;
                }
            }, default, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            Assert.Single(picks, static one => one is not null)!.Dispose();
        }
    }, kept);

    [IsolatedFact]
    public Task Pick_Leases_EndByTimeOrByDisposal() => Body.RunAsync(static async () =>
    {
        var only = new PortPickRequest { Range = new PortRange(8080, 8080) };
        using (PortPicker.Pick(only with { Lease = null }))
            Assert.Throws<PortPickException>(() => PortPicker.Pick(only));
        using var none = PortPicker.Pick(only with { Lease = TimeSpan.Zero });
        using var brief = PortPicker.Pick(only with { Lease = TimeSpan.FromMilliseconds(100) });
        for (var isOver = false; !isOver;)
        {
            try
            {
                PortPicker.Pick(only).Dispose();
                isOver = true;
            }
            catch (PortPickException exception)
            {
                Assert.Equal((1, "port 8080 cannot be had: it is leased to other picks (@bindwise/lease/PORT)"), (exception.Shortage.Leased, exception.Message));
                await Task.Delay(20);
            }
        }
    });

    [Fact]
    public void Shortage_InARangeThatIsTooSmall_SaysHowManyItHas() => Assert.Equal("only 3 of 5 ports can be had in 8200-8203, which has 4: 1 taken",
        new PortPickShortage { Wanted = 5, Found = 3, Range = new PortRange(8200, 8203), Tried = 4, Taken = 1 }.ToString());

    [IsolatedFact]
    public Task Pick_WithoutSuccess_LeavesNothingOpen() => Body.RunAsync(static async () =>
    {
        using var listener = new TcpListener(IPAddress.Loopback, 8081);
        listener.Start();
        // Of four ports one listens, however long the TIME_WAIT lasts.
        PortPicker.Pick(new PortPickRequest { Range = new PortRange(8080, 8080), Reserve = true }).Dispose();
        var before = OpenDescriptors.Read();
        for (var time = 0; time < 20; time++)
        {
            Assert.Throws<PortPickException>(static () => PortPicker.Pick(new PortPickRequest { Count = 4, Range = new PortRange(8080, 8083) }));
            Assert.Throws<IOException>(static () => PortPicker.Pick(new PortPickRequest { Address = IPAddress.Parse("192.0.2.1") }));
        }
        await OpenDescriptors.AssertNoMoreThanAsync(before);
    });

    [IsolatedFact]
    public Task Pick_Reserved_IsForASocketWithReuseAddress() => Body.RunAsync(static () =>
    {
        using var picked = PortPicker.Pick(new PortPickRequest { Reserve = true, Lease = TimeSpan.Zero });
        Assert.Throws<PortPickException>(() => PortPicker.Pick(new PortPickRequest { Range = new PortRange(picked.Ports[0].Number, picked.Ports[0].Number) }));
        // .NET's own sockets set the option.
        using var listener = new TcpListener(IPAddress.IPv6Any, picked.Ports[0].Number);
        listener.Server.DualMode = true;
        listener.Start();
        return Task.CompletedTask;
    });

    [Fact]
    public void Pick_RequestThatContradictsItself_IsRefused()
    {
        PortPickRequest[] wrong =
        [
            new() { Count = 0 },
            new() { Count = PortPickRequest.MostPorts + 1 },
            new() { Range = default(PortRange) },
            new() { Near = 0 },
            new() { Prefer = 65536 },
            new() { Lease = TimeSpan.FromTicks(-1) },
            new() { Lease = PortPickRequest.LongestLease + TimeSpan.FromTicks(1) },
            new() { Address = IPAddress.Parse("fe80::1%1") },
        ];
        Assert.All(wrong, static request => Assert.Throws<ArgumentException>(() => PortPicker.Pick(request)));
    }
}
