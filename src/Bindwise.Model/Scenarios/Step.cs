namespace Bindwise.Model.Scenarios;

/// <summary>One step of a scenario: a system call on a named socket, a sysctl, a wait, or an expectation.</summary>
internal abstract record Step;

/// <summary>A step on a socket. On a name that is closed, or was never made, every step but <see cref="OpenStep"/> gives ENOSOCK.</summary>
internal abstract record SocketStep(string Socket) : Step;

/// <summary>socket(2). On a name that is open it closes the old socket first.</summary>
/// <param name="Family">AF_INET or AF_INET6.</param>
/// <param name="User">The user that makes the socket, and every later call on it, without any capability unless it is 0; null for the user
/// that plays the scenario (on the model: 0, root).</param>
/// <param name="Device">The interface to bind it to (SO_BINDTODEVICE), right after it was made; null for none. An unknown one gives ENODEV
/// and leaves no socket.</param>
/// <param name="Process">The process that makes the socket and plays every later step on it, and on what is accepted from it: a real one of
/// its own on the kernel, in a process group of its own. Null for the player itself.</param>
internal sealed record OpenStep(string Socket, Protocol Protocol, IpFamily Family, uint? User = null, string? Device = null,
    string? Process = null) : SocketStep(Socket);

/// <summary>Sets an option of a socket (setsockopt(2)).</summary>
/// <param name="Value">The value; for flags 0 is off and anything else on.</param>
internal sealed record SetStep(string Socket, SocketOption Option, OptionValue Value) : SocketStep(Socket);

/// <summary>bind(2), with the sockaddr of the address's own family, whatever the socket's.</summary>
/// <param name="Port">The port; 0 leaves the choice to the system.</param>
/// <param name="Scope">The scope of a link-local IPv6 address (sin6_scope_id), as an interface's name; null for none.</param>
internal sealed record BindStep(string Socket, IpAddress Address, ushort Port, string? Scope = null) : SocketStep(Socket);

/// <summary>listen(2), with a backlog of 128.</summary>
internal sealed record ListenStep(string Socket) : SocketStep(Socket);

/// <summary>connect(2), as a blocking call.</summary>
/// <param name="Address">The remote address; without meaning, and best <c>default</c>, when <see cref="To"/> names a socket.</param>
/// <param name="Port">The remote port; without meaning, and best 0, when <see cref="To"/> names a socket.</param>
/// <param name="To">The socket to whose own local address and port to connect (by getsockname) instead of <see cref="Address"/>; a wildcard
/// means loopback. Null for none.</param>
internal sealed record ConnectStep(string Socket, IpAddress Address, ushort Port, string? To = null) : SocketStep(Socket)
{
    public static ConnectStep Toward(string socket, string to) => new(socket, default, 0) { To = to };
}

/// <summary>connect(2) with AF_UNSPEC: dissolves the association.</summary>
internal sealed record DisconnectStep(string Socket) : SocketStep(Socket);

/// <summary>accept(2). An empty queue gives EAGAIN after a short bounded wait.</summary>
/// <param name="As">The name of the accepted socket; one that is open is closed first.</param>
internal sealed record AcceptStep(string Socket, string As) : SocketStep(Socket);

/// <summary>send(2) or sendto(2) with MSG_NOSIGNAL.</summary>
/// <param name="Bytes">How many bytes, 0 to <see cref="ScenarioLimits.BytesInAll"/>.</param>
/// <param name="To">UDP: where to; null for send(2).</param>
internal sealed record SendStep(string Socket, int Bytes, IpEndpoint? To = null) : SocketStep(Socket);

/// <summary>
/// recv(2) until so many bytes came or no more are there; a datagram socket takes one datagram. End of stream gives ok, nothing there
/// EAGAIN.
/// </summary>
/// <param name="Bytes">How many bytes, 1 to <see cref="ScenarioLimits.BytesInAll"/>.</param>
internal sealed record ReceiveStep(string Socket, int Bytes) : SocketStep(Socket);

/// <summary>Ends one direction of a connection, or both (shutdown(2)); the descriptor stays open.</summary>
internal sealed record ShutdownStep(string Socket, ShutdownHow How) : SocketStep(Socket);

/// <summary>Closes the socket's only descriptor (close(2)).</summary>
internal sealed record CloseStep(string Socket) : SocketStep(Socket);

/// <summary>SO_LINGER with 0 seconds, then close(2).</summary>
internal sealed record AbortStep(string Socket) : SocketStep(Socket);

