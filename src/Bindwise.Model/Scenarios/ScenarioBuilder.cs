using Bindwise.Model.Scenarios.Words;

namespace Bindwise.Model.Scenarios;

/// <summary>
/// Builds a scenario in code, a call a step: <c>new ScenarioBuilder("name").Tcp("a").Bind("a", "127.0.0.1",
/// 8080).Listen("a").Expect("ok").Build()</c>.
/// </summary>
/// <param name="name">The scenario's name; may be empty.</param>
internal sealed class ScenarioBuilder(string name = "")
{
    private readonly ImmutableArray<Step>.Builder _steps = ImmutableArray.CreateBuilder<Step>();

    /// <param name="user">The user that makes and uses it; null for the player.</param>
    /// <param name="process">The process that makes and uses it; null for the player.</param>
    public ScenarioBuilder Tcp(string socket, IpFamily family = IpFamily.IPv4, uint? user = null, string? process = null) =>
        Add(new OpenStep(socket, Protocol.Tcp, family, user) { Process = process });

    public ScenarioBuilder Udp(string socket, IpFamily family, uint? user = null) =>
        Add(new OpenStep(socket, Protocol.Udp, family, user));

    /// <summary>Sets an option to a number; flags are on with any but 0.</summary>
    public ScenarioBuilder Set(string socket, SocketOption option, long value = 1) =>
        Add(new SetStep(socket, option, new OptionValue(value)));

    /// <param name="address">The address, of IPv6 with its scope perhaps, as <c>fe80::1%v0</c>.</param>
    /// <param name="port">The port; 0 leaves the choice to the system.</param>
    /// <exception cref="ArgumentException">It is no address.</exception>
    public ScenarioBuilder Bind(string socket, string address, ushort port)
    {
        var read = Address(address);
        return Add(new BindStep(socket, read.Address, port, read.Scope));
    }

    public ScenarioBuilder Listen(string socket) => Add(new ListenStep(socket));

    /// <exception cref="ArgumentException">It is no address, or has a scope.</exception>
    public ScenarioBuilder Connect(string socket, string address, ushort port) => Add(new ConnectStep(socket, Unscoped(address), port));

    public ScenarioBuilder Connect(string socket, string to) => Add(ConnectStep.Toward(socket, to));

    public ScenarioBuilder Accept(string socket, string accepted) => Add(new AcceptStep(socket, accepted));

    public ScenarioBuilder Send(string socket, int bytes) => Add(new SendStep(socket, bytes));

    public ScenarioBuilder Receive(string socket, int bytes) => Add(new ReceiveStep(socket, bytes));

    public ScenarioBuilder Shutdown(string socket, ShutdownHow how) => Add(new ShutdownStep(socket, how));

    public ScenarioBuilder Close(string socket) => Add(new CloseStep(socket));

    public ScenarioBuilder State(string socket) => Add(new StateStep(socket));

    public ScenarioBuilder Signal(string process, ProcessSignal signal) => Add(new SignalStep(process, signal));

    public ScenarioBuilder Exit(string process) => Add(new ExitStep(process));

    /// <summary>Asserts what the step before it gave.</summary>
    public ScenarioBuilder Expect(string result) => Add(new ExpectStep(result));

    /// <exception cref="ArgumentException">It is not valid (<see cref="ScenarioRules"/>).</exception>
    public Scenario Build()
    {
        var scenario = new Scenario(name, _steps.ToImmutable());
        ScenarioRules.ThrowIfNotValid(scenario);
        return scenario;
    }

    private ScenarioBuilder Add(Step step)
    {
        _steps.Add(step);
        return this;
    }

    private static ScenarioAddress Address(string text) =>
        ScenarioAddress.Read(text, out var address) is { } fault ? throw new ArgumentException(fault, nameof(text)) : address;

    private static IpAddress Unscoped(string text) =>
        Address(text) is { Scope: null, Address: var address } ? address
            : throw new ArgumentException("only bind takes a scope", nameof(text));
}
