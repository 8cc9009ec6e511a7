using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>pick: ports that can be bound, each given out once.</summary>
[Trait("Lane", "second")]
public sealed class PickTests
{
    private const string Holder = "pick --hold-leases";

    [KernelTheory]
    [InlineData("hold.py", "tcp 127.0.0.1 8080 listen")]
    [InlineData("hold.py", "tcp ::1 8080 v6only listen")]
    [InlineData("hold.py", "tcp 0.0.0.0 8080")]
    [InlineData("hold.py", "tcp 0.0.0.0 8080 reuseaddr reuseport")]
    [InlineData("hold.py", "tcp :: 8080 dual reuseaddr listen")]
    [InlineData("connect.py", "tcp 127.0.0.1 8080 reuseaddr then listener.close")]
    [InlineData("connect.py", "tcp 127.0.0.1 8080 reuseaddr then server.close client.close listener.close")]
    [InlineData("connect.py", "tcp 127.0.0.1 8080 then server.close listener.close")]
    [InlineData("hold.py", "udp 127.0.0.1 8080", "--udp")]
    [InlineData("hold.py", "unix @bindwise/lease/8080")]
    public async Task Port_WithSomethingInTheWay_IsLeftOut(string script, string words, string option = "")
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync(script, words);
        string[] options = option.Length == 0 ? [] : [option];
        Assert.Equal("8081", await PickAsync(host, ["--near", "8080", "--range", "8080-8081", "--lease", "0", .. options]));
    }

    [KernelFact]
    public async Task Ports_ThatAreOutOfTheQuestion_AreToldWithTheReason()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_reserved_ports", "6001");
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 6002 listen and unix @bindwise/lease/6003");
        var outcome = await host.RunAsAsync(TestHost.Nobody, null, Programs.Bindwise, "pick", "2", "--range", "5999-6003");
        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.Equal(
            "bindwise: only 1 of 2 ports can be had in 5999-6003: 1 taken, 1 leased to other picks (@bindwise/lease/PORT), 1 blocked by browsers, 1 in ip_local_reserved_ports\n", outcome.Error);
        outcome = await host.RunAsAsync(TestHost.Nobody, null, Programs.Bindwise, "pick", "--range", "81-82");
        Assert.Equal((1, "", "bindwise: no port can be had in 81-82: 2 privileged\n"), (outcome.ExitCode, outcome.Output, outcome.Error));
        Assert.Contains(await PickAsync(host, "--range", "81-82"), new[] { "81", "82" });
    }

    [KernelFact]
    public async Task Port_WithoutAWish_IsOutsideTheEphemeralRange()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_local_port_range", "10000 65000");
        var ports = (await PickAsync(host, "100")).Split('\n').Select(static line => int.Parse(line, CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(100, ports.Distinct().Count());
        Assert.All(ports, static port => Assert.InRange(port, 65001, 65535));
        Assert.Equal("20000", await PickAsync(host, "--prefer", "20000", "--lease", "1h"));
        Assert.InRange(int.Parse(await PickAsync(host, "--prefer", "20000"), CultureInfo.InvariantCulture), 65001, 65535);
    }

    [KernelFact]
    public async Task TwoHundredAtOnce_OfSeveralUsers_GetNoPortTwice()
    {
        await using var host = await TestHost.OpenAsync();
        var count = ProgramUnderTest.IsNative ? 200 : 16;
        var first = await host.StartScriptAsync("pick_many.py", $"{count} {Programs.Bindwise} pick --lease 10m --range 20000-{20000 + count - 1}");
        Assert.Equal(0, first.Number("failed"));
        Assert.Equal(Enumerable.Range(20000, count), first.Numbers("ports").Order());
        var second = await host.StartScriptAsync("pick_many.py", $"4 {Programs.Bindwise} pick --lease 10m --range 20000-{20000 + count + 1}");
        Assert.Equal(2, second.Number("failed"));
        Assert.Equal([20000 + count, 20001 + count], second.Numbers("ports").Order());
    }

    [KernelFact]
    public async Task Pick_KilledAtAnyTime_LeavesNothing()
    {
        await using var host = await TestHost.OpenAsync();
        foreach (var milliseconds in Enumerable.Range(1, ProgramUnderTest.IsNative ? 30 : 5))
        {
            var after = (milliseconds * (ProgramUnderTest.IsNative ? 1 : 80)).ToString(CultureInfo.InvariantCulture);
            await host.RunAsync("timeout", "--signal=KILL", $"0.{after.PadLeft(3, '0')}", Programs.Bindwise, "pick", "200", "--lease", "0", "--range", "20000-20199");
        }
        Assert.Equal(200, (await PickAsync(host, "200", "--lease", "0", "--range", "20000-20199")).Split('\n').Distinct().Count());
        // Where it is killed while its leases are handed over, their holder lives on, for as long as it was told to.
        await host.RunAsync("timeout", "--signal=KILL", "0.006", Programs.Bindwise, "pick", "200", "--lease", "2s", "--range", "20000-20199");
        await PickInTheEndAsync(host, "200", "--lease", "0", "--range", "20000-20199");
        Assert.Empty(Holders(host));
    }

    [KernelFact]
    [Trait("Program", "both")]
    public async Task Lease_OutlivesThePickAndEndsWithItsHolder()
    {
        await using var host = await TestHost.OpenAsync();
        // The shell waits for all that have its pipe: not for the holder.
        var outcome = await host.RunAsAsync(TestHost.Nobody, null, "/bin/sh", "-c", "x=$(PASSWORD=secret \"$0\" pick --range 8080-8080 --lease 1h) && echo $x", Programs.Bindwise);
        Assert.Equal((0, "8080\n", ""), (outcome.ExitCode, outcome.Output, outcome.Error));
        outcome = await host.RunAsync(Programs.Bindwise, "pick", "--range", "8080-8080");
        Assert.Equal((1, "bindwise: port 8080 cannot be had: it is leased to other picks (@bindwise/lease/PORT)\n"), (outcome.ExitCode, outcome.Error));
        var holder = Assert.Single(Holders(host));
        Assert.EndsWith(" pick --hold-leases 3600000ms 8080", holder.Value, StringComparison.Ordinal);
        // It has the ports before it is started, and takes its name and folder in its own time.
        outcome = await host.RunAsync("/bin/sh", "-c", $"cd /proc/{holder.Key} && until [ $(cat comm) = bindwise ] && [ $(readlink cwd) = / ]; do sleep 0.01; done && readlink cwd fd/0 fd/1 fd/2 && cat comm && grep -c PASSWORD environ");
        Assert.Equal("/\n/dev/null\n/dev/null\n/dev/null\nbindwise\n0\n", outcome.Output);

        await host.SignalAsync(holder.Key, "KILL");
        await Patience.UntilAsync(() => Holders(host).Count == 0, "the end of the holder");
        Assert.Equal("8080", await PickInTheEndAsync(host, "--range", "8080-8080", "--lease", "300ms"));
        Assert.Equal("8080", await PickInTheEndAsync(host, "--range", "8080-8080", "--lease", "0"));
        Assert.Empty(Holders(host));
    }

    [KernelFact]
    [Trait("Program", "both")]
    public async Task Command_GetsThePortsAndNothingElse()
    {
        await using var host = await TestHost.OpenAsync();
        const string descriptors = "echo /proc/self/fd/*";
        var without = await host.RunAsync("/bin/sh", "-c", descriptors);
        var outcome = await host.RunAsync(
            Programs.Bindwise, "pick", "2", "--lease", "1h", "--near", "8080", "--",
            "/bin/sh", "-c", $"echo $PORT $PORTS \"$@\"; {descriptors}; read c < /proc/$$/task/$$/children; echo [$c]; exit 7", "sh", "{port}", "-p{port:2}", "{port:1}:{port:2}");
        Assert.Equal($"8080 8080 8081 8080 -p8081 8080:8081\n{without.Output}[]\n", outcome.Output);
        Assert.Equal(7, outcome.ExitCode);
        Assert.EndsWith(" pick --hold-leases 3600000ms 8080 8081", Assert.Single(Holders(host)).Value, StringComparison.Ordinal);
        // The usual lease is over before a busy machine looks at its holder.
        Assert.Contains("\"leaseSeconds\":10,", await PickAsync(host, "--json"), StringComparison.Ordinal);
        outcome = await host.RunAsync(Programs.Bindwise, "pick", "--", "nosuchprogram");
        Assert.Equal((127, "bindwise: nosuchprogram: command not found"), (outcome.ExitCode, outcome.Error.Trim()));
    }

    [KernelFact]
    [Trait("Program", "both")]
    public async Task Hold_KeepsThePortUntilTheCommandListens()
    {
        await using var host = await TestHost.OpenAsync();
        var server = host.Start(TestHost.Nobody, Programs.Bindwise, "pick", "--hold", "--lease", "0", "--prefer", "8080", "--", "python3", "-B", "-S", Programs.Script("take_held.py"), "{port}");
        await server.ReadyAsync();
        Assert.Equal((8080, "EADDRINUSE", "ok", ""), (server.Number("port"), server.Word("plain"), server.Word("reuse"), server.Word("children")));
        Assert.EndsWith($" pick --hold-leases 0ms --until-listening {server.Pid} python3 8080", Assert.Single(Holders(host)).Value, StringComparison.Ordinal);
        var other = await host.RunAsync(Programs.Bindwise, "pick", "--range", "8080-8080");
        Assert.Equal((1, "bindwise: port 8080 cannot be had: it is taken\n"), (other.ExitCode, other.Error));
        var asked = await host.RunAsync(Programs.Bindwise, "why", "8080");
        Assert.Contains("next  Take another port; 8081 is free.", asked.Output, StringComparison.Ordinal);

        server.EndInput();

        await server.ReadyAsync();
        await Patience.UntilAsync(() => Holders(host).Count == 0, "the end of the holder");
        Assert.False(server.HasEnded);
    }

    [KernelFact]
    public async Task Hold_AStrangerListens_GoesOnUntilTheCommandsChildDoes()
    {
        await using var host = await TestHost.OpenAsync();
        var server = host.Start(
            TestHost.Nobody, Programs.Bindwise, "pick", "--hold", "--lease", "0", "--prefer", "8080", "--", "/bin/sh", "-c", "python3 -B -S \"$0\" $PORT; echo", Programs.Script("take_held.py"));
        await server.ReadyAsync();
        var before = Assert.Single(Holders(host)).Key;
        var stranger = await host.StartScriptAsAsync(TestHost.Nobody, "hold.py", "tcp 127.0.0.2 8080 reuseaddr listen");
        await host.RunAsync("sleep", "0.5");
        Assert.Equal(before, Assert.Single(Holders(host)).Key);
        await host.SignalAsync(stranger.Pid, "KILL");
        var plain = await host.RunAsync(Programs.Bindwise, "pick", "--range", "8080-8080");
        Assert.Equal((1, "bindwise: port 8080 cannot be had: it is taken\n"), (plain.ExitCode, plain.Error));

        server.EndInput();

        await server.ReadyAsync();
        await Patience.UntilAsync(() => Holders(host).Count == 0, "the end of the holder");
    }

    [KernelFact]
    [Trait("Program", "both")]
    public async Task Hold_OfACommandThatIsKilled_Ends()
    {
        await using var host = await TestHost.OpenAsync();
        var server = host.Start(TestHost.Nobody, Programs.Bindwise, "pick", "2", "--hold", "--lease", "0", "--near", "8080", "--", "python3", "-B", "-S", Programs.Script("take_held.py"), "{port}");
        await server.ReadyAsync();
        Assert.Single(Holders(host));
        await host.SignalAsync(server.Pid, "KILL");
        await Patience.UntilAsync(() => Holders(host).Count == 0, "the end of the holder");
        Assert.Equal("8080", await PickInTheEndAsync(host, "--range", "8080-8080", "--lease", "0"));
    }

    [KernelTheory]
    [InlineData("", "tcp-8080:tcp-8081", "8080 8081", "1 1")]
    [InlineData("--udp", "tcp-8080:udp-8080:tcp-8081:udp-8081", "8080 8080 8081 8081", "1 2 1 2")]
    [Trait("Program", "both")]
    public async Task ListenFds_PassesSocketsThatListen(string option, string names, string ports, string kinds)
    {
        await using var host = await TestHost.OpenAsync();
        string[] options = option.Length == 0 ? [] : [option];
        var server = host.Start(TestHost.Nobody, [Programs.Bindwise, "pick", "2", "--listen-fds", "--near", "8080", .. options, "--", "python3", "-B", "-S", Programs.Script("serve_passed.py")]);
        using var told = JsonDocument.Parse(await server.LineAsync());
        var facts = told.RootElement;
        Assert.True(facts.GetProperty("isMine").GetBoolean());
        Assert.Equal((names, "hello"), (facts.GetProperty("names").GetString(), facts.GetProperty("answer").GetString()));
        Assert.Equal((ports, kinds), (Joined(facts.GetProperty("ports")), Joined(facts.GetProperty("kinds"))));
        Assert.Empty(Holders(host));
    }

    [KernelFact]
    public async Task Reserve_LeavesATimeWaitThatOnlyReuseAddressPasses()
    {
        await Passing.PlayAsync(static async host =>
        {
            await host.SetAsync("net.ipv4.ip_local_port_range", "30000 60999");
            var outcome = await host.RunAsAsync(TestHost.Nobody, null, Programs.Bindwise, "pick", "--range", "30000-30000", "--reserve", "--json");
            Assert.Equal((0, "bindwise: the port is reserved by a TIME_WAIT for a minute: the program has to set SO_REUSEADDR to bind it\n"), (outcome.ExitCode, outcome.Error));
            Assert.Equal("{\"schema\":\"bindwise.pick/1\",\"port\":30000,\"protocols\":[\"tcp\"],\"address\":null,\"ephemeral\":true,\"leaseSeconds\":0,\"reservedSeconds\":60}\n", outcome.Output);
            Assert.Empty(Holders(host));
            await host.Sockets.UntilAsync(30000, "TIME_WAIT", "TIME_WAIT");
        }, static async host =>
        {
            await host.SetAsync("net.ipv4.ip_local_port_range", "30000 30000");
            foreach (var (family, address) in new[] { ("AF_INET", ""), ("AF_INET", "127.0.0.1"), ("AF_INET6", "::"), ("AF_INET6", "::1") })
            {
                var none = await host.RunAsync("python3", "-c", $"import socket; socket.socket(socket.{family}).bind(('{address}', 0))");
                Assert.Contains("Address already in use", none.Error, StringComparison.Ordinal);
            }
            var taken = await host.RunAsync(Programs.Bindwise, "pick", "--range", "30000-30000");
            Assert.Equal((1, "bindwise: port 30000 cannot be had: it is taken\n"), (taken.ExitCode, taken.Error));
            var server = host.Start(TestHost.Nobody, "python3", "-B", "-S", Programs.Script("take_held.py"), "30000");
            await server.ReadyAsync();
            Assert.Equal(("EADDRINUSE", "ok"), (server.Word("plain"), server.Word("reuse")));
        });
    }

    [KernelFact]
    public async Task Reserve_WithoutLoopback_SaysWhatIsMissing()
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetUpAsync("ip link set lo down");
        var outcome = await host.RunAsync(Programs.Bindwise, "pick", "--reserve");
        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith("bindwise: no TIME_WAIT could be made by a connection to loopback: is the interface up, and does no firewall drop it? (E", outcome.Error, StringComparison.Ordinal);
    }

    [KernelTheory]
    [InlineData("--nofile=128", "200")]
    [InlineData("--nofile=256", "180")]
    public async Task Descriptors_ThatAreFew_AreToldInOneLine(string limit, string count)
    {
        // The runtime of the managed program needs some at any time, to load what it is made of.
        if (!ProgramUnderTest.IsNative)
            return;
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync("prlimit", limit, Programs.Bindwise, "pick", count);
        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.Matches(@"^bindwise: (the lease of a port cannot be taken \(EMFILE\)|descriptors or memory are short: .*|the process that keeps the leases cannot be started \(EMFILE\): .*)\n$", outcome.Error);
    }

    [KernelFact]
    public async Task Address_AloneCounts()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen");
        Assert.Equal("8080", await PickAsync(host, "--range", "8080-8080", "--address", "127.0.0.2", "--lease", "0"));
        Assert.Equal("8080", await PickAsync(host, "--range", "8080-8080", "--address", "[::1]", "--lease", "0"));
        var foreign = await host.RunAsync(Programs.Bindwise, "pick", "--address", "192.0.2.1");
        Assert.Equal((2, "bindwise: 192.0.2.1 is not an address of this host (EADDRNOTAVAIL)\n"), (foreign.ExitCode, foreign.Error));
    }

    [KernelFact("python3")]
    public async Task LinkLocalAddress_IsThatOfItsInterface()
    {
        await using var host = await TestHost.OpenAsync();
        foreach (var command in (string[])["link add v0 type veth peer name v1", "link set v0 up", "link set v1 up", "-6 address add fe80::7/64 dev v0 nodad", "-6 address add fe80::7/64 dev v1 nodad"])
            await host.SetUpAsync("ip " + command);
        const string Bound = "import errno, os, socket, sys; s = socket.socket(socket.AF_INET6); i = socket.if_nametoindex(sys.argv[1])\n"
            + "try: s.bind(('fe80::7', int(os.environ['PORT']), 0, i)); print('bound')\n"
            + "except OSError as x: print(errno.errorcode[x.errno])";
        var holder = host.Start(0, "python3", "-c", "import socket, time; s = socket.socket(socket.AF_INET6); i = socket.if_nametoindex('v0'); s.bind(('fe80::7', 8080, 0, i)); print(i, flush=True); time.sleep(1000)");
        var index = await holder.LineAsync();
        string[] near = ["--near", "8080", "--range", "8080-8081", "--lease", "0", "--address"];
        Assert.Equal("8081", await PickAsync(host, [.. near, "fe80::7%v0"]));
        Assert.Equal("8081", await PickAsync(host, [.. near, "fe80::7%" + index]));
        Assert.Equal("8080", await PickAsync(host, [.. near, "[fe80::7%v1]"]));
        Assert.Equal("""{"schema":"bindwise.pick/1","port":8080,"protocols":["tcp","udp"],"address":"fe80::7%v1","ephemeral":false,"leaseSeconds":0,"reservedSeconds":null}""",
            await PickAsync(host, [.. near, "fe80::7%v1", "--udp", "--json"]));
        // What is kept for a command, or by a TIME_WAIT, is kept on that interface.
        foreach (var (name, bound) in ((string, string)[])[("v0", "EADDRINUSE"), ("v1", "bound")])
            Assert.Equal(bound, await PickAsync(host, "--range", "8082-8082", "--lease", "0", "--address", "fe80::7%v0", "--hold", "--", "python3", "-c", Bound, name));
        Assert.Equal($"('fe80::7', 8083, 0, {index})",
            await PickAsync(host, "--range", "8083-8083", "--lease", "0", "--address", "fe80::7%v0", "--listen-fds", "--", "python3", "-c", "import socket; print(socket.socket(fileno=3).getsockname())"));
        Assert.Equal("8084", (await host.RunAsync(Programs.Bindwise, "pick", "--range", "8084-8084", "--address", "fe80::7%v0", "--reserve")).Output.TrimEnd());
        Assert.Equal(1, (await host.RunAsync(Programs.Bindwise, "pick", "--range", "8084-8084", "--address", "fe80::7%v0")).ExitCode);
        Assert.Equal("8084", await PickAsync(host, "--range", "8084-8084", "--lease", "0", "--address", "fe80::7%v1"));
    }

    [KernelTheory]
    [InlineData("fe80::7%v0", "fe80::7 is not on interface v0 (EADDRNOTAVAIL)")]
    [InlineData("fe80::7%nope", "there is no interface nope (ENODEV)")]
    [InlineData("fe80::7%4711", "there is no interface 4711 (ENODEV)")]
    [InlineData("fe80::7%0", "there is no interface 0 (ENODEV)")]
    [InlineData("ff02::1", "TCP cannot be bound to a multicast address (EINVAL)")]
    public async Task LinkLocalAddress_ThatIsNowhere_IsToldInOneLine(string address, string error)
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetUpAsync("ip link add v0 type veth peer name v1");
        await host.SetUpAsync("ip link set v0 up");
        var outcome = await host.RunAsync(Programs.Bindwise, "pick", "--address", address);
        Assert.Equal((2, "", $"bindwise: {error}\n"), (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    [KernelTheory]
    [InlineData("net.ipv6.conf.all.disable_ipv6", "1")]
    [InlineData("net.ipv6.bindv6only", "1")]
    [InlineData("net.ipv4.ip_local_port_range", "1024 65535")]
    public async Task Host_ThatIsUnusual_GivesAPortOrTheReason(string sysctl, string value)
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync(sysctl, value);
        var outcome = await host.RunAsync(Programs.Bindwise, "pick", "--lease", "0");
        if (outcome.ExitCode == 1)
            Assert.Matches("^bindwise: no port can be had in 1024-65535: [0-9]+ blocked by browsers, [0-9]+ in the ephemeral range; --range takes those too\n$", outcome.Error);
        else
            Assert.True(outcome.ExitCode == 0 && outcome.Error.Length == 0, outcome.ToString());
    }

    [KernelFact]
    public async Task Output_ThatNobodyReadsOrThatIsFull_IsToldAsEverywhere()
    {
        await using var host = await TestHost.OpenAsync();
        var closed = await host.RunAsync("/bin/sh", "-c", "\"$0\" pick --lease 0 >&-", Programs.Bindwise);
        Assert.Equal(2, closed.ExitCode);
        var full = await host.RunAsync("/bin/sh", "-c", "\"$0\" pick --lease 0 > /dev/full", Programs.Bindwise);
        Assert.Equal((2, true), (full.ExitCode, full.Error.StartsWith("bindwise: cannot write to standard output: ", StringComparison.Ordinal)));
        var gone = await host.RunAsync("/bin/sh", "-c", "(\"$0\" pick --lease 0; echo $? >&2) | true", Programs.Bindwise);
        Assert.Equal("0\n", gone.Error);
    }

    private static string Joined(JsonElement numbers) => string.Join(' ', numbers.EnumerateArray().Select(static one => one.GetInt32()));

    private static List<KeyValuePair<int, string>> Holders(TestHost host) => [.. host.Processes.Commands().Where(static one => one.Value.Contains(Holder, StringComparison.Ordinal))];

    // A process that ends has no command line any more before its sockets are closed.
    private static async Task<string> PickInTheEndAsync(TestHost host, params string[] words)
    {
        var clock = Stopwatch.StartNew();
        Outcome outcome;
        do
            outcome = await host.RunAsync([Programs.Bindwise, "pick", .. words]);
        while (outcome.ExitCode == 1 && clock.Elapsed < Patience.OfAWait);
        Assert.True(outcome.ExitCode == 0 && outcome.Error.Length == 0, outcome.ToString());
        return outcome.Output.TrimEnd('\n');
    }

    private static async Task<string> PickAsync(TestHost host, params string[] words)
    {
        var outcome = await host.RunAsAsync(0, null, [Programs.Bindwise, "pick", .. words]);
        Assert.True(outcome.ExitCode == 0 && outcome.Error.Length == 0, outcome.ToString());
        return outcome.Output.TrimEnd('\n');
    }
}
