using System.Net;
using System.Net.Sockets;
using IsolatedProcess;

namespace Bindwise.Tools.Tests;

/// <summary>The examples of docs/tools.md, run; that of freeing is in <see cref="Freeing.FreeExampleTests"/>.</summary>
public sealed class PageExampleTests
{
    [IsolatedFact]
    public Task Examples_OfTools_Run() => Body.RunAsync(static async () =>
    {
        var lines = new List<string>();
        var logger = lines.Add;
        using (var listener = new TcpListener(IPAddress.Loopback, 8080))
        {
            listener.Start();
            var listing = await SocketTable.ReadAsync(new SocketFilter
            {
                Protocols = [Protocol.Tcp],
                Ports = [new PortRange(8000, 8999)],
                States = [TcpSocketState.Listen],
                WithOwners = true,
            });
            foreach (var one in listing.Sockets)
                logger($"{one.Socket.Local} {one.Owners.Length}");
            Assert.Equal("127.0.0.1:8080 1", Assert.Single(lines));
        }

        lines.Clear();
        using var picked = PortPicker.Pick(new PortPickRequest { Count = 2, Range = new PortRange(8000, 8999) });
        logger($"http on {picked.Ports[0].Number}, metrics on {picked.Ports[1].Number}");
        Assert.Matches("^http on 8[0-9]{3}, metrics on 8[0-9]{3}$", Assert.Single(lines));

        lines.Clear();
        var report = await PortWait.RunAsync(new WaitRequest
        {
            Queries = [PortQuery.Parse("localhost:8080"), PortQuery.Parse("/run/app.sock")],
            Until = WaitCondition.Closed,
            Timeout = TimeSpan.FromSeconds(10),
        });
        logger($"{report.IsMet} after {report.Waited.TotalSeconds:0} s");
        Assert.Matches("^True after [0-9]+ s$", Assert.Single(lines));
    });
}
