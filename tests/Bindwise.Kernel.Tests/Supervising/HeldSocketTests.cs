using System.Globalization;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>run --hold: what each start of a program gets in place of the socket that it made.</summary>
[Trait("Lane", "second")]
public sealed class HeldSocketTests
{
    private const string Kept = "bind ok kept";

    [KernelTheory]
    [InlineData("")]
    [InlineData("before")]
    [InlineData("after")]
    [InlineData("workers")]
    [InlineData("workers before")]
    [InlineData("workers async")]
    [InlineData("zero bound")]
    public async Task Start_GetsTheSocketOfTheLast(string words)
    {
        await using var host = await TestHost.OpenAsync();
        var (program, _, events) = await HoldTests.StartAsync(host, "", words);
        var (pid, inode) = (program.Pid, program.Big("inode"));
        var (blocks, inherits) = (program.Truth("blocks"), program.Truth("inherits"));
        Assert.Equal($"{pid}", await HoldTests.AskAsync(host, "die"));
        var waiting = HoldTests.AskAsync(host, "");
        await program.ReadyAsync();
        Assert.Equal($"{program.Pid}", await waiting);
        Assert.Equal((inode, blocks, inherits), (program.Big("inode"), program.Truth("blocks"), program.Truth("inherits")));
        if (words.Contains("workers", StringComparison.Ordinal))
            Assert.Equal(inode, program.Big("second"));
        // Neither a port of the kernel's choice nor one that was bound alone.
        var expected = words.Contains("workers", StringComparison.Ordinal) ? 3 : 1;
        await Patience.UntilAsync(() => HoldTests.EventsAsync(events).GetAwaiter().GetResult().Count(static one => one == Kept) >= expected, "the events");
        Assert.Equal(expected, (await HoldTests.EventsAsync(events)).Count(static one => one == Kept));
    }

    [KernelFact]
    public async Task SecondBind_OfOneStart_FailsAsItWouldAlone()
    {
        await using var host = await TestHost.OpenAsync();
        var (program, _, _) = await HoldTests.StartAsync(host, "", "twice");
        var inode = program.Big("inode");
        for (var start = 1; start <= 2; start++)
        {
            Assert.Equal(("EADDRINUSE", "EADDRINUSE", ""), (program.Word("second"), program.Word("inherited"), program.Word("closed")));
            await HoldTests.AskAsync(host, "die");
            await program.ReadyAsync();
        }
        Assert.Equal(inode, program.Big("inode"));
    }

    // Of two starts one sets the options, the first or the second; both see after bind() what they had before it.
    // The kernel sets IPV6_V6ONLY of a socket on a specific IPv6 address once it is bound: that is no other socket than the one before.
    [KernelTheory]
    [InlineData("::1", "socket.SOCK_STREAM")]
    [InlineData("::1", "socket.SOCK_DGRAM")]
    [InlineData("::", "socket.SOCK_STREAM")]
    [InlineData("::ffff:127.0.0.1", "socket.SOCK_STREAM")]
    public async Task Start_OfIPv6_GetsTheSocketOfTheLast(string address, string type)
    {
        await using var host = await TestHost.OpenAsync();
        var file = Path.Combine(host.Folder, "pid");
        var program = $"""
            import os, socket, time
            one = socket.socket(socket.AF_INET6, {type})
            one.bind(("{address}", 8080))
            if one.type == socket.SOCK_STREAM:
                one.listen()
            print(os.fstat(one.fileno()).st_ino, flush=True)
            time.sleep(1000)
            """;
        var held = host.Start(0, ["/bin/sh", "-c", $"echo $$ > {file}; exec \"$@\"", "sh", .. HoldTests.Hold, "--stop-timeout=3m", "--", "python3", "-B", "-S", "-c", program]);
        var first = await held.LineAsync();
        await host.SignalAsync(int.Parse(await File.ReadAllTextAsync(file), CultureInfo.InvariantCulture), "HUP");
        Assert.Equal(first, await held.LineAsync());
    }

