using Bindwise.Kernel.Tests.Everyday.Checks;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Everyday;

/// <summary>A server that runs, one for each way in which people write them: it is named, and the first step stops it.</summary>
[Trait("Lane", "second")]
public sealed class RuntimeTests
{
    private const string NotTimeWait = "TIME_WAIT";
    private const string Compile = "$(command -v clang || command -v gcc) -o server server.c";

    internal static IReadOnlyList<Situation> Table { get; } =
    [
        new("Node.js, node server.js", "3000")
        {
            Needs = "node", SetUp = static machine => machine.ServeAsync("node server.js", 3000),
            Says = ["3000/tcp is taken (EADDRINUSE)", "server.js (node, pid {pid node server.js})", "[::]:3000", "IPv4"],
            Tells = ["node server.js", "user root"], Never = [NotTimeWait, "Ctrl+C", "Server.js"], Advice = Advice.Ends("node server.js"),
        },
        new("Node.js with a browser's connection", "3000")
        {
            Needs = "node", SetUp = static async machine => { await machine.ServeAsync("node server.js", 3000); await machine.StayAsync(3000); },
            Says = ["is taken", "server.js"], Never = [NotTimeWait], Advice = Advice.Ends("node server.js"),
        },
        new("Node.js on 127.0.0.1", "127.0.0.1:3000")
        {
            Needs = "node", SetUp = static machine => machine.ServeAsync("node server.js 3000 127.0.0.1", 3000),
            Says = ["127.0.0.1:3000/tcp is taken", "server.js"], Advice = Advice.Ends("node server.js"),
        },
        new("Node.js on a terminal", "3000")
        {
            Needs = "node", Terminal = 80, SetUp = static machine => machine.ServeAsync("node server.js", 3000),
            Says = ["3000/tcp is taken (EADDRINUSE)", "server.js (node, pid"], Advice = Advice.Ends("node server.js"),
        },
        new("Node.js of the user who asks", "3000")
        {
            Needs = "node", User = TestHost.Nobody, SetUp = static machine => machine.ServeAsync("node server.js", 3000, TestHost.Nobody),
            Says = ["is taken", "server.js (node, pid"], Advice = Advice.Ends("node server.js"),
        },
        new("Python, http.server", "8000")
        {
            SetUp = static machine => machine.ServeAsync("python3 -m http.server 8000", 8000),
            Says = ["8000/tcp is taken (EADDRINUSE)", "http.server", "0.0.0.0:8000"], Advice = Advice.Ends("http.server"),
        },
        new("Python, http.server, asked on a terminal by another user", "8000")
        {
            User = TestHost.Nobody, Terminal = 80, SetUp = static machine => machine.ServeAsync("python3 -m http.server 8000", 8000),
            Says = ["8000/tcp is taken", "another user"], Tells = ["sudo"], Advice = Advice.AsksAsRoot("http.server"),
        },
        new("Python, a bare socket", "8080")
        {
            SetUp = static machine => machine.ServeAsync("python3 server.py 8080", 8080),
            Says = ["server.py (python3, pid {pid server.py})"], Never = [NotTimeWait], Advice = Advice.Ends("server.py"),
        },
        new("Python, a bare socket with connections", "8080")
        {
            SetUp = static async machine => { await machine.ServeAsync("python3 server.py 8080 keep", 8080); await machine.StayAsync(8080); },
            Says = ["server.py"], Advice = Advice.EndsAndLeaves("server.py"),
        },
        new("Python, asyncio as uvicorn has it", "127.0.0.1:8000")
        {
            SetUp = static machine => machine.ServeAsync("python3 asynchronous.py 8000", 8000),
            Says = ["asynchronous.py"], Advice = Advice.Ends("asynchronous.py"),
        },
        new("Java, java Server.java", "8080")
        {
            Needs = "java", SetUp = static machine => machine.ServeAsync("java Server.java 8080", 8080),
            Says = ["Server.java (java, pid {pid Server.java})", "8080"], Advice = Advice.Ends("Server.java"),
        },
        new("Ruby, TCPServer", "4567")
        {
            Needs = "ruby", SetUp = static machine => machine.ServeAsync("ruby server.rb 4567", 4567),
            Says = ["server.rb (ruby, pid", "127.0.0.1:4567"], Advice = Advice.Ends("server.rb"),
        },
        new("PHP, php -S", "8000")
        {
            Needs = "php", SetUp = static machine => machine.ServeAsync("php -S localhost:8000", 8000),
            Says = ["is taken", "php"], Advice = Advice.Ends("php -S"),
        },
        new(".NET, a console program", "8080")
        {
            SetUp = static machine => machine.ServeAsync(Programs.Sample("ReusableTcpServer") + " 8080", 8080),
            Says = ["ReusableTcpServer (pid {pid ReusableTcpServer})"], Advice = Advice.Ends("ReusableTcpServer"),
        },
        new("C, without an option", "8080")
        {
            SetUp = static async machine => { await machine.PrepareAsync(Compile); await machine.ServeAsync("./server 8080", 8080); },
            Says = ["server (pid {pid ./server})"], Advice = Advice.Ends("./server"),
        },
        new("C, its file built anew meanwhile", "8080")
        {
            SetUp = static async machine => { await machine.PrepareAsync(Compile); await machine.ServeAsync("./server 8080", 8080); await machine.PrepareAsync("rm server && " + Compile); },
            Says = ["server (pid"], Tells = ["deleted"], Advice = Advice.Ends("./server"),
        },
        new("redis-server", "6379")
        {
            Needs = "redis-server", SetUp = static machine => machine.ServeAsync("redis-server --save '' --appendonly no", 6379),
            Says = ["redis-server (pid"], Advice = Advice.Ends("redis-server"),
        },
    ];

    [KernelTheory]
    [Rows]
    [Rows("node")]
    [Rows("java")]
    [Rows("ruby")]
    [Rows("php")]
    [Rows("redis-server")]
    public Task Why_ServerThatRuns_IsNamedAndTheFirstStepStopsIt(string situation) => SituationCheck.RunAsync(Table, situation);
}
