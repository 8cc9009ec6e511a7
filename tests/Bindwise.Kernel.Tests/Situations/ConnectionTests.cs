using System.Globalization;
using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>Connections whose own end, not a server's, is the port in question.</summary>
public sealed class ConnectionTests
{
    [KernelFact]
    public async Task Why_SourcePortThatTheKernelChose_IsAnOutgoingConnection()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 9000 listen");
        var program = await host.StartScriptAsync("dial.py", "127.0.0.1 9000");
        var port = program.Number("port").ToString(CultureInfo.InvariantCulture);
        var answer = await host.WhyAsync("0.0.0.0:" + port);
        answer.Is("blocked", "EADDRINUSE", "outgoing-connection");
        var blocker = Assert.Single(answer.Blockers);
        Assert.Equal(("ESTABLISHED", "127.0.0.1:" + port, "127.0.0.1:9000"), (blocker.State, blocker.Local, blocker.Remote));
        Assert.Equal(program.Pid, Assert.Single(blocker.Owners).Pid);
    }

    [KernelFact]
    public async Task Why_SourcePortThatTheProgramBound_IsAnOutgoingConnection()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 9000 listen");
        var program = await host.StartScriptAsync("dial.py", "127.0.0.1 9000 from 127.0.0.1 8080");
        var answer = await host.WhyAsync("8080");
        answer.Is("blocked", "EADDRINUSE", "outgoing-connection");
        Assert.Equal(program.Pid, Assert.Single(answer.Owners).Pid);
    }

    [KernelFact]
    public async Task Why_AcceptedConnectionOnAPortOfTheEphemeralRange_IsNotTakenForAnOutgoingOne()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_port_range", "8000 9000");
        await host.StartScriptAsync("connect.py", "tcp 0.0.0.0 8080 then listener.close");
        (await host.WhyAsync("0.0.0.0:8080")).Is("blocked", "EADDRINUSE", "surviving-connection");
    }

    [KernelFact]
    public async Task Why_ConnectionThatMetItself_IsSaidToBeThat()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("self_connect.py", "8080");
        var answer = await host.WhyAsync("127.0.0.1:8080");
        answer.Is("blocked", "EADDRINUSE", "self-connection");
        Assert.Equal(program.Pid, Assert.Single(answer.Owners).Pid);
    }

    [KernelFact]
    public async Task Why_ClientThatClosedFirst_LeavesTimeWaitOnItsOwnPort()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("connect.py", "tcp 0.0.0.0 9000 then");
        var port = program.Number("clientPort");
        await host.SignalAsync(program.Pid, "KILL");
        await host.UntilStateAsync(program.Pid, '-');
        // Which end closes first is chance; the other one passes through several states until it is gone.
        await Patience.UntilAsync(() => host.Sockets.StatesOn(port).Concat(host.Sockets.StatesOn(9000)).ToList() is { Count: > 0 } states
            && states.TrueForAll(static state => state == "TIME_WAIT"), "nothing but TIME_WAIT");
        foreach (var asked in new[] { port, 9000 })
        {
            var waits = host.Sockets.StatesOn(asked).Contains("TIME_WAIT");
            var answer = await host.WhyAsync(string.Create(CultureInfo.InvariantCulture, $"0.0.0.0:{asked}"));
            answer.Is(waits ? "blocked" : "free", waits ? "EADDRINUSE" : null, waits ? "time-wait" : "free");
        }
    }

    // No restart of a server gives a client's socket SO_REUSEADDR.
    [KernelFact]
    public async Task Why_ClientThatClosedFirst_LeftItsSourcePortAndNoServerIsToBlame()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 9000 listen");
        var program = await host.StartScriptAsync("dial.py", "127.0.0.1 9000");
        var port = program.Number("port");
        await host.SignalAsync(program.Pid, "KILL");
        await host.Sockets.UntilAsync(port, "FIN_WAIT2");
        var answer = await host.WhyAsync(string.Create(CultureInfo.InvariantCulture, $"{port}"));
        answer.Is("blocked", "EADDRINUSE", "fin-wait");
        Assert.EndsWith("; the port was the source port of that connection.", answer.Summary, StringComparison.Ordinal);
        answer.Has(answer.Remedies.Any(static remedy => remedy.Id == "reserve-port"), "the port can be reserved");
        answer.Has(!answer.Remedies.Any(static remedy => remedy.Id is "set-reuse-address-from-now" or "client-closes-first"), "no change of a server");
    }

    [KernelFact]
    public async Task Why_ClientOfUdp_UsesItAsItsSourcePort()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "udp 127.0.0.1 9000");
        var script = Path.Combine(host.Folder, "ask.py");
        await File.WriteAllTextAsync(script, """
            import json, socket, time
            client = socket.socket(type=socket.SOCK_DGRAM); client.connect(('127.0.0.1', 9000))
            print(json.dumps({'port': client.getsockname()[1]}), flush=True); time.sleep(600)
            """);
        var program = host.Start(0, "python3", "-S", script);
        await program.ReadyAsync();
        var answer = await host.WhyAsync(string.Create(CultureInfo.InvariantCulture, $"{program.Number("port")}/udp"));
        answer.Is("blocked", "EADDRINUSE", "udp-socket");
        Assert.EndsWith("uses it as the source port of a UDP socket that is connected to 127.0.0.1:9000.", answer.Summary, StringComparison.Ordinal);
        answer.Has(answer.Remedies.Any(static remedy => remedy.Id == "reserve-port"), "the port can be reserved");
    }

    [KernelFact]
    public async Task Why_ConnectionThatNobodyAnswersYet_IsOutgoing()
    {
        await using var host = await TestHost.OpenAsync();
        var program = await host.StartScriptAsync("dial_in_vain.py", "8080");
        await host.Sockets.UntilAsync(8080, "SYN_SENT");
        var answer = await host.WhyAsync("127.0.0.1:8080");
        answer.Is("blocked", "EADDRINUSE", "outgoing-connection");
        Assert.Equal(["SYN_SENT"], answer.States);
        Assert.Equal(program.Pid, Assert.Single(answer.Owners).Pid);
    }
}