/// <summary>Lets time pass: virtual on the model, real on the kernel.</summary>
/// <param name="Seconds">How long, 0 to <see cref="ScenarioLimits.WaitSeconds"/>; whole milliseconds.</param>
internal sealed record WaitStep(decimal Seconds) : Step;

/// <summary>Writes a sysctl of the scenario's own network namespace.</summary>
/// <param name="Name">The name with dots, as net.ipv4.tcp_tw_reuse; one of <see cref="ScenarioSysctls"/>.</param>
internal sealed record SysctlStep(string Name, string Value) : Step;

/// <summary>Asserts what the step before it gave. Its own result is <c>ok</c> or <c>EXPECT</c>.</summary>
/// <param name="Result">The expected result: <c>ok</c>, an errno's name or <c>ENOSOCK</c>; of a step that asks for it
/// a state's name, or an address with a port.</param>
/// <param name="Steps">How many steps right before it are asserted, from 1 (the default): the expectation is that of the first of them that
/// fails, else of the last. More than one are what one line of a .bind file stands for; no expectation is among them.</param>
/// <param name="Rule">The id of the rule that must have decided, asserted on the model only; null for any.</param>
/// <param name="By">A blocker that must be named, by the socket's name or by its state (<c>TIME_WAIT</c>), asserted on the model only; null
/// for any.</param>
/// <param name="Claimed">What a claim says that it gives, right or wrong; never a reason to fail. Null outside of claims.</param>
internal sealed record ExpectStep(string Result, int Steps = 1, string? Rule = null, string? By = null, string? Claimed = null) : Step;

/// <summary>The op of each step, as the JSON form names it.</summary>
internal static class StepOps
{
    /// <summary>Those that random scenarios are made of: what a run of them ought to meet.</summary>
    public static ImmutableArray<string> Drawn { get; } =
        ["open", "set", "bind", "listen", "connect", "disconnect", "accept", "send", "receive", "shutdown", "close", "abort", "wait",
            "sysctl"];

    public static string Of(Step step) => step switch
    {
        OpenStep => "open",
        SetStep => "set",
        BindStep => "bind",
        ListenStep => "listen",
        ConnectStep => "connect",
        DisconnectStep => "disconnect",
        AcceptStep => "accept",
        SendStep => "send",
        ReceiveStep => "receive",
        ShutdownStep => "shutdown",
        CloseStep => "close",
        AbortStep => "abort",
        WaitStep => "wait",
        SysctlStep => "sysctl",
        StateStep => "state",
        NameStep => "name",
        HoldStep => "hold",
        ReleaseStep => "release",
        LoseStep => "lose",
        RepeatStep => "repeat",
        StreamStep => "stream",
        SignalStep => "signal",
        ExitStep => "exit",
        RetryStep => "retry",
        _ => "expect",
    };
}

/// <summary>Which of the steps that an expectation covers it speaks of: the first of them that failed, else the last.</summary>
internal static class DecidingStep
{
    /// <summary>The index of the step that an expectation speaks of.</summary>
    /// <param name="steps">What every step gave, in order.</param>
    /// <param name="end">The index of the expectation, or how many steps were played before it; at least 1.</param>
    /// <param name="covered">How many steps it covers (<see cref="ExpectStep.Steps"/>).</param>
    /// <param name="of">What the host gave in one of them.</param>
    public static int IndexOf(IReadOnlyList<StepOutcome> steps, int end, int covered, Func<StepOutcome, StepResult> of)
    {
        for (var index = Math.Max(0, end - Math.Max(1, covered)); index < end - 1; index++)
        {
            if (of(steps[index]) is { Result: not StepResult.Ok } failed && !IsAnswer(steps[index].Step, failed))
                return index;
        }
        return end - 1;
    }

    // A state or an address is what was asked for.
    private static bool IsAnswer(Step step, StepResult given) => step is StateStep or NameStep && given.Result != StepResult.NoSocket;
}

/// <summary>
/// Asks in which state a socket is, or what is left of a closed one: the result is the state's name as <see cref="TcpStateNames"/> has it
/// (<c>LISTEN</c>, <c>TIME_WAIT</c>, <c>BOUND</c>, of UDP <c>UNCONN</c>), and <c>CLOSED</c> where nothing is left, or nothing was bound
/// yet. A name that was never made gives ENOSOCK.
/// </summary>
internal sealed record StateStep(string Socket) : SocketStep(Socket);

