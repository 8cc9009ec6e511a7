using System.Net.Sockets;
using Bindwise.Linux.Native;

namespace Bindwise.Tests.TakingOver;

/// <summary>What the children of these tests do: each takes what it was passed, and tells.</summary>
internal static class TakingBodies
{
    /// <summary>Takes with each policy and tells what came of it.</summary>
    internal static Task Refusing() => ReportAsync(ListenPidMismatch.Refuse);

    /// <inheritdoc cref="Refusing"/>
    internal static Task Taking() => ReportAsync(ListenPidMismatch.Take);

    /// <inheritdoc cref="Refusing"/>
    internal static Task Ignoring() => ReportAsync(ListenPidMismatch.Ignore);

    /// <summary>Takes, takes again, and tells what LISTEN_* is.</summary>
    internal static Task Twice()
    {
        Console.WriteLine(SocketActivation.Take().Length);
        Console.WriteLine(SocketActivation.Take().Length);
        Console.WriteLine(string.Join(',', Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(static name => name.StartsWith("LISTEN_", StringComparison.Ordinal))));
        return Task.CompletedTask;
    }

    /// <summary>Many threads take at once; one gets the sockets.</summary>
    internal static async Task AtOnce()
    {
        using var gate = new ManualResetEventSlim();
        var takers = Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                gate.Wait();
                return SocketActivation.Take().Length;
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToList();
        gate.Set();
        Console.WriteLine(string.Join(',', (await Task.WhenAll(takers)).Order()));
    }

    /// <summary>Tells the descriptors of a child of its own, after each policy.</summary>
    internal static async Task ThenChild()
    {
        foreach (var policy in new[] { ListenPidMismatch.Refuse, ListenPidMismatch.Ignore })
        {
            try
            {
                _ = SocketActivation.Take(policy);
            }
            catch (SocketActivationException)
            {
                Console.WriteLine("refused");
            }
            Console.WriteLine(await PassingParent.OutputAsync("/bin/sh", "-c", "readlink /proc/self/fd/* | grep -c '^socket:'; true"));
        }
    }

    /// <summary>Serves one client on the first socket.</summary>
    internal static async Task Serving()
    {
        var taken = SocketActivation.Take();
        using var connection = await taken[0].Socket.AcceptAsync();
        await connection.SendAsync("hello"u8.ToArray());
        Console.WriteLine($"{taken[0].Name} {taken[0].LocalEndPoint}");
    }

    /// <summary>Closes what it took of a UNIX socket, and tells whether the file stays.</summary>
    internal static Task ClosingUnix()
    {
        var taken = SocketActivation.Take();
        taken[0].Socket.Dispose();
        Console.WriteLine(File.Exists(taken[0].LocalEndPoint.ToString()));
        return Task.CompletedTask;
    }

    /// <summary>The same where it was passed behind a wrapper.</summary>
    internal static async Task ServingBehindWrapper()
    {
        var taken = SocketActivation.Take(ListenPidMismatch.Take);
        using var connection = await taken[0].Socket.AcceptAsync();
        await connection.SendAsync("hello"u8.ToArray());
        Console.WriteLine($"{taken[0].Name} {taken[0].LocalEndPoint}");
    }

    /// <summary>Answers each client, until it is killed: on the socket that was passed, or on one of its own where none was.</summary>
    internal static async Task Answering()
    {
        using var own = new TcpListener(System.Net.IPAddress.Loopback, 8080);
        var listener = SocketActivation.Take() is [var passed, ..] ? passed.Socket : Start(own);
        while (true)
        {
            using var connection = await listener.AcceptAsync();
            await connection.SendAsync("hello"u8.ToArray());
        }
    }

