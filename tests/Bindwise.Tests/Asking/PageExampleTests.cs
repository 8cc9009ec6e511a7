using System.Net;
using System.Net.Sockets;
using IsolatedProcess;

namespace Bindwise.Tests.Asking;

/// <summary>The examples of docs/asking.md, run.</summary>
public sealed class PageExampleTests
{
    [IsolatedFact]
    public Task Examples_OfAsking_Run() => Body.RunAsync(static async () =>
    {
        var lines = new List<string>();
        var logger = lines.Add;
        using var listener = new TcpListener(IPAddress.Loopback, 8080);
        listener.Start();

        var answer = await PortDiagnostics.DiagnoseAsync(PortQuery.Of(8080));
        if (answer.Verdict == Verdict.Blocked)
            Console.WriteLine(answer.ToText());

        foreach (var owner in answer.Blockers.SelectMany(blocker => blocker.Owners))
            logger($"{owner.Process.Id} holds it as descriptor {string.Join(", ", owner.Descriptors)}");
        Assert.StartsWith($"{Environment.ProcessId} holds it as descriptor ", Assert.Single(lines), StringComparison.Ordinal);

        var question = PortQuery.Parse("127.0.0.1:8080") with
        {
            Settings = new SocketSettings { ReuseAddress = false },
            MayProbe = false,
        };
        Assert.Equal(Verdict.Blocked, PortDiagnostics.Diagnose(question).Verdict);

        lines.Clear();
        var ports = await PortDiagnostics.ListAsync(new PortListRequest { Filter = new PortFilter { Protocols = [Protocol.Tcp], Ports = [new PortRange(8000, 8999)] } });
        foreach (var port in ports.Ports)
            logger($"{port.Protocol} {port.Port}: {port.Name}, {port.Connections} connections");
        Assert.Matches("^Tcp 8080: .+, 0 connections$", Assert.Single(lines));
        Assert.StartsWith("{\"schema\":\"bindwise.port/1\",\"target\":\"8080/tcp\",", ports.ToJson(), StringComparison.Ordinal);

        lines.Clear();
        var usage = PortDiagnostics.ReadUsage();
        logger($"{usage.TimeWaits} in TIME_WAIT, {usage.EphemeralInUse} of {usage.EphemeralPorts} ephemeral ports in use");
        Assert.Equal("0 in TIME_WAIT, 0 of 28232 ephemeral ports in use", Assert.Single(lines));

        listener.Dispose();
        lines.Clear();
        var report = await PortDiagnostics.WaitAsync(new WaitRequest
        {
            Queries = [PortQuery.Parse("localhost:8080"), PortQuery.Parse("/run/app.sock")],
            Until = WaitCondition.Closed,
            Timeout = TimeSpan.FromSeconds(10),
        });
        logger($"{report.IsMet} after {report.Waited.TotalSeconds:0} s");
        Assert.Matches("^True after [0-9]+ s$", Assert.Single(lines));

        lines.Clear();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        await foreach (var next in PortDiagnostics.FollowAsync(PortQuery.Of(8080), patience.Token))
            logger(next.Summary);
        Assert.StartsWith("8080/tcp is free", Assert.Single(lines), StringComparison.Ordinal);
    });
}
