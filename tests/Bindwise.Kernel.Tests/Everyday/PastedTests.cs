using Bindwise.Kernel.Tests.Everyday.Checks;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Everyday;

/// <summary>The error as the program gave it, pasted: still true, or gone by now.</summary>
[Trait("Lane", "second")]
public sealed class PastedTests
{
    private const string Hold = "hold.py";
    private const string Go = "listen tcp :8080: bind: address already in use\n";
    private const string GoDenied = "2024/05/01 10:00:00 listen tcp :80: bind: permission denied\n";
    private const string Kestrel = "Unhandled exception. System.IO.IOException: Failed to bind to address http://127.0.0.1:5000: address already in use.\n";
    private const string Docker = "Error response from daemon: driver failed programming external connectivity on endpoint web: Bind for 0.0.0.0:8080 failed: port is already allocated\n";
    private const string Apache = "(98)Address already in use: AH00072: make_sock: could not bind to address [::]:80\n(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:80\nno listening sockets available, shutting down\n";
    private const string Kubeadm = "error execution phase preflight: [preflight] Some fatal errors occurred:\n\t[ERROR Port-6443]: Port 6443 is in use\n\t[ERROR Port-10259]: Port 10259 is in use\n";
    private const string Gunicorn = "[2024-05-01 10:00:00 +0000] [7] [ERROR] Connection in use: ('127.0.0.1', 8000)\n";