/// <summary>
/// getsockname(2): the result is the endpoint's text (<c>127.0.0.1:8080</c>, <c>[::]:8080</c>, <c>0.0.0.0:0</c> before bind). A port that
/// the system chose from a range that the scenario did not narrow is <c>auto</c>, as in <c>127.0.0.1:auto</c>: which it is, no rule
/// decides.
/// </summary>
internal sealed record NameStep(string Socket) : SocketStep(Socket);

internal enum ProcessSignal
{
    /// <summary>SIGINT, which Ctrl+C sends to the foreground process group.</summary>
    Interrupt = 2,

    /// <summary>SIGKILL: the process ends at once and can do nothing about it.</summary>
    Kill = 9,

    /// <summary>SIGTERM, which service managers send first.</summary>
    Terminate = 15,
}

/// <summary>
/// A signal to a process group, whose only member is the process of that name; it handles none, so it ends, and the kernel closes its
/// sockets, that of the highest descriptor first (task_work_run(), kernel/task_work.c). ESRCH when there is none, or it has ended.
/// </summary>
/// <param name="Process">The process's name (<see cref="OpenStep.Process"/>).</param>
internal sealed record SignalStep(string Process, ProcessSignal Signal) : Step;

/// <summary>A process ends by exit(), without closing anything itself: as <see cref="SignalStep"/>.</summary>
internal sealed record ExitStep(string Process) : Step;

/// <summary>
/// Tries a step again and again until it gives ok: the retry loop of a server that waits for its port. The result is the last attempt's.
/// Who plays the scenario does the looping; the hosts see single attempts and waits.
/// </summary>
/// <param name="Attempt">What is tried: a bind, a listen or a connect.</param>
/// <param name="EverySeconds">How long between two attempts, 0.01 to <see cref="ScenarioLimits.WaitSeconds"/>, whole milliseconds.</param>
/// <param name="ForSeconds">How long until it is given up, from <see cref="EverySeconds"/> to <see cref="ScenarioLimits.WaitSeconds"/>,
/// whole milliseconds.</param>
internal sealed record RetryStep(SocketStep Attempt, decimal EverySeconds, decimal ForSeconds) : Step;

/// <summary>
/// From here on TCP segments on their way to a socket are held back, as by a slow network, until <see cref="ReleaseStep"/> or <see
/// cref="LoseStep"/>.
/// </summary>
/// <param name="Socket">The name of the socket that is to receive nothing; it must be connected, else ENOTCONN.</param>
internal sealed record HoldStep(string Socket) : SocketStep(Socket);

/// <summary>
/// What was held back for a socket reaches it now, in its order, and later segments are no longer held. The name may be that of a socket
/// closed meanwhile.
/// </summary>
/// <param name="Socket">The name that was given to <see cref="HoldStep"/>; EINVAL when nothing is held for it.</param>
internal sealed record ReleaseStep(string Socket) : SocketStep(Socket);

/// <summary>
/// What was held back for a socket is lost, and later segments are no longer held: the other end will send again what it needs answered.
/// </summary>
/// <param name="Socket">The name that was given to <see cref="HoldStep"/>; EINVAL when nothing is held for it.</param>
internal sealed record LoseStep(string Socket) : SocketStep(Socket);

/// <summary>
/// A duplicate of an old segment turns up: the last one of its kind that a socket sent goes on its way once more, as it was.
/// </summary>
/// <param name="Socket">The name of its sender, which may be closed.</param>
/// <param name="Kind">Which one; EINVAL when the socket sent none.</param>
internal sealed record RepeatStep(string Socket, SegmentKind Kind) : SocketStep(Socket);

internal enum SegmentKind
{
    Data,

    /// <summary>The first segment of a connection (SYN).</summary>
    Syn,

    /// <summary>A segment that ends a direction (FIN).</summary>
    Fin,

    /// <summary>A segment that carries nothing but an acknowledgement.</summary>
    Ack,

    Reset,
}

/// <summary>
/// Sends so many bytes from one end of a connection to the other as fast as both can, all of it read there: the sequence numbers outrun the
/// clock that initial numbers are taken from (RFC 9293 §3.4.1; secure_tcp_seq(), net/core/secure_seq.c).
/// </summary>
/// <param name="To">The receiver's name, the other end of the same connection; else ENOTCONN.</param>
/// <param name="Bytes">How many, 1 to 1,073,741,824.</param>
internal sealed record StreamStep(string Socket, string To, long Bytes) : SocketStep(Socket);

