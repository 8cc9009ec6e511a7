using System.Net.Sockets;

namespace Bindwise.Tests.TakingOver;

/// <summary>What the children of these tests do: each takes what it was passed, and tells.</summary>
internal static class TakingBodies
{
    /// <summary>Takes with each policy and tells what came of it.</summary>
    internal static Task Refusing() => TellAsync(BehindWrapper.Refuse);

    /// <inheritdoc cref="Refusing"/>
    internal static Task Taking() => TellAsync(BehindWrapper.Take);

    /// <inheritdoc cref="Refusing"/>
    internal static Task Ignoring() => TellAsync(BehindWrapper.Ignore);

    /// <summary>Takes, takes again, and tells what LISTEN_* is.</summary>
    internal static Task Twice()
    {
        Console.WriteLine(InheritedSockets.Take().Length);
        Console.WriteLine(InheritedSockets.Take().Length);
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
                return InheritedSockets.Take().Length;
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
        foreach (var policy in new[] { BehindWrapper.Refuse, BehindWrapper.Ignore })
        {
            try
            {
                _ = InheritedSockets.Take(policy);
            }
            catch (InheritanceException)
            {
                Console.WriteLine("refused");
            }
            Console.WriteLine(await PassingParent.OutputAsync("/bin/sh", "-c", "readlink /proc/self/fd/* | grep -c '^socket:'; true"));
        }
    }

    /// <summary>Serves one client on the first socket.</summary>
    internal static async Task Serving()
    {
        var taken = InheritedSockets.Take();
        using var connection = await taken[0].Socket.AcceptAsync();
        await connection.SendAsync("hello"u8.ToArray());
        Console.WriteLine($"{taken[0].Name} {taken[0].LocalEndPoint}");
    }

    /// <summary>Closes what it took of a UNIX socket, and tells whether the file stays.</summary>
    internal static Task ClosingUnix()
    {
        var taken = InheritedSockets.Take();
        taken[0].Socket.Dispose();
        Console.WriteLine(File.Exists(taken[0].LocalEndPoint.ToString()));
        return Task.CompletedTask;
    }

    private static Task TellAsync(BehindWrapper policy)
    {
        try
        {
            foreach (var one in InheritedSockets.Take(policy))
                Console.WriteLine($"{one.Name}|{one.Descriptor}|{(one.Socket.SocketType == SocketType.Dgram ? "udp" : "stream")}|{one.LocalEndPoint}|{one.IsListening}");
        }
        catch (InheritanceException exception)
        {
            Console.WriteLine($"{(Environment.GetEnvironmentVariable("WRAPPER") is { } wrapper ? exception.Message.Replace($" {wrapper} ", " WRAPPER ", StringComparison.Ordinal) : exception.Message).Replace($"({Environment.ProcessId})", "(SELF)", StringComparison.Ordinal)}");
        }
        return Task.CompletedTask;
    }
}