    internal static IReadOnlyList<Situation> Table { get; } =
    [
        new("Node.js, still true", "-")
        {
            Needs = "node", SetUp = static async machine => { await machine.ServeAsync("node server.js", 3000); await machine.HearAsync("node server.js"); },
            Pasted = static machine => machine.Heard, Says = ["3000/tcp is taken (EADDRINUSE)", "server.js"], Advice = Advice.Ends("node server.js"),
        },
        new("Node.js, the server is gone by now", "-")
        {
            Needs = "node", SetUp = static async machine => { await machine.ServeAsync("node server.js", 3000); await machine.HearAsync("node server.js"); await machine.EndAsync("node server.js"); },
            Pasted = static machine => machine.Heard, ExitCode = 0, Says = ["3000/tcp is free", "now"],
        },
        new("Node.js, of which TIME_WAIT is left", "-")
        {
            Needs = "node",
            SetUp = static async machine => { await machine.ServeAsync("node server.js", 3000); await machine.VisitAsync(3000); await machine.HearAsync("node server.js"); await machine.EndAsync("node server.js"); await machine.Host.Sockets.UntilAsync(3000, "TIME_WAIT"); },
            Pasted = static machine => machine.Heard, ExitCode = 0, Says = ["3000/tcp", "now"], Never = ["is taken"],
        },
        new("nginx, with its three addresses", "-")
        {
            Needs = "nginx", Answers = 2,
            SetUp = static async machine =>
            {
                var start = $"nginx -e stderr -c {machine.Project}/nginx.conf";
                await machine.ServeAsync(start, 8081);
                await machine.UntilRunAsync("nginx: worker", 2);
                await machine.HearAsync(start);
            },
            Pasted = static machine => machine.Heard, Says = ["8080/tcp is taken (EADDRINUSE)", "nginx"], Tells = ["0.0.0.0:8081/tcp is taken"], Advice = Advice.Ends("nginx:"),
        },
        new("redis-server, still true", "-")
        {
            Needs = "redis-server", SetUp = static async machine => { await machine.ServeAsync("redis-server --save ''", 6379); await machine.HearAsync("redis-server --save ''"); },
            Pasted = static machine => machine.Heard, Says = ["6379/tcp is taken", "redis-server"], Advice = Advice.Ends("redis-server"),
        },
        new("Ruby, still true", "-")
        {
            Needs = "ruby", SetUp = static async machine => { await machine.ServeAsync("ruby server.rb 4567", 4567); await machine.HearAsync("ruby server.rb 4567"); },
            Pasted = static machine => machine.Heard, Says = ["127.0.0.1:4567/tcp is taken", "server.rb"], Advice = Advice.Ends("server.rb"),
        },
        new("PHP, still true", "-")
        {
            Needs = "php", SetUp = static async machine => { await machine.ServeAsync("php -S 127.0.0.1:8000", 8000); await machine.HearAsync("php -S 127.0.0.1:8000"); },
            Pasted = static machine => machine.Heard, Says = ["127.0.0.1:8000/tcp is taken", "php"], Advice = Advice.Ends("php -S"),
        },
        new("Python's asyncio, still true", "-")
        {
            SetUp = static async machine => { await machine.ServeAsync("python3 asynchronous.py 8000", 8000); await machine.HearAsync("python3 asynchronous.py 8000"); },
            Pasted = static machine => machine.Heard, Says = ["127.0.0.1:8000/tcp is taken", "asynchronous.py"], Advice = Advice.Ends("asynchronous.py"),
        },
        new("gunicorn, still true", "-")
        {
            SetUp = static machine => machine.ServeAsync("python3 asynchronous.py 8000", 8000),
            Pasted = static _ => Gunicorn, Says = ["127.0.0.1:8000/tcp is taken", "asynchronous.py"], Advice = Advice.Ends("asynchronous.py"),
        },
        new("Go, still true", "-")
        {
            SetUp = static machine => machine.StartScriptAsync(Hold, "tcp :: 8080 dual reuseaddr listen"),
            Pasted = static _ => Go, Says = ["8080/tcp is taken (EADDRINUSE)", "hold.py"], Advice = Advice.Ends(Hold),
        },
        new("Go, gone by now", "-") { Pasted = static _ => Go, ExitCode = 0, Says = ["8080/tcp is free", "now"] },
        new("Go, still true, on a terminal of a user", "-")
        {
            User = TestHost.Nobody, SetUp = static machine => machine.StartScriptAsync(Hold, "tcp :: 8080 dual reuseaddr listen", TestHost.Nobody),
            Pasted = static _ => Go, Says = ["is taken", "hold.py"], Advice = Advice.Ends(Hold),
        },
        new("Kestrel, still true", "-")
        {
            SetUp = static machine => machine.StartScriptAsync(Hold, "tcp 127.0.0.1 5000 reuseaddr listen"),
            Pasted = static _ => Kestrel, Says = ["127.0.0.1:5000/tcp is taken", "hold.py"], Advice = Advice.Ends(Hold),
        },
        new("Kestrel, gone by now", "-") { Pasted = static _ => Kestrel, ExitCode = 0, Says = ["127.0.0.1:5000/tcp is free", "now"] },
        new("A UNIX socket of Go, gone by now", "-")
        {
            Pasted = static _ => "listen unix /run/bindwise-gone.sock: bind: address already in use\n", ExitCode = 0, Says = ["/run/bindwise-gone.sock is free"],
            Tells = ["again although the path is free here, it may bind the path twice itself."], Never = [" port "],
        },
        new("Docker, gone by now", "-")
        {
            // The step is for a host where Docker runs, and the test's has none.
            Answers = 2, SetUp = static machine => machine.AddToolAsync("docker", "exit 0"),
            Pasted = static _ => Docker, ExitCode = 0, Says = ["0.0.0.0:8080/tcp is free"], Tells = ["docker ps --filter publish=8080"], Never = ["no longer applies"],
        },
        new("Docker, over a UDP socket", "-")
        {
            Answers = 2, SetUp = static machine => machine.StartScriptAsync(Hold, "udp 0.0.0.0 8080"),
            Pasted = static _ => Docker, Says = ["0.0.0.0:8080/tcp is free"], Tells = ["0.0.0.0:8080/udp is taken (EADDRINUSE)"], Never = ["no longer applies", "docker ps"],
        },
        new("dnsmasq, over a UDP socket", "-")
        {
            Answers = 2, SetUp = static machine => machine.StartScriptAsync(Hold, "udp 0.0.0.0 53"),
            Pasted = static _ => "dnsmasq: failed to create listening socket for port 53: Address already in use\n", Says = ["53/tcp is free"], Tells = ["53/udp is taken"], Never = ["no longer applies"],
        },
        new("Ruby, over a UDP socket", "-")
        {
            Needs = "ruby", Answers = 2,
            SetUp = static async machine => { await machine.StartScriptAsync(Hold, "udp 0.0.0.0 5353"); await machine.HearAsync("ruby -rsocket -e 'UDPSocket.new.bind(\"0.0.0.0\", 5353)'"); },
            Pasted = static machine => machine.Heard, Says = ["0.0.0.0:5353/tcp is free"], Tells = ["0.0.0.0:5353/udp is taken (EADDRINUSE)", "hold.py"], Never = ["no longer applies"],
        },
        new("socat, over a UDP socket", "-")
        {
            Needs = "socat", Answers = 2,
            SetUp = static async machine => { await machine.StartScriptAsync(Hold, "udp 0.0.0.0 5353"); await machine.HearAsync("socat UDP-LISTEN:5353 -"); },
            Pasted = static machine => machine.Heard, Says = ["0.0.0.0:5353/tcp is free"], Tells = ["0.0.0.0:5353/udp is taken (EADDRINUSE)", "hold.py"], Never = ["no longer applies"],
        },
        new("nginx, over a UDP socket", "-")
        {
            SetUp = static machine => machine.StartScriptAsync(Hold, "udp 0.0.0.0 443"),
            Answers = 2,
            Pasted = static _ => "nginx: [emerg] bind() to 0.0.0.0:443 failed (98: Address already in use)\n", Says = ["0.0.0.0:443/tcp is free"], Tells = ["UDP port 443 is taken by hold.py", "0.0.0.0:443/udp is taken (EADDRINUSE)"], Never = ["no longer applies"],
        },
        new("Apache, with its two addresses", "-")
        {
            SetUp = static machine => machine.ServeAsync("python3 -m http.server 80", 80),
            Pasted = static _ => Apache, Says = ["80/tcp is taken", "0.0.0.0:80"], Advice = Advice.Ends("http.server"),
        },
        new("kubeadm, with two ports", "-")
        {
            Answers = 2, SetUp = static async machine => { await machine.StartScriptAsync(Hold, "tcp :: 6443 dual reuseaddr listen"); await machine.StartScriptAsync(Hold, "tcp 127.0.0.1 10259 reuseaddr listen"); },
            Pasted = static _ => Kubeadm, Says = ["6443/tcp is taken"], Tells = ["10259/tcp is taken"], Advice = Advice.Ends("tcp :: 6443"),
        },
        new("A denied port, asked as root", "-") { Pasted = static _ => GoDenied, ExitCode = 0, Says = ["80/tcp is free", "EACCES"] },
        new("A denied port, still true", "-") { User = TestHost.Nobody, Pasted = static _ => GoDenied, Cause = "privileged-port", Says = ["80/tcp cannot be bound (EACCES)"] },
        new("nginx's EADDRNOTAVAIL, still true", "-")
        {
            Pasted = static _ => "nginx: [emerg] bind() to 203.0.113.5:80 failed (99: Cannot assign requested address)\n", Cause = "address-not-local", Says = ["203.0.113.5:80/tcp cannot be bound (EADDRNOTAVAIL)"],
        },
        new("Node.js's cluster, which does not tell TCP from UDP", "-")
        {
            Answers = 2, SetUp = static machine => machine.StartScriptAsync(Hold, "tcp :: 8080 dual reuseaddr listen"),
            Pasted = static _ => "Error: bind EADDRINUSE null:8080\n", Says = ["8080/tcp is taken (EADDRINUSE)", "hold.py"], Tells = ["8080/udp is free"], Never = ["no longer applies"], Advice = Advice.Ends(Hold),
        },
        new("Node.js's bind of a UDP port", "-")
        {
            Answers = 2, SetUp = static machine => machine.StartScriptAsync(Hold, "udp 0.0.0.0 8080"),
            Pasted = static _ => "Error: bind EADDRINUSE null:8080\n", Says = ["8080/tcp is free"], Tells = ["8080/udp is taken (EADDRINUSE)", "hold.py"], Never = ["no longer applies"],
        },
        new("Node.js's bind, both protocols free by now", "-")
        {
            Answers = 2, ExitCode = 0, Pasted = static _ => "Error: bind EADDRINUSE null:8080\n", Says = ["8080/tcp is free now", "no longer applies"], Tells = ["8080/udp is free"],
        },
        new("A port that is said to be in use, and is so by UDP", "-")
        {
            SetUp = static machine => machine.StartScriptAsync(Hold, "udp 0.0.0.0 5300"),
            Answers = 2,
            Pasted = static _ => "Error: Port 5300 is already in use\n", Says = ["5300/tcp is free"], Tells = ["UDP port 5300 is taken by hold.py", "5300/udp is taken (EADDRINUSE)"], Never = ["no longer applies"],
        },
        new("A program that nobody knows, over TIME_WAIT", "-")
        {
            Answers = 2,
            SetUp = static async machine => { await machine.ServeAsync("python3 -m http.server 8000", 8000); await machine.VisitAsync(8000); await machine.EndAsync("http.server"); await machine.Host.Sockets.UntilAsync(8000, "TIME_WAIT"); },
            Pasted = static _ => "shopd: cannot bind 0.0.0.0:8000: Address already in use\n", Cause = "time-wait", Says = ["0.0.0.0:8000/tcp is taken (EADDRINUSE)"], Never = ["kill "],
        },
    ];