    [KernelTheory]
    [InlineData("SOCK_DGRAM", 0)]
    [InlineData("SOCK_DGRAM", 1)]
    [InlineData("SOCK_STREAM", 0)]
    [InlineData("SOCK_STREAM", 1)]
    public async Task Options_OfTheKeptSocket_AreThoseThatTheStartSet(string type, int start)
    {
        const string program = """
            import os, socket, struct, sys
            folder = sys.argv[1] + "/starts"
            os.makedirs(folder, exist_ok=True)
            start = len(os.listdir(folder))
            second = struct.pack("qq", 1, 0)
            one = socket.socket(type=getattr(socket, sys.argv[2]))
            is_tcp = one.type == socket.SOCK_STREAM
            # SO_DONTROUTE, SO_RCVTIMEO, SO_SNDTIMEO, IP_TTL, IP_MTU_DISCOVER; TCP_SYNCNT, TCP_LINGER2, TCP_CONGESTION, TCP_THIN_LINEAR_TIMEOUTS,
            # TCP_SAVE_SYN; SO_BROADCAST, SO_NO_CHECK, SO_TIMESTAMP, SO_RXQ_OVFL, IP_PKTINFO, IP_RECVERR, IP_RECVTTL, IP_RECVTOS, UDP_SEGMENT, UDP_GRO.
            options = [(1, 5, 1), (1, 20, second), (1, 21, second), (0, 2, 7), (0, 10, 3)] + ([(6, 7, 2), (6, 8, 5), (6, 13, b"reno"), (6, 16, 1), (6, 27, 1)]
                if is_tcp else [(1, 6, 1), (1, 11, 1), (1, 29, 1), (1, 40, 1), (0, 8, 1), (0, 11, 1), (0, 12, 1), (0, 13, 1), (17, 103, 500), (17, 104, 1)])
            if start == int(sys.argv[3]):
                for level, name, value in options:
                    one.setsockopt(level, name, value)
            wanted = [one.getsockopt(level, name, 16) for level, name, _ in options]
            one.bind(("127.0.0.1", 8080))
            if is_tcp:
                one.listen()
            for want, (level, name, _) in zip(wanted, options):
                if one.getsockopt(level, name, 16) != want:
                    print(f"start {start}: {level} {name} is {one.getsockopt(level, name, 16)} and not {want}", flush=True)
            inode = str(os.fstat(one.fileno()).st_ino)
            open(f"{folder}/{inode} {start}", "w").close()
            if start == 1:
                print("kept" if os.path.exists(f"{folder}/{inode} 0") else "another one", flush=True)
            sys.exit(start == 0)
            """;
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync([.. HoldTests.Hold, "--", "python3", "-S", "-c", program, host.Folder, type, start.ToString(CultureInfo.InvariantCulture)]);
        Assert.True(outcome is { ExitCode: 0, Output: "kept\n" }, outcome.ToString());
    }