/// <summary>Where <c>connect</c> to a socket by its name goes: the same on both hosts.</summary>
internal static class ConnectTarget
{
    /// <summary>Turns what getsockname(2) says of the target into an address to connect to: a wildcard into a loopback address.</summary>
    /// <param name="name">The target's own address and port; a port of 0 stays 0.</param>
    /// <param name="isV6Only">The target's IPV6_V6ONLY; false for an IPv4 socket.</param>
    /// <param name="connecting">The family of the socket that connects: from IPv4 a dual-stack wildcard is reached at 127.0.0.1.</param>
    public static IpEndpoint Of(IpEndpoint name, bool isV6Only, IpFamily connecting)
    {
        if (!name.Address.IsAny)
            return name;
        var isIPv4 = name.Address.Family == IpFamily.IPv4 || (connecting == IpFamily.IPv4 && !isV6Only);
        return name with { Address = isIPv4 ? IpAddress.LoopbackIPv4 : IpAddress.LoopbackIPv6 };
    }
}

/// <summary>Which direction shutdown(2) ends, with the kernel's numbers (SHUT_RD, SHUT_WR, SHUT_RDWR).</summary>
internal enum ShutdownHow : byte
{
    /// <summary>Reading (<c>read</c>): sends nothing; on a listener it ends listening.</summary>
    Read,

    /// <summary>Writing: sends the FIN (<c>write</c>).</summary>
    Write,

    /// <summary>Reading and writing (<c>both</c>): sends the FIN.</summary>
    Both,
}

/// <summary>What a step gave, and on the model the rule and the sockets that decided.</summary>
/// <param name="Result"><c>ok</c> or an errno's name; <c>ENOSOCK</c> for a step on a name without a socket; a state's name or an endpoint's
/// text for a step that asks for it.</param>
internal sealed record StepResult(string Result)
{
    public const string Ok = "ok";

    /// <summary>The result of a step on a name that is closed, or was never made.</summary>
    public const string NoSocket = "ENOSOCK";

    /// <summary>The result of <see cref="StateStep"/> where nothing is left of the socket, or nothing was bound yet.</summary>
    public const string Closed = "CLOSED";

    /// <summary>The port in the result of <see cref="NameStep"/> that the system chose.</summary>
    public const string AutomaticPort = "auto";

    /// <summary>The id of the rule that decided (as BW004); null on the kernel, and where no rule was asked.</summary>
    public string? Rule { get; init; }

    /// <summary>
    /// The sockets that decided, as they are named: <c>a</c>, or <c>a by TIME_WAIT</c> for what is left of a closed one. Empty on the
    /// kernel.
    /// </summary>
    public ImmutableArray<string> Blockers { get; init; } = [];

    /// <summary>Why, in one sentence; empty on the kernel.</summary>
    public string Because { get; init; } = "";
}

/// <summary>What one step gave on the host it was played on, or on both.</summary>
/// <param name="Model">What the model said; null where only the kernel played.</param>
/// <param name="Kernel">What the kernel said; null where only the model played.</param>
internal sealed record StepOutcome(Step Step, StepResult? Model, StepResult? Kernel)
{
    /// <summary>The result of an expectation that was not met.</summary>
    public const string NotMet = "EXPECT";

    /// <summary>The result that counts: the kernel's where it played, else the model's.</summary>
    public string Result => (Kernel ?? Model)?.Result ?? StepResult.Ok;

    /// <summary>The id of the rule that decided, as the model has it; null where no rule was asked or no model played.</summary>
    public string? Rule => Model?.Rule;

    /// <summary>The sockets that decided, as the model has them.</summary>
    public ImmutableArray<string> Blockers => Model?.Blockers ?? [];

    /// <summary>Why, in one sentence; empty where there is nothing to say.</summary>
    public string Because => Model is { Because.Length: > 0 } model ? model.Because : Kernel?.Because ?? "";

    /// <summary>
    /// Model and kernel said different things. An expectation is no call, so it never is one: the step that it speaks of may be.
    /// </summary>
    public bool IsMismatch => Step is not ExpectStep && Model is not null && Kernel is not null && Model.Result != Kernel.Result;

    public bool IsFailedExpectation => Step is ExpectStep && (Model?.Result == NotMet || Kernel?.Result == NotMet);
}