    /// <summary>Answers each client until SIGTERM, having said that it is ready; then ends well.</summary>
    internal static async Task AnsweringUntilTold()
    {
        using var end = new CancellationTokenSource();
        using var told = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            end.Cancel();
        });
        var listener = SocketActivation.Take()[0].Socket;
        Assert.True(ServiceNotifier.Ready());
        while (true)
        {
            try
            {
                using var connection = await listener.AcceptAsync(end.Token);
                await connection.SendAsync("hello"u8.ToArray());
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Starts a child that waits, tells its id, and waits too.</summary>
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    internal static async Task ParentOfSleeper()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        // The thread that starts it ends: what tells of a parent's end must not hang on it.
        var children = new List<ChildServer>();
        foreach (var tells in (bool[])[true, false])
        {
            var thread = new Thread(() => children.Add(ChildServer.Start(new ChildServerOptions
            {
                Program = "/bin/sleep",
                Arguments = ["1000"],
                Sockets = [new(tells ? Start(listener) : listener.Server, "web")],
                TellsProcessId = tells,
            })));
            thread.Start();
            thread.Join();
        }
        Console.WriteLine(string.Join(' ', children.Select(static one => one.Id)));
        await Console.Out.FlushAsync();
        _ = await children[0].WaitForExitAsync();
    }

    /// <summary>Gives one socket to a child, and tells the child's descriptors.</summary>
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    internal static async Task HandingOver()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        await using var child = ChildServer.Start(new ChildServerOptions
        {
            Program = "/bin/sh",
            Arguments = ["-c", "for one in /proc/$$/fd/*; do test -e $one && echo ${one##*/}; done; true"],
            Sockets = [new(Start(listener), "web")],
        });
        _ = await child.WaitForExitAsync();
    }

    /// <summary>The same below the library; tells also which descriptors of this process are not close-on-exec afterwards.</summary>
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    internal static Task HandingOverOneOfMany()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        Assert.Equal(Errno.None, DuplicateDescriptor.Copy(Start(listener).SafeHandle, 4, out var copy));
        using (copy)
        {
            var plan = new SpawnPlan("/bin/sh", ["sh", "-c", "for one in /proc/$$/fd/*; do test -e $one && echo ${one##*/}; done; true"], [])
            {
                Descriptors = [(copy, 3)],
                CloseFrom = 4,
            };
            Assert.Equal(Errno.None, SpawnCall.Start(plan, out var child));
            Assert.Equal(Errno.None, ChildWaitCall.AwaitEnd(child, out var exitCode));
            Assert.True(ChildWaitCall.TryReap(child));
            Assert.Equal(0, exitCode);
        }
        var passedOn = Enumerable.Range(3, 3).Where(static number => CloseOnExecCall.Set(number, out var wasSet) == Errno.None && !wasSet);
        Console.WriteLine($"passed on here: {string.Join(' ', passedOn)}");
        return Task.CompletedTask;
    }

    /// <summary>Tells two variables, one of which no shell could name.</summary>
    internal static Task TellingVariables()
    {
        Console.WriteLine($"{Environment.GetEnvironmentVariable("Logging:Level")}|{Environment.GetEnvironmentVariable("PLAIN")}|{Environment.GetEnvironmentVariable("TAKEN_OUT") ?? "none"}");
        return ReportAsync(ListenPidMismatch.Refuse);
    }

    /// <summary>Listens as planned: the name web, TCP and UDP 5353, and 8090 by its address; tells what came of it.</summary>
    internal static async Task Planned()
    {
        var plan = new SocketActivationOptions
        {
            Listeners =
            [
                new NamedListenRequest { Request = ListenRequest.On(System.Net.IPAddress.Loopback, 9999), Name = "web" },
                new NamedListenRequest { Request = ListenRequest.On(System.Net.IPAddress.Loopback, 5353) with { Transports = Transports.TcpAndUdp } },
                new NamedListenRequest { Request = ListenRequest.On(System.Net.IPAddress.Loopback, PortPolicy.Range(8080, 8099)) },
            ],
            UnusedSockets = Environment.GetEnvironmentVariable("LEFT_OVER") is { } leftOver ? Enum.Parse<UnusedSockets>(leftOver) : UnusedSockets.Refuse,
        };
        try
        {
            var taken = await SocketActivation.ListenAsync(plan);
            foreach (var one in taken.Listeners)
            {
                Console.WriteLine($"{one.PassedSockets}|{(one.Listener.Request is null ? "passed" : "request")}|"
                    + string.Join(' ', one.Listener.Sockets.Select(static socket => $"{socket.Transport}={socket.LocalEndPoint}")) + $"|{string.Join(' ', one.Differences)}");
                using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await client.ConnectAsync(one.Listener.Sockets[0].LocalEndPoint);
                using var accepted = await one.Listener.AcceptAsync();
            }
            Console.WriteLine($"left over: {string.Join(' ', taken.UnusedSockets.Select(static one => $"{one.Name} {(one.Socket.SafeHandle.IsClosed ? "closed" : "open")}"))}");
        }
        catch (SocketActivationException exception)
        {
            Console.WriteLine(exception.Message);
            // What was taken is closed: only a service manager would listen on.
            Console.WriteLine(Directory.GetFiles("/proc/self/fd").Count(static one => int.Parse(Path.GetFileName(one), System.Globalization.CultureInfo.InvariantCulture) is >= 3 and < 3 + 4 && File.ResolveLinkTarget(one, false)?.Name.StartsWith("socket:", StringComparison.Ordinal) == true));
        }
    }

    private static Socket Start(TcpListener listener)
    {
        listener.Start();
        return listener.Server;
    }

    private static Task ReportAsync(ListenPidMismatch policy)
    {
        try
        {
            foreach (var one in SocketActivation.Take(policy))
                Console.WriteLine($"{one.Name}|{one.Descriptor}|{(one.Socket.SocketType == SocketType.Dgram ? "udp" : "stream")}|{one.LocalEndPoint}|{one.IsListening}");
        }
        catch (SocketActivationException exception)
        {
            Console.WriteLine($"{(Environment.GetEnvironmentVariable("WRAPPER") is { } wrapper ? exception.Message.Replace($" {wrapper} ", " WRAPPER ", StringComparison.Ordinal) : exception.Message).Replace($"({Environment.ProcessId})", "(SELF)", StringComparison.Ordinal)}");
        }
        return Task.CompletedTask;
    }
}
