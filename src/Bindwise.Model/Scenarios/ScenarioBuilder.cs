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

    public ScenarioBuilder Add(Step step)
    {
        _steps.Add(step);
        return this;
    }

    /// <param name="user">The user that makes and uses it; null for the player.</param>
    /// <param name="process">The process that makes and uses it; null for the player.</param>
    public ScenarioBuilder Tcp(string socket, IpFamily family = IpFamily.IPv4, uint? user = null, string? device = null,
        string? process = null) =>
        Add(new OpenStep(socket, Protocol.Tcp, family) { User = user, Device = device, Process = process });

    public ScenarioBuilder Udp(string socket, IpFamily family = IpFamily.IPv4, uint? user = null, string? device = null,
        string? process = null) =>
        Add(new OpenStep(socket, Protocol.Udp, family) { User = user, Device = device, Process = process });

    /// <summary>Sets an option to a number; flags are on with any but 0.</summary>
    public ScenarioBuilder Set(string socket, SocketOption option, long value = 1) =>
        Add(new SetStep(socket, option, new OptionValue(value)));

    /// <summary>Sets an option that takes a text: SO_BINDTODEVICE, or IP_LOCAL_PORT_RANGE as <c>first-last</c>.</summary>
    public ScenarioBuilder Set(string socket, SocketOption option, string value) =>
        Add(new SetStep(socket, option, new OptionValue(0, value)));

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

    public ScenarioBuilder Disconnect(string socket) => Add(new DisconnectStep(socket));

    public ScenarioBuilder Accept(string socket, string accepted) => Add(new AcceptStep(socket, accepted));

    public ScenarioBuilder Send(string socket, int bytes) => Add(new SendStep(socket, bytes));

    /// <exception cref="ArgumentException">It is no address, or has a scope.</exception>
    public ScenarioBuilder Send(string socket, int bytes, string address, ushort port) =>
        Add(new SendStep(socket, bytes) { To = new IpEndpoint(Unscoped(address), port) });

    public ScenarioBuilder Receive(string socket, int bytes) => Add(new ReceiveStep(socket, bytes));

    public ScenarioBuilder Shutdown(string socket, ShutdownHow how) => Add(new ShutdownStep(socket, how));

    public ScenarioBuilder Close(string socket) => Add(new CloseStep(socket));

    public ScenarioBuilder Abort(string socket) => Add(new AbortStep(socket));

    /// <param name="seconds">How long, 0 to <see cref="ScenarioLimits.WaitSeconds"/>, whole milliseconds.</param>
    public ScenarioBuilder Wait(decimal seconds) => Add(new WaitStep(seconds));

    public ScenarioBuilder Sysctl(string sysctl, string value) => Add(new SysctlStep(sysctl, value));

    public ScenarioBuilder State(string socket) => Add(new StateStep(socket));

    public ScenarioBuilder Name(string socket) => Add(new NameStep(socket));

    public ScenarioBuilder Hold(string socket) => Add(new HoldStep(socket));

    public ScenarioBuilder Release(string socket) => Add(new ReleaseStep(socket));

    public ScenarioBuilder Lose(string socket) => Add(new LoseStep(socket));

    public ScenarioBuilder Repeat(string socket, SegmentKind kind) => Add(new RepeatStep(socket, kind));

    public ScenarioBuilder Stream(string socket, string to, long bytes) => Add(new StreamStep(socket, to, bytes));

    public ScenarioBuilder Signal(string process, ProcessSignal signal) => Add(new SignalStep(process, signal));

    public ScenarioBuilder Exit(string process) => Add(new ExitStep(process));

    /// <param name="attempt">A bind, a listen or a connect.</param>
    public ScenarioBuilder Retry(SocketStep attempt, decimal everySeconds, decimal forSeconds) =>
        Add(new RetryStep(attempt, everySeconds, forSeconds));

    /// <summary>Asserts what the steps before it gave.</summary>
    /// <param name="result">ok, an errno's name or ENOSOCK; of a step that asks for it a state's name, or an address with a port.</param>
    /// <param name="rule">The rule that must have decided; null for any.</param>
    /// <param name="by">The blocker that must be named; null for any.</param>
    /// <param name="steps">How many steps before it: of the first of them that fails, else of the last.</param>
    /// <param name="claimed">What a claim says that it gives; null outside of claims.</param>
    public ScenarioBuilder Expect(string result, string? rule = null, string? by = null, int steps = 1, string? claimed = null) =>
        Add(new ExpectStep(result) { Rule = rule, By = by, Steps = steps, Claimed = claimed });

    /// <exception cref="ArgumentException">It is not valid (<see cref="ScenarioRules"/>).</exception>
    public Scenario Build()
    {
        var scenario = new Scenario(name, _steps.ToImmutable());
        ScenarioRules.ThrowIfNotValid(scenario);
        return scenario;
    }

    private static ScenarioAddress Address(string text) =>
        ScenarioAddress.Read(text, out var address) is { } fault ? throw new ArgumentException(fault, nameof(text)) : address;

    private static IpAddress Unscoped(string text) =>
        Address(text) is { Scope: null, Address: var address } ? address
            : throw new ArgumentException("only bind takes a scope", nameof(text));
}
