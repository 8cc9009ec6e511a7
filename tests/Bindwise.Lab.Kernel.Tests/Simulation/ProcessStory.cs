using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Kernel.Tests.Simulation;

/// <summary>A random story of a server and its clients in processes that end, and of what is found afterwards.</summary>
internal sealed class ProcessStory(Random random)
{
    private const ushort Port = 8080;

    private static readonly string?[] Homes = [null, "p", "q"];

    private readonly ScenarioBuilder _story = new();
    private readonly List<string> _sockets = [];

    /// <summary>Tells one.</summary>
    public static Scenario Tell(Random random, string name)
    {
        var story = new ProcessStory(random);
        story.Begin();
        for (var deed = random.Next(2, 9); deed > 0; deed--)
            story.Act();
        story.End("p");
        if (random.Next(2) == 0)
            story.Act();
        story.End("q");
        story.Look();
        return story._story.Build() with { Name = name };
    }

    private void Begin()
    {
        _story.Tcp("a", process: "p");
        if (random.Next(2) == 0)
            _story.Set("a", SocketOption.ReuseAddress);
        _story.Bind("a", "127.0.0.1", Port).Listen("a").Tcp("q0", process: "q");
        for (var client = random.Next(1, 4); client > 0; client--)
        {
            Join(client);
        }
    }

    private void Join(int number)
    {
        var client = $"c{number}";
        _story.Tcp(client, process: Homes[random.Next(Homes.Length)]).Connect(client, "a");
        _sockets.Add(client);
        if (random.Next(4) == 0)
            return;
        _story.Accept("a", $"s{number}");
        _sockets.Add($"s{number}");
    }

    private void Act()
    {
        var socket = _sockets[random.Next(_sockets.Count)];
        _ = random.Next(9) switch
        {
            0 or 1 => _story.Send(socket, random.Next(1, 100)),
            2 => _story.Receive(socket, random.Next(1, 100)),
            3 => _story.Shutdown(socket, (ShutdownHow)random.Next(3)),
            4 => _story.Close(socket),
            5 => _story.Set(socket, SocketOption.Linger, random.Next(-1, 2)),
            6 => _story.Set(socket, SocketOption.ReuseAddress),
            7 => _story.Accept("a", socket),
            _ => _story.Close("a"),
        };
    }

    private void End(string process) => _ = random.Next(4) switch
    {
        0 => _story.Exit(process),
        1 => _story.Signal(process, ProcessSignal.Interrupt),
        2 => _story.Signal(process, ProcessSignal.Terminate),
        _ => _story.Signal(process, ProcessSignal.Kill),
    };

    private void Look()
    {
        _story.Tcp("b1").Bind("b1", "127.0.0.1", Port).Close("b1");
        foreach (var socket in _sockets)
            _story.State(socket).Receive(socket, 100).Send(socket, 1).Receive(socket, 1).State(socket);
        _story.Tcp("b2").Set("b2", SocketOption.ReuseAddress).Bind("b2", "127.0.0.1", Port).Listen("b2").Close("b2");
        foreach (var socket in _sockets)
            _story.Close(socket).State(socket);
        _story.Tcp("b3").Bind("b3", "127.0.0.1", Port).Tcp("b4").Connect("b4", "127.0.0.1", Port);
    }
}
