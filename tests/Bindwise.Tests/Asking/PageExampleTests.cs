using System.Net;
using System.Net.Sockets;
using Bindwise.Model.Listing;
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
            Options = new ProgramOptions { ReuseAddress = false },
            MayProbe = false,
        };
        Assert.Equal(Verdict.Blocked, PortDiagnostics.Diagnose(question).Verdict);

        lines.Clear();
        var ports = await PortDiagnostics.ListAsync(new PortListRequest { Filter = new PortFilter { Protocols = [Protocol.Tcp], Ports = [new PortRange(8000, 8999)] } });
        foreach (var port in ports.Ports)
            logger($"{PortColumns.Target(port)} {port.Name} {port.Connections}");
        Assert.Matches("^8080/tcp .+ 0$", Assert.Single(lines));
        Assert.StartsWith("{\"schema\":\"bindwise.port/1\",\"target\":\"8080/tcp\",", ports.ToJson(), StringComparison.Ordinal);

        lines.Clear();
        var usage = PortUsage.Read();
        logger($"{usage.TimeWaits} in TIME_WAIT, {usage.EphemeralInUse} of {usage.EphemeralPorts} ephemeral ports in use");
        Assert.Equal("0 in TIME_WAIT, 0 of 28232 ephemeral ports in use", Assert.Single(lines));

        listener.Dispose();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        await PortDiagnostics.WaitUntilFreeAsync(PortQuery.Of(8080), patience.Token);

        lines.Clear();
        await foreach (var next in PortDiagnostics.FollowAsync(PortQuery.Of(8080), patience.Token))
            logger(next.Summary);
        Assert.StartsWith("8080/tcp is free", Assert.Single(lines), StringComparison.Ordinal);
    });
}
