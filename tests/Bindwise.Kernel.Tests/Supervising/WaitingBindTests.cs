using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>run --wait: what holds of the first try of a bind() holds of every later one.</summary>
public sealed class WaitingBindTests
{
    // A bind() that is held, and another thread that calls landlock_restrict_self(), as whoever is to act with the program's rights cannot see the effect of.
    private const string RestrictsItself = """
        import ctypes, errno, os, socket, sys, threading, time
        events, kind = sys.argv[1], getattr(socket, sys.argv[2])
        words = []
        def bind():
            one = socket.socket(type=kind)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind(("0.0.0.0", 8080))
                words.append(one.getsockname()[0])
            except OSError as error:
                words.append(errno.errorcode[error.errno])
        thread = threading.Thread(target=bind)
        thread.start()
        while '"held"' not in open(events).read():
            time.sleep(0.01)
        ctypes.CDLL(None).syscall(446, -1, 0)
        print("restricted", flush=True)
        thread.join()
        print(words[0], flush=True)
        """;

    // A worker that binds what the start's first process has open still, in a socket that is kept.
    private const string Worker = """
        import os, socket, sys, time
        def listener():
            one = socket.socket()
            one.bind(("127.0.0.1", 8080))
            one.listen()
            return one
        first = listener()
        if os.fork() == 0:
            first.close()
            second = listener()
            print(os.fstat(second.fileno()).st_ino, flush=True)
            os._exit(0)
        print(os.fstat(first.fileno()).st_ino, flush=True)
        while '"held"' not in open(sys.argv[1]).read():
            time.sleep(0.01)
        first.close()
        os.wait()
        """;

    [KernelTheory]
    [InlineData("run", "SOCK_STREAM")]
    [InlineData("run", "SOCK_DGRAM")]
    [InlineData("run --hold --restart=never", "SOCK_STREAM")]
    public async Task MovedBind_OfAProgramThatRestrictsItselfMeanwhile_IsRefused(string verb, string kind)
    {
        await using var host = await TestHost.OpenAsync();
        var holder = await host.StartScriptAsync("hold.py", kind == "SOCK_STREAM" ? "tcp 127.0.0.1 8080 listen" : "udp 127.0.0.1 8080");
        var events = Path.Combine(host.Folder, "events");
        var program = host.Start(0, [Programs.Bindwise, .. verb.Split(' '), "--wait", "--address", "0.0.0.0=127.0.0.1", "--events", events, "--", "python3", "-S", "-c", RestrictsItself, events, kind]);
        Assert.Equal("restricted", await program.LineAsync());
        await host.SignalAsync(holder.Pid, "KILL");
        Assert.Equal("EACCES", await program.LineAsync());
        await Patience.UntilAsync(() => program.Error.Contains("0.0.0.0:8080 cannot be moved to 127.0.0.1:8080", StringComparison.Ordinal), "the line that tells of the refusal");
    }

    // SO_REUSEADDR, SO_REUSEPORT: the kernel cannot be asked beforehand, for a trial would take datagrams of those with which it shares.
    [KernelTheory]
    [InlineData("2")]
    [InlineData("15")]
    public async Task UdpBind_ThatMayShareItsPort_IsExplained_AndWaits(string option)
    {
        await using var host = await TestHost.OpenAsync();
        var holder = await host.StartScriptAsync("hold.py", "udp 0.0.0.0 8080");
        var bind = $"import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.setsockopt(1, {option}, 1); s.bind(('127.0.0.1', 8080)); print('bound', flush=True)";
        var refused = await host.RunAsync(Programs.Bindwise, "run", "--", "python3", "-S", "-c", bind);
        Assert.Contains("127.0.0.1:8080/udp is taken", refused.Error, StringComparison.Ordinal);
        var program = host.Start(0, Programs.Bindwise, "run", "--wait", "--", "python3", "-S", "-c", bind);
        await Patience.UntilAsync(() => program.Error.Contains("waits until 127.0.0.1:8080 is free", StringComparison.Ordinal), "the line that tells of the wait");
        await host.SignalAsync(holder.Pid, "KILL");
        Assert.Equal("bound", await program.LineAsync());
    }

    [KernelFact]
    public async Task Bind_ThatWaits_StopsAndGoesOn()
    {
        await using var host = await TestHost.OpenAsync();
        var holder = await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen");
        var file = Path.Combine(host.Folder, "pid");
        var program = host.Start(0, ["/bin/sh", "-c", $"echo $$ > {file}; exec \"$@\"", "sh", Programs.Bindwise, "run", "--wait", "--", "python3", "-B", "-S", Programs.Script("run_server.py"), "127.0.0.1", "8080"]);
        await Waits(1);
        var pid = int.Parse(await File.ReadAllTextAsync(file), null);
        await host.SignalAsync(pid, "STOP");
        await Patience.UntilAsync(() => host.StateOf(pid) == 'T', "the stop");
        await host.SignalAsync(pid, "CONT");
        await Waits(2);
        await host.SignalAsync(holder.Pid, "KILL");
        await program.ReadyAsync();

        Task Waits(int times) => Patience.UntilAsync(() => program.Error.Split("waits until 127.0.0.1:8080 is free").Length > times, "the line that tells of the wait");
    }

    [KernelFact]
    public async Task MovedBind_ThatWaited_IsToldAsMoved()
    {
        await using var host = await TestHost.OpenAsync();
        var holder = await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8081 listen");
        var events = Path.Combine(host.Folder, "events");
        var program = host.Start(0, [Programs.Bindwise, "run", "--wait", "--port", "8080=8081", "--events", events, "--", "python3", "-B", "-S", Programs.Script("run_server.py"), "127.0.0.1", "8080"]);
        await Patience.UntilAsync(() => program.Error.Contains("waits until 127.0.0.1:8081 is free", StringComparison.Ordinal), "the line that tells of the wait");
        await host.SignalAsync(holder.Pid, "KILL");
        await program.ReadyAsync();
        Assert.Equal(8081, program.Number("port"));
        var told = (await HoldTests.EventsAsync(events)).ToList();
        Assert.Equal(["held EADDRINUSE ", "moved ok 127.0.0.1:8080", "bind ok "], told.Where(static one => !one.StartsWith("option-set", StringComparison.Ordinal)).Take(3));
    }

    [KernelFact]
    public async Task BindOfAWorker_OnceTheKeptSocketIsClosedByTheOther_GetsIt()
    {
        await using var host = await TestHost.OpenAsync();
        var events = Path.Combine(host.Folder, "events");
        var program = host.Start(0, [Programs.Bindwise, "run", "--hold", "--wait", "--events", events, "--", "python3", "-S", "-c", Worker, events]);
        var inode = await program.LineAsync();
        Assert.Equal(inode, await program.LineAsync());
        Assert.Contains("bind ok kept", await HoldTests.EventsAsync(events));
    }
}
