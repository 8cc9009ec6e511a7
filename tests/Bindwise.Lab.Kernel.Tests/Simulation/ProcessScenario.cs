using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Kernel.Tests.Simulation;

/// <summary>A random scenario of a server and its clients in processes that end, and of what is found afterwards.</summary>
internal sealed class ProcessScenario(Random random)
{
    private const ushort Port = 8080;

    private static readonly string?[] Homes = [null, "p", "q"];

    private readonly ScenarioBuilder _steps = new();
    private readonly List<string> _sockets = [];

    /// <summary>Makes one.</summary>
    public static Scenario Make(Random random, string name)
    {
        var scenario = new ProcessScenario(random);
        scenario.Begin();
        for (var step = random.Next(2, 9); step > 0; step--)
            scenario.AddStep();
        scenario.End("p");
        if (random.Next(2) == 0)
            scenario.AddStep();
        scenario.End("q");
        scenario.Observe();
        return scenario._steps.Build() with { Name = name };
    }

    private void Begin()
    {
        _steps.Tcp("a", process: "p");
        if (random.Next(2) == 0)
            _steps.Set("a", SocketOption.ReuseAddress);
        _steps.Bind("a", "127.0.0.1", Port).Listen("a").Tcp("q0", process: "q");
        for (var client = random.Next(1, 4); client > 0; client--)
        {
            Join(client);
        }
    }

    private void Join(int number)
    {
        var client = $"c{number}";
        _steps.Tcp(client, process: Homes[random.Next(Homes.Length)]).Connect(client, "a");
        _sockets.Add(client);
        if (random.Next(4) == 0)
            return;
        _steps.Accept("a", $"s{number}");
        _sockets.Add($"s{number}");
    }

    private void AddStep()
    {
        var socket = _sockets[random.Next(_sockets.Count)];
        _ = random.Next(9) switch
        {
            0 or 1 => _steps.Send(socket, random.Next(1, 100)),
            2 => _steps.Receive(socket, random.Next(1, 100)),
            3 => _steps.Shutdown(socket, (ShutdownHow)random.Next(3)),
            4 => _steps.Close(socket),
            5 => _steps.Set(socket, SocketOption.Linger, random.Next(-1, 2)),
            6 => _steps.Set(socket, SocketOption.ReuseAddress),
            7 => _steps.Accept("a", socket),
            _ => _steps.Close("a"),
        };
    }

    private void End(string process) => _ = random.Next(4) switch
    {
        0 => _steps.Exit(process),
        1 => _steps.Signal(process, ProcessSignal.Interrupt),
        2 => _steps.Signal(process, ProcessSignal.Terminate),
        _ => _steps.Signal(process, ProcessSignal.Kill),
    };

    private void Observe()
    {
        _steps.Tcp("b1").Bind("b1", "127.0.0.1", Port).Close("b1");
        foreach (var socket in _sockets)
            _steps.State(socket).Receive(socket, 100).Send(socket, 1).Receive(socket, 1).State(socket);
        _steps.Tcp("b2").Set("b2", SocketOption.ReuseAddress).Bind("b2", "127.0.0.1", Port).Listen("b2").Close("b2");
        foreach (var socket in _sockets)
            _steps.Close(socket).State(socket);
        _steps.Tcp("b3").Bind("b3", "127.0.0.1", Port).Tcp("b4").Connect("b4", "127.0.0.1", Port);
    }
}