    // Without a supervisor all descriptors of one socket are bound by one bind().
    [KernelTheory]
    [InlineData("dup", "")]
    [InlineData("fork", "127.0.0.1:8080 does not go on to the new start: process ")]
    public async Task Descriptors_MadeBeforeBind_AreOfTheSocketThatIsBound(string how, string told)
    {
        const string program = """
            import os, socket, sys
            one = socket.socket()
            if sys.argv[2] == "dup":
                other = one.dup()
                one.bind(("127.0.0.1", 8080))
                other.listen()
                print(other.getsockname()[1], flush=True)
            else:
                read, write = os.pipe()
                if os.fork() == 0:
                    os.read(read, 1)
                    print(one.getsockname()[1], flush=True)
                    os._exit(0)
                one.bind(("127.0.0.1", 8080))
                one.listen()
                os.write(write, b"x")
                os.wait()
            try:
                os.mkdir(sys.argv[1] + "/started")
            except FileExistsError:
                sys.exit(0)
            sys.exit(1)
            """;
        await using var host = await TestHost.OpenAsync();
        var outcome = await host.RunAsync([.. HoldTests.Hold, "--", "python3", "-S", "-c", program, host.Folder, how]);
        Assert.True(outcome is { ExitCode: 0, Output: "8080\n8080\n" }, outcome.ToString());
        Assert.Contains(told, outcome.Error, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Datagrams_BetweenTwoStarts_WaitForTheNext()
    {
        await using var host = await TestHost.OpenAsync();
        var (program, _, _) = await HoldTests.StartAsync(host, "", "udp");
        var inode = program.Big("inode");
        await SendAsync(host, "die");
        Assert.Contains("\"text\": \"die\", \"start\": 1", await program.LineAsync(), StringComparison.Ordinal);
        await SendAsync(host, "hello");
        await program.ReadyAsync();
        Assert.Equal(inode, program.Big("inode"));
        Assert.Contains("\"text\": \"hello\", \"start\": 2", await program.LineAsync(), StringComparison.Ordinal);
    }

    [KernelTheory]
    [InlineData("")]
    [InlineData("device")]
    public async Task Datagrams_OfAConnectedSocket_ComeFromAllPeersAndThroughItsInterfaceAlone(string words)
    {
        await using var host = await TestHost.OpenAsync();
        var (program, _, _) = await HoldTests.StartAsync(host, "", "udp peer late " + words);
        var (inode, device) = (program.Big("inode"), program.Big("device"));
        Assert.Equal(words.Length > 0, device != 0);
        await SendAsync(host, "die");
        Assert.Contains("die", await program.LineAsync(), StringComparison.Ordinal);
        await Patience.UntilAsync(() => new FileInfo(Path.Combine(host.Folder, "starts")).Length == 2, "the second start");
        // From another than the peer that the first start had, before the second has the socket.
        await SendAsync(host, "hello");
        await File.WriteAllTextAsync(Path.Combine(host.Folder, "go"), "");
        await program.ReadyAsync();
        Assert.Equal((inode, device, "ENOTCONN"), (program.Big("inode"), program.Big("device"), program.Word("peer")));
        Assert.Contains("\"text\": \"hello\", \"start\": 2", await program.LineAsync(), StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Socket_TakenAgainAndAgain_CostsTheSupervisorNoDescriptors()
    {
        await using var host = await TestHost.OpenAsync();
        var (_, pid, _) = await HoldTests.StartAsync(host, "", "udp again");
        var outcome = await host.RunAsync("/bin/sh", "-c", $"ls /proc/{pid}/fd | wc -l");
        Assert.InRange(int.Parse(outcome.Output, null), 1, 100);
    }

    [KernelFact]
    public async Task Shutdown_OfTheListener_WakesWhoWaitsInEpoll()
    {
        await using var host = await TestHost.OpenAsync();
        var (program, _, _) = await HoldTests.StartAsync(host, "", "shut after");
        var first = host.Start(0, "python3", "-S", "-c", "import socket; one = socket.create_connection(('127.0.0.1', 8080)); one.sendall(b'shut\\n'); print(one.makefile().readline().strip(), flush=True); input()");
        Assert.Equal("16 EINVAL", await first.LineAsync());
        var waiting = HoldTests.AskAsync(host, "");
        await first.ReportAsync("\n");
        await program.ReadyAsync();
        Assert.Equal($"{program.Pid}", await waiting);
    }

    [KernelFact]
    public async Task Held_WhatTheNextStartDoesNotTake_IsClosed()
    {
        await using var host = await TestHost.OpenAsync();
        var (program, _, _) = await HoldTests.StartAsync(host, "", "more");
        await HoldTests.AskAsync(host, "die");
        await program.ReadyAsync();
        await Patience.UntilAsync(() => !host.Sockets.StatesOn(8081).Contains("LISTEN"), "the end of port 8081");
        Assert.Equal($"{program.Pid}", await HoldTests.AskAsync(host, ""));
    }

    [KernelFact]
    public async Task Held_InTheWayOfAnotherAddress_IsClosed()
    {
        await using var host = await TestHost.OpenAsync();
        var (program, _, _) = await HoldTests.StartAsync(host, "", "v6");
        await HoldTests.AskAsync(host, "die");
        await program.ReadyAsync();
        Assert.Equal($"{program.Pid}", await HoldTests.AskAsync(host, ""));
        Assert.DoesNotContain("EADDRINUSE", program.Error, StringComparison.Ordinal);
    }

    // As programs do that look for a free port: bind() would have worked each time without run.
    [KernelFact]
    public async Task Held_ThatTheProgramOnlyTried_IsClosedForTheAddressThatItThenBinds()
    {
        await using var host = await TestHost.OpenAsync();
        var (program, _, _) = await HoldTests.StartAsync(host, "", "probe");
        for (var start = 1; start <= 2; start++)
        {
            Assert.Equal(("", ""), (program.Word("0.0.0.0"), program.Word("::")));
            Assert.Equal($"{program.Pid}", await HoldTests.AskAsync(host, "die"));
            await program.ReadyAsync();
        }
        Assert.DoesNotContain("EADDRINUSE", program.Error, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Shutdown_OfTheListener_WakesItsThreadAndKeepsWhoWaits()
    {
        await using var host = await TestHost.OpenAsync();
        var (program, _, _) = await HoldTests.StartAsync(host, "", "shut");
        var first = host.Start(0, "python3", "-S", "-c", "import socket; one = socket.create_connection(('127.0.0.1', 8080)); one.sendall(b'shut\\n'); print(one.makefile().readline().strip(), flush=True); input()");
        Assert.Equal("EINVAL EINVAL", await first.LineAsync());
        var waiting = HoldTests.AskAsync(host, "");
        await first.ReportAsync("\n");
        await program.ReadyAsync();
        Assert.Equal($"{program.Pid}", await waiting);
    }

    [KernelFact]
    public async Task Disconnect_OfTheListener_IsUndoneTheFirstTimeAndKeepsWhoWaitsTheNext()
    {
        await using var host = await TestHost.OpenAsync();
        var (program, _, _) = await HoldTests.StartAsync(host, "", "");
        var inode = program.Big("inode");

        // Nothing tells beforehand that this program does so: the socket listens again, but who waited was reset.
        Assert.Equal("ECONNRESET", await DisconnectAsync(host, program, "unspec 28", "1 ENOTCONN"));
        await Patience.UntilAsync(() => program.Error.Contains("127.0.0.1:8080 was taken out of listening", StringComparison.Ordinal), "the report");

        // Now it is known, and connect() is handed over.
        var kept = await DisconnectAsync(host, program, "unspec 16", "0 ENOTCONN");
        Assert.Equal($"{program.Pid}", kept);
        Assert.Equal(inode, program.Big("inode"));
        Assert.Equal($"{program.Pid}", await HoldTests.AskAsync(host, ""));
    }

    // Beside what the program inherits, which the second start has as the first had it.
    [KernelFact]
    public async Task Sockets_OfManyPorts_AreAllPassed()
    {
        await using var host = await TestHost.OpenAsync();
        const string many = """
            import os, signal, socket, time
            if "LISTEN_FDS" in os.environ:
                print(os.environ["LISTEN_FDS"], os.path.realpath("/proc/self/fd/900"), flush=True)
                os.kill(os.getppid(), signal.SIGTERM)
                time.sleep(600)
            servers = [socket.create_server(("127.0.0.1", 7200 + index)) for index in range(100)]
            os._exit(1)
            """;
        var outcome = await host.RunAsync("python3", "-S", "-c", "import os, sys; os.dup2(os.open('/etc/passwd', 0), 900); os.execv(sys.argv[1], sys.argv[1:])",
            Programs.Bindwise, "run", "--hold", "--listen-fds", "--", "python3", "-S", "-c", many);
        Assert.True(outcome.Output == "100 /etc/passwd\n", outcome.ToString());
    }

    [KernelFact]
    public async Task Disconnect_OfWhatIsKnownByItsThreads_KeepsWhoWaits()
    {
        await using var host = await TestHost.OpenAsync();
        var (program, _, _) = await HoldTests.StartAsync(host, "", "named");
        await HoldTests.AskAsync(host, "die");
        await program.ReadyAsync();
        var kept = await DisconnectAsync(host, program, "unspec 16", "0 ENOTCONN");
        Assert.Equal($"{program.Pid}", kept);
        Assert.DoesNotContain("was taken out of listening", program.Error, StringComparison.Ordinal);
    }

    private static async Task<string> DisconnectAsync(TestHost host, TestProgram program, string line, string answer)
    {
        // It connects once more before it lets the server end.
        var first = Client(host, $"one.sendall(b'{line}\\n'); print(one.makefile().readline().strip(), flush=True); old = one; one = connect(); old.close()");
        Assert.Equal("connected", await first.LineAsync());
        var second = Client(host, "");
        Assert.Equal("connected", await second.LineAsync());
        await first.ReportAsync("\n");
        Assert.Equal(answer, await first.LineAsync());
        await program.ReadyAsync();
        await second.ReportAsync("\n");
        Assert.Equal($"{program.Pid}", await first.LineAsync());
        return await second.LineAsync();
    }

    private static TestProgram Client(TestHost host, string action) => host.Start(0, "python3", "-S", "-c", $$"""
        import errno, socket
        connect = lambda: socket.create_connection(("127.0.0.1", 8080))
        one = connect()
        print("connected", flush=True)
        input()
        {{action}}
        try:
            one.sendall(b"\n")
            print(one.makefile().readline().strip(), flush=True)
        except OSError as error:
            print(errno.errorcode[error.errno], flush=True)
        """);

    private static async Task SendAsync(TestHost host, string text)
    {
        var outcome = await host.RunAsync("python3", "-S", "-c", $"import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'{text}', ('127.0.0.1', 8080))");
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
    }
}
