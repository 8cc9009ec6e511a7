using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

[Trait("Lane", "second")]
public sealed class PortZeroTests
{
    [KernelFact]
    public async Task Why_EveryEphemeralPortTaken_IsExhaustionAndByWhom()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_port_range", "40000 40001");
        await host.StartScriptAsync("fill_ports.py", "40000 40001");
        var answer = await host.WhyAsync("0.0.0.0:0");
        answer.Is("blocked", "EADDRINUSE", "ports-exhausted");
        answer.Has(answer.Outcome.Output.Contains("fill_ports.py", StringComparison.Ordinal)
            || answer.Outcome.Output.Contains("python3", StringComparison.Ordinal), "by whom");
    }

    [KernelFact]
    public async Task Why_EveryEphemeralPortTaken_NamesWhoHasMostFirstAndItsStepFreesThem()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_port_range", "40000 40009");
        var most = await host.StartScriptAsync("fill_ports.py", "40000 40009");
        var told = await host.TellAsync("0");
        Assert.Matches($@"^Port 0 fails \(EADDRINUSE\): .*, most\s+by\s+fill_ports\.py \(python3, pid {most.Pid}\)\.\n", told.Output);
        Assert.Matches($@"\n  next  Stop fill_ports\.py .*kill {most.Pid}\n", told.Output);
        Assert.Contains($"stop who holds the most of them, if you do not need it: kill {most.Pid}\n", (await host.RunAsync(Programs.Bindwise, "free", "-n", "0")).Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        await host.SetUpAsync($"/bin/kill {most.Pid}");
        await host.Sockets.UntilAsync(40000);
        (await host.WhyAsync("0")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_EveryEphemeralPortTakenByManyPrograms_CountsThemByOwnerAndEndsNone()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_port_range", "40000 40002");
        var pids = new List<int>();
        for (var port = 40000; port <= 40002; port++)
            pids.Add((await host.StartScriptAsync("hold.py", $"tcp 127.0.0.1 {port} listen")).Pid);
        var answer = await host.WhyAsync("127.0.0.1:0");
        answer.Is("blocked", "EADDRINUSE", "ports-exhausted");
        answer.Has(answer.Outcome.Output.Contains("3 listening sockets: 1 of hold.py", StringComparison.Ordinal), "how many each has");
        Assert.All(pids, pid => Assert.Contains($"pid {pid})", answer.Outcome.Output, StringComparison.Ordinal));
        answer.Has(!answer.Remedies.Any(static remedy => remedy.Id == "end-port-holder"), "nobody holds the most");
    }

    [KernelFact]
    public async Task Why_EveryPortLeftToTheKernel_SaysThatNoProcessHoldsThem()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_port_range", "40000 40001");
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 9000 listen");
        // The listener accepts neither, and so closes none.
        foreach (var port in new[] { 40000, 40001 })
            await host.SignalAsync((await host.StartScriptAsync("dial.py", $"127.0.0.1 9000 from 127.0.0.1 {port}")).Pid, "KILL");
        await host.Sockets.UntilAsync(40000, "FIN_WAIT2");
        await host.Sockets.UntilAsync(40001, "FIN_WAIT2");
        var answer = await host.WhyAsync("127.0.0.1:0");
        answer.Is("blocked", "EADDRINUSE", "ports-exhausted");
        answer.Has(answer.Outcome.Output.Contains("all closed here and held by no process", StringComparison.Ordinal), "of no process");
    }

    [KernelFact]
    public async Task Why_OneEphemeralPortLeft_IsFree()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_port_range", "40000 40001");
        await host.StartScriptAsync("fill_ports.py", "40000 40000");
        (await host.WhyAsync("0.0.0.0:0")).Is("free", null, "free");
    }

    [KernelTheory]
    [InlineData("0", "EADDRINUSE")]
    [InlineData("0/udp", "EADDRINUSE")]
    [InlineData("connect 127.0.0.1:9000", "EADDRNOTAVAIL")]
    public async Task Why_WholeRangeReserved_NamesTheSysctlAndItsStepHelps(string target, string errno)
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_port_range", "40000 40019");
        await host.SetAsync("net.ipv4.ip_local_reserved_ports", "8080,40000-40019");
        var answers = Asking.Answers(await host.RunAsync(Programs.Bindwise, "why", target, "--json"));
        var answer = answers[0];
        answer.Is("blocked", errno, "ports-exhausted");
        answer.Has(answer.Summary.Contains("net.ipv4.ip_local_reserved_ports reserves every port", StringComparison.Ordinal), "what reserves them");
        Assert.Equal(("shorten-reserved-ports", "sysctl -w net.ipv4.ip_local_reserved_ports=8080"), (answer.Remedies[0].Id, answer.Remedies[0].Command));
        await host.SetUpAsync(answer.Remedies[0].Command!);
        Asking.Answers(await host.RunAsync(Programs.Bindwise, "why", target, "--json"))[0].Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_EveryPortLeftIsReserved_IsExhaustion()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_port_range", "40000 40003");
        await host.SetAsync("net.ipv4.ip_local_reserved_ports", "40002-40003");
        await host.StartScriptAsync("fill_ports.py", "40000 40001");
        (await host.WhyAsync("0.0.0.0:0")).Is("blocked", "EADDRINUSE", "ports-exhausted");
        (await host.WhyAsync("40002")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_EveryPortConnectedToOneDestination_TellsTheDestinationAndItsOwner()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_port_range", "40000 40003");
        var program = await host.StartScriptAsync("exhaust.py", "");
        Assert.Equal((4, "EADDRNOTAVAIL", "ok"), (program.Number("count"), program.Word("failure"), program.Word("elsewhere")));

        var answer = await host.WhyAsync("127.0.0.1:0");

        answer.Is("blocked", "EADDRINUSE", "ports-exhausted");
        var use = answer.PortUse!;
        Assert.Equal((40000, 40003, 4, 4), (use.First, use.Last, use.Usable, use.Used));
        var top = use.Destinations[0];
        Assert.Equal(("127.0.0.1:9000", "127.0.0.1", 4, 0), (top.Remote, top.Local, top.Count, top.TimeWait));
        Assert.Equal(program.Pid, Assert.Single(top.Owners).Pid);
        Assert.Equal("more-source-addresses", answer.Remedies[0].Id);
        Assert.Equal("python", answer.Remedies[0].Language);
    }

    [KernelFact]
    public async Task Why_ConnectWithoutAPortLeft_IsWhatTheKernelAnswers()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_port_range", "40000 40003");
        var program = await host.StartScriptAsync("exhaust.py", "");

        var closed = await host.WhyPastedAsync("dial tcp 127.0.0.1:9000: connect: cannot assign requested address");
        closed.Is("blocked", "EADDRNOTAVAIL", "ports-exhausted");
        Assert.Equal("127.0.0.1:9000", closed.Target.Destination);
        Assert.Equal("A connection to 127.0.0.1:9000 gets no source port (EADDRNOTAVAIL): 4 of 4 are used for it.", closed.Summary);

        // Ports that connect() picked are shared between destinations, which the table does not tell.
        Assert.Equal("ok", program.Word("elsewhere"));
        var open = await host.WhyPastedAsync("connect 127.0.0.1:9001");
        open.Has(open.Verdict == "undetermined" && open.Cause == "ports-exhausted", "undetermined");
    }

    [KernelFact]
    public async Task Why_ConnectWherePortsAreBound_IsExhaustionForEveryDestination()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_port_range", "40000 40003");
        await host.StartScriptAsync("fill_ports.py", "40000 40003");
        var program = await host.StartScriptAsync("exhaust.py", "");
        Assert.Equal((0, "EADDRNOTAVAIL", "EADDRNOTAVAIL"), (program.Number("count"), program.Word("failure"), program.Word("elsewhere")));

        (await host.WhyPastedAsync("connect 127.0.0.1:9000")).Is("blocked", "EADDRNOTAVAIL", "ports-exhausted");
    }

    [KernelFact]
    public async Task Why_ConnectWithPortsLeft_TellsHowManyAreUsed()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_port_range", "40000 40999");
        await host.StartScriptAsync("exhaust.py", "");
        var answer = await host.WhyPastedAsync("connect 127.0.0.1:9000");
        answer.Is("free", null, "free");
        Assert.Equal("A connection to 127.0.0.1:9000 can get a source port now: 200 of 1000 are used for it.", answer.Summary);
        // The connection to 9001 was closed at this end: no process holds it.
        answer.Has(answer.PortUse!.Destinations.Any(static d => d is { Remote: "127.0.0.1:9001", Count: 1, Owners.Count: 0 }), "the one that was closed");
    }

    // Three ports, of which TCP tries two.
    [KernelTheory]
    [InlineData("", "blocked", "EADDRINUSE", "ports-exhausted")]
    [InlineData(" --reuse-port", "blocked", "EADDRINUSE", "ports-exhausted")]
    [InlineData(" --no-probe", "undetermined", null, "ports-exhausted")]
    public async Task Why_PortZeroOfARangeWithAnOddNumber_IsExhaustedByOneFewer(string options, string verdict, string? errno, string cause)
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_port_range", "41000 41002");
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 0 and tcp 127.0.0.1 0");
        (await host.WhyAsync("127.0.0.1:0" + options)).Is(verdict, errno, cause);
    }

    [KernelFact]
    public async Task Why_ConnectOverIPv6Loopback_GetsAPort()
    {
        await using var host = await TestHost.OpenAsync();
        (await host.WhyPastedAsync("connect [::1]:9000")).Is("free", null, "free");
    }

    [KernelFact]
    public async Task Why_ConnectOverIPv6ThatIsOff_IsNoMatterOfPorts()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv6.conf.all.disable_ipv6", "1");
        (await host.WhyPastedAsync("dial tcp [::1]:9000: connect: cannot assign requested address")).Is("blocked", "EADDRNOTAVAIL", "ipv6-disabled");
    }
}