    // Java, Rust and plain Python name no port: the program run by bindwise tells, and mostly its own older run has it.
    [KernelTheory]
    [InlineData("OSError: [Errno 98] Address already in use")]
    [InlineData("java.net.BindException: Address already in use (Bind failed)")]
    [InlineData("Error: Os { code: 98, kind: AddrInUse, message: \"Address already in use\" }")]
    public async Task Why_ErrorWithoutAPort_NamesTheStepAndThisUsersLatestListeners(string pasted)
    {
        await using var host = await TestHost.OpenAsync();
        var first = await host.StartScriptAsAsync(TestHost.Nobody, Hold, "tcp 127.0.0.1 8080 listen");
        await host.StartScriptAsAsync(TestHost.Daemon, Hold, "tcp 127.0.0.1 9090 listen");
        await Task.Delay(1100);
        var last = await host.StartScriptAsAsync(TestHost.Nobody, Hold, "tcp 127.0.0.1 7070 listen");
        var told = await host.RunAsAsync(TestHost.Nobody, pasted + "\n", Programs.Bindwise, "why", "-");
        Assert.Equal((2, ""), (told.ExitCode, told.Output));
        Assert.Contains("bindwise run -- YOUR COMMAND", told.Error, StringComparison.Ordinal);
        Assert.Matches($@"\nbindwise: your own listeners, newest first: 7070/tcp of hold\.py \(pid {last.Pid}, since [0-9:]+\), 8080/tcp of hold\.py \(pid {first.Pid}, since [0-9:]+\)\n$", told.Error);
        var run = await host.RunAsAsync(TestHost.Nobody, null, Programs.Bindwise, "run", "--", "python3", "-S", "-c", "import socket; socket.socket().bind(('127.0.0.1', 8080))");
        Assert.Contains("127.0.0.1:8080/tcp is taken", run.Error, StringComparison.Ordinal);
    }

    [KernelFact]
    public async Task Why_ErrorWithoutAPort_SaysHowManyListenersItLeavesOut()
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsAsync(TestHost.Nobody, Hold, string.Join(" and ", Enumerable.Range(7001, 7).Select(static port => $"tcp 127.0.0.1 {port} listen")));
        var told = await host.RunAsAsync(TestHost.Nobody, "OSError: [Errno 98] Address already in use\n", Programs.Bindwise, "why", "-");
        Assert.EndsWith(" and 6 more: bindwise ls mine\n", told.Error, StringComparison.Ordinal);
        Assert.Equal(7, (await host.RunAsAsync(TestHost.Nobody, null, Programs.Bindwise, "ls", "mine", "--json")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [KernelTheory]
    [Rows]
    [Rows("node")]
    [Rows("nginx")]
    [Rows("redis-server")]
    [Rows("ruby")]
    [Rows("socat")]
    [Rows("php")]
    public Task Why_PastedError_ItSaysWhetherItIsStillTrue(string situation) => SituationCheck.RunAsync(Table, situation);
}
