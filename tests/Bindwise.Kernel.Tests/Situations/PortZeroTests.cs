using System.Globalization;
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
        var told = await host.ReportAsync("0");
        Assert.Matches($@"^Port 0 fails \(EADDRINUSE\): .*, most\s+by\s+fill_ports\.py \(python3, pid {most.Pid}\)\.\n", told.Output);
        Assert.Matches($@"\n  next  Stop fill_ports\.py .*kill {most.Pid}\n", told.Output);
        Assert.Contains($"stop who holds the most of them, if you do not need it: kill {most.Pid}\n", (await host.RunAsync(Programs.Bindwise, "free", "-n", "0")).Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        await host.SetUpAsync($"/bin/kill {most.Pid}");
        // Its end closes one after the other.
        foreach (var port in Enumerable.Range(40000, 10))
            await host.Sockets.UntilAsync(port);
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

    [KernelTheory]
    [InlineData("all", "[::1]:9000", 0)]
    [InlineData("lo", "[::1]:9000", 0)]
    [InlineData("lo", "[::1]:9000", 1)]
    [InlineData("all", "[2001:db8::1]:9000", 0)]
    [InlineData("lo", "[2001:db8::1]:9000", 1)]
    public async Task Why_ConnectOverIPv6ThatIsOff_IsNoMatterOfPorts(string where, string target, int mayBindForeign)
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync($"net.ipv6.conf.{where}.disable_ipv6", "1");
        await host.SetAsync("net.ipv6.ip_nonlocal_bind", $"{mayBindForeign}");
        Assert.Equal("EADDRNOTAVAIL", await ConnectAsync(host, target, "", 0));
        var answer = await host.WhyPastedAsync($"dial tcp {target}: connect: cannot assign requested address");
        answer.Is("blocked", "EADDRNOTAVAIL", "ipv6-disabled");
        Assert.Equal(["enable-ipv6", "use-ipv4"], answer.Remedies.Select(static one => one.Id));
        await host.RunAsync("sh", "-c", answer.Remedies[0].Command!);
        Assert.Equal(target.StartsWith("[::1]", StringComparison.Ordinal) ? "ECONNREFUSED" : "ENETUNREACH", await ConnectAsync(host, target, "", 0));
    }

    // A socket on another address, of the other family or on another interface leaves a port to bind(0), and not to connect().
    [KernelTheory]
    [InlineData("tcp 127.0.0.1 40000 and tcp 127.0.0.1 40001", "connect [::1]:9000", "blocked", "EADDRNOTAVAIL")]
    [InlineData("tcp ::1 40000 listen and tcp ::1 40001 listen", "connect 127.0.0.1:9000", "blocked", "EADDRNOTAVAIL")]
    [InlineData("tcp :: 40000 v6only device=lo and tcp :: 40001 v6only device=lo", "connect 127.0.0.1:9000", "blocked", "EADDRNOTAVAIL")]
    [InlineData("tcp ::1 40000", "connect 127.0.0.1:9000", "free", null)]
    public async Task Why_ConnectWherePortsAreBoundElsewhere_AnswersAsTheKernel(string holding, string target, string verdict, string? errno)
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_port_range", "40000 40001");
        await host.StartScriptAsync("hold.py", holding);
        (await host.WhyPastedAsync(target)).Is(verdict, errno, verdict == "free" ? "free" : "ports-exhausted");
        Assert.Equal(errno ?? "ECONNREFUSED", await ConnectAsync(host, target[8..], "", 0));
    }

    // Four ports, all with a connection to the destination from 127.0.0.2: one from 127.0.0.1 shares them.
    [KernelFact]
    public async Task Why_ConnectWherePortsAreTakenFromAnotherAddress_IsNotBlocked()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 0.0.0.0 9000 listen");
        await host.SetAsync("net.ipv4.ip_local_port_range", "40000 40003");
        var clients = host.Start(0, "python3", "-B", "-S", "-c", """
            import socket, time
            held = [socket.socket() for _ in range(4)]
            for one in held:
                one.setsockopt(0, 24, 1)
                one.bind(("127.0.0.2", 0))
                one.connect(("127.0.0.1", 9000))
            print("ready", flush=True)
            time.sleep(1000)
            """);
        Assert.Equal("ready", await clients.LineAsync());
        var answer = await host.WhyPastedAsync("connect 127.0.0.1:9000");
        answer.Is("undetermined", null, "ports-exhausted");
        Assert.Contains("0 of 4 are used for it", answer.Summary, StringComparison.Ordinal);
        Assert.Equal("ok", await ConnectAsync(host, "127.0.0.1:9000", "", 0));
        (await host.WhyPastedAsync("connect 127.0.0.2:0->127.0.0.1:9000")).Is("blocked", "EADDRNOTAVAIL", "ports-exhausted");
        Assert.Equal("EADDRNOTAVAIL", await ConnectAsync(host, "127.0.0.1:9000", "127.0.0.2", 0));
    }

    // A port that the program bound itself: connect() looks for just that connection.
    [KernelFact]
    public async Task Why_ConnectFromAnOwnPort_LooksForThatConnection()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 9000 listen");
        const string Text = "dial tcp 127.0.0.1:8606->127.0.0.1:9000: connect: cannot assign requested address";
        (await host.WhyPastedAsync(Text)).Is("free", null, "free");
        var client = host.Start(0, "python3", "-B", "-S", "-c", """
            import os, socket, time
            one = socket.socket()
            one.setsockopt(1, 2, 1)
            one.bind(("127.0.0.1", 8606))
            one.connect(("127.0.0.1", 9000))
            print(os.getpid(), flush=True)
            time.sleep(1000)
            """);
        var pid = int.Parse(await client.LineAsync(), CultureInfo.InvariantCulture);
        Assert.Equal("EADDRNOTAVAIL", await ConnectAsync(host, "127.0.0.1:9000", "127.0.0.1", 8606));
        var answer = await host.WhyPastedAsync(Text);
        answer.Is("blocked", "EADDRNOTAVAIL", "ports-exhausted");
        Assert.Equal("A connection from 127.0.0.1:8606 to 127.0.0.1:9000 cannot be opened (EADDRNOTAVAIL): it is there already.", answer.Summary);
        Assert.Equal(pid, Assert.Single(Assert.Single(answer.PortUse!.Destinations).Owners).Pid);
        Assert.Equal("bind-late", Assert.Single(answer.Remedies).Id);
        // The same in other words: the wildcard is loopback here, and Go names a port alone.
        (await host.WhyPastedAsync(Text.Replace("->127.0.0.1:", "->0.0.0.0:", StringComparison.Ordinal))).Is("blocked", "EADDRNOTAVAIL", "ports-exhausted");
        (await host.WhyPastedAsync(Text.Replace("127.0.0.1:8606", ":8606", StringComparison.Ordinal))).Is("blocked", "EADDRNOTAVAIL", "ports-exhausted");
        // To elsewhere the port is of use.
        (await host.WhyPastedAsync(Text.Replace("9000", "9001", StringComparison.Ordinal))).Is("free", null, "free");
    }

    // What only the kernel keeps may be taken over, and a socket on an interface does not meet one that is on none.
    [KernelTheory]
    [InlineData("one.close(); time.sleep(0.1)", "undetermined")]
    [InlineData("", "blocked")]
    [InlineData("lo", "undetermined")]
    public async Task Why_ConnectFromAnOwnPort_KnowsWhatMayBeTakenOver(string then, string verdict)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 9000 listen");
        var client = host.Start(0, "python3", "-B", "-S", "-c", $"""
            import socket, time
            one = socket.socket()
            one.setsockopt(1, 2, 1)
            if "{then}" == "lo":
                one.setsockopt(1, 25, b"lo")
            one.bind(("127.0.0.1", 8606))
            one.connect(("127.0.0.1", 9000))
            {(then == "lo" ? "pass" : then)}
            print("ready", flush=True)
            time.sleep(1000)
            """);
        Assert.Equal("ready", await client.LineAsync());
        var answer = await host.WhyPastedAsync("connect 127.0.0.1:8606->127.0.0.1:9000");
        answer.Is(verdict, verdict == "blocked" ? "EADDRNOTAVAIL" : null, "ports-exhausted");
        Assert.Equal(verdict == "blocked" ? "EADDRNOTAVAIL" : "ok", await ConnectAsync(host, "127.0.0.1:9000", "127.0.0.1", 8606));
    }

    // Its port is like one of bind(0), and the errno is another one.
    [KernelFact]
    public async Task Why_UdpConnectWithoutAPort_GivesEagain()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_port_range", "40000 40001");
        (await host.WhyPastedAsync("connect 127.0.0.1:9/udp")).Is("free", null, "free");
        await host.StartScriptAsync("hold.py", "udp 0.0.0.0 40000 and udp 0.0.0.0 40001");
        (await host.WhyPastedAsync("connect 127.0.0.1:9/udp")).Is("blocked", "EAGAIN", "ports-exhausted");
        // It is bound to the wildcard of both families first.
        (await host.WhyPastedAsync("connect [::1]:9/udp")).Is("blocked", "EAGAIN", "ports-exhausted");
        (await host.WhyPastedAsync("connect 127.0.0.1:8606->127.0.0.1:9/udp")).Is("free", null, "free");
    }

    private static async Task<string> ConnectAsync(TestHost host, string to, string from, int port)
    {
        var outcome = await host.RunAsync("python3", "-B", "-S", "-c", $"""
            import errno, socket
            host, _, port = "{to}".rpartition(":")
            one = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
            try:
                if "{from}":
                    one.setsockopt(1, 2, 1)
                    one.setsockopt(0, 24, {(port == 0 ? 1 : 0)})
                    one.bind(("{from}", {port}))
                one.connect((host.strip("[]"), int(port)))
                print("ok")
            except OSError as failure:
                print(errno.errorcode[failure.errno])
            """);
        return outcome.Output.Trim();
    }
}
