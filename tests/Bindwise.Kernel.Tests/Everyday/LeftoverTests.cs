using Bindwise.Kernel.Tests.Everyday.Checks;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Everyday;

/// <summary>What a server left, or a client has: nothing listens, and whether a server can start depends on it and on SO_REUSEADDR.</summary>
[Trait("Lane", "second")]
public sealed class LeftoverTests
{
    private const string Depends = "SO_REUSEADDR";

    internal static IReadOnlyList<Situation> Table { get; } =
    [
        new("TIME_WAIT of Python's http.server, started again", "8000")
        {
            SetUp = static machine => ServedAsync(machine, "python3 -m http.server 8000", 8000, "http.server"), ExitCode = 0, Cause = "time-wait",
            Says = ["8000/tcp: only TIME_WAIT is left", Depends, "can start now"], Never = ["kill "],
        },
        new("TIME_WAIT of Python's http.server, on a terminal", "8000")
        {
            Terminal = 80, SetUp = static machine => ServedAsync(machine, "python3 -m http.server 8000", 8000, "http.server"), ExitCode = 0, Cause = "time-wait",
            Says = ["only TIME_WAIT is left", "can start now"], Never = ["kill "],
        },
        new("TIME_WAIT of a Node.js server, asked by a user", "3000")
        {
            Needs = "node", User = TestHost.Nobody, SetUp = static machine => ServedAsync(machine, "node server.js", 3000, "node server.js"), ExitCode = 0,
            Says = [Depends, "can start now"], Never = ["kill "],
        },
        new("TIME_WAIT, for a server that sets no option", "8000 --plain")
        {
            SetUp = static machine => ServedAsync(machine, "python3 -m http.server 8000", 8000, "http.server"), Cause = "time-wait",
            Says = ["8000/tcp is taken (EADDRINUSE)"], Never = ["kill "], Advice = Advice.Is("set-reuse-address", "wait"),
        },
        new("TIME_WAIT, for a server that sets SO_REUSEPORT alone", "8000 --reuse-port")
        {
            SetUp = static machine => ServedAsync(machine, "python3 -m http.server 8000", 8000, "http.server"), Cause = "time-wait",
            Says = ["8000/tcp is taken (EADDRINUSE)"], Tells = ["bindwise why 8000 --reuse-port --follow"], Never = ["kill "],
        },
        new("TIME_WAIT, for a server that sets SO_REUSEADDR", "8000 --reuse-address")
        {
            SetUp = static machine => ServedAsync(machine, "python3 -m http.server 8000", 8000, "http.server"), ExitCode = 0,
            Says = ["8000/tcp"], Never = ["kill ", "is taken"],
        },
        new("TIME_WAIT of a server that set nothing", "8080")
        {
            SetUp = static machine => ServedAsync(machine, "python3 server.py 8080", 8080, "server.py"), Cause = "time-wait",
            Says = ["8080/tcp is taken (EADDRINUSE)", "TIME_WAIT", " s"], Never = ["can start now", "kill "], Advice = Advice.Is("wait", "follow", "other-port"),
        },
        new("TIME_WAIT of a program of .NET", "8080")
        {
            SetUp = static async machine =>
            {
                await machine.ServeAsync(Programs.Sample("ReusableTcpServer") + " 8080", 8080);
                await machine.PrepareAsync(Programs.Sample("Client") + " 8080 closes-last");
                await machine.Host.Sockets.UntilAsync(8080, "TIME_WAIT");
            },
            ExitCode = 0, Says = ["only TIME_WAIT is left", "can start now"],
        },
        new("A hundred TIME_WAIT", "8000")
        {
            SetUp = static async machine =>
            {
                await machine.ServeAsync("python3 -m http.server 8000", 8000);
                await machine.PrepareAsync("python3 -c \"import urllib.request as u; [u.urlopen('http://127.0.0.1:8000/').read() for _ in range(100)]\"");
                await machine.EndAsync("http.server");
                await machine.Host.Sockets.UntilSomeAsync(8000, "TIME_WAIT");
            },
            ExitCode = 0, Cause = "time-wait", Says = ["TIME_WAIT", Depends, "can start now"],
        },
        new("A server that runs, with TIME_WAIT beside it", "8000")
        {
            SetUp = static async machine => { await machine.ServeAsync("python3 -m http.server 8000", 8000); await machine.VisitAsync(8000); },
            Says = ["is taken (EADDRINUSE)", "listens on 0.0.0.0:8000"], Advice = Advice.Ends("http.server"),
        },
        new("FIN_WAIT2 of a server that was killed, its client is still there", "8080")
        {
            SetUp = static machine => KilledAsync(machine, "python3 server.py 8080 reuse keep"), ExitCode = 0,
            Says = [Depends, "can start now"], Tells = ["FIN_WAIT2"], Never = ["TIME_WAIT is left"],
        },
        new("FIN_WAIT2 of a server that had set nothing", "8080")
        {
            SetUp = static machine => KilledAsync(machine, "python3 server.py 8080 keep"),
            Says = ["8080/tcp is taken (EADDRINUSE)", "FIN_WAIT2", " s"], Never = ["can start now"],
        },
        new("CLOSE_WAIT: a server that never closes", "8080")
        {
            SetUp = static async machine => { await machine.StartScriptAsync("connect.py", "tcp 0.0.0.0 8080 then client.close listener.close"); await machine.Host.Sockets.UntilSomeAsync(8080, "CLOSE_WAIT"); },
            Says = ["is taken (EADDRINUSE)", "connect.py", "CLOSE_WAIT"], Never = ["TIME_WAIT"], Advice = Advice.Ends("connect.py"),
        },
        new("A sleep that inherited a connection", "8080")
        {
            SetUp = static async machine => { await machine.StartScriptAsync("leave_connection.py", "8080"); await Patience.UntilAsync(() => !machine.Host.Processes.Commands().Values.Any(static command => command.Contains("leave_conn", StringComparison.Ordinal)), "its end"); },
            Says = ["is taken (EADDRINUSE)", "sleep (pid {pid /bin/sleep 600})"], Advice = Advice.EndsAndLeaves("/bin/sleep 600"),
        },
        new("An outgoing connection from the port", "8080")
        {
            SetUp = static async machine => { await machine.ServeAsync("python3 server.py 9000 reuse keep", 9000); await machine.StartScriptAsync("dial.py", "127.0.0.1 9000 from 127.0.0.1 8080"); },
            Says = ["is taken (EADDRINUSE)", "dial.py", "127.0.0.1:9000"], Advice = Advice.EndsAndLeaves("dial.py"),
        },
        new("Bound and not listening", "8080")
        {
            SetUp = static machine => machine.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080"),
            Says = ["is taken (EADDRINUSE)", "hold.py"], Never = ["TIME_WAIT"], Advice = Advice.Ends("hold.py"),
        },
        new("Bound and not listening, with SO_REUSEADDR", "8080")
        {
            SetUp = static machine => machine.StartScriptAsync("hold.py", "tcp 0.0.0.0 8080 reuseaddr"), ExitCode = 0, Says = [Depends], Advice = Advice.Ends("hold.py"),
        },
    ];

    [KernelTheory]
    [Rows]
    [Rows("node")]
    public Task Why_NothingListens_ItSaysWhoCanStartNow(string situation) => SituationCheck.RunAsync(Table, situation);

    private static async Task ServedAsync(Machine machine, string command, int port, string process)
    {
        await machine.ServeAsync(command, port);
        await machine.VisitAsync(port);
        await machine.EndAsync(process);
        await machine.Host.Sockets.UntilAsync(port, "TIME_WAIT");
    }

    private static async Task KilledAsync(Machine machine, string command)
    {
        await machine.ServeAsync(command, 8080);
        await machine.StayAsync(8080);
        await machine.EndAsync("server.py");
        await machine.Host.Sockets.UntilSomeAsync(8080, "FIN_WAIT2");
    }
}
