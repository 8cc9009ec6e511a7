using Bindwise.Model.Addresses;

namespace Bindwise.Model.Scenarios;

/// <summary>One step of a scenario: a system call on a named socket, a sysctl, a wait, or an expectation.</summary>
public abstract record Step;

/// <summary>A step on a socket. On a name that is closed, or was never made, every step but <see cref="OpenStep"/> gives ENOSOCK.</summary>
/// <param name="Socket">The socket's name in the scenario.</param>
public abstract record SocketStep(string Socket) : Step;

/// <summary>socket(2). On a name that is open it closes the old socket first.</summary>
/// <param name="Socket">The new socket's name.</param>
/// <param name="Protocol">TCP or UDP.</param>
/// <param name="Family">AF_INET or AF_INET6.</param>
public sealed record OpenStep(string Socket, Protocol Protocol, IpFamily Family) : SocketStep(Socket)
{
    /// <summary>
    /// The user that makes the socket, and every later call on it, without any capability unless it is 0;
    /// null for the user that plays the scenario (on the model: 0, root).
    /// </summary>
    public uint? User { get; init; }

    /// <summary>The interface to bind it to (SO_BINDTODEVICE), right after it was made; null for none. An unknown one gives ENODEV and leaves no socket.</summary>
    public string? Device { get; init; }

    /// <summary>
    /// The process that makes the socket and plays every later step on it, and on what is accepted from it: a real one of its own on the
    /// kernel, in a process group of its own. Null for the player itself.
    /// </summary>
    public string? Process { get; init; }
}

/// <summary>setsockopt(2).</summary>
/// <param name="Socket">The socket's name.</param>
/// <param name="Option">The option.</param>
/// <param name="Value">The value; for flags 0 is off and anything else on.</param>
public sealed record SetStep(string Socket, SocketOption Option, OptionValue Value) : SocketStep(Socket);

/// <summary>bind(2), with the sockaddr of the address's own family, whatever the socket's.</summary>
/// <param name="Socket">The socket's name.</param>
/// <param name="Address">The address.</param>
/// <param name="Port">The port; 0 leaves the choice to the system.</param>
public sealed record BindStep(string Socket, IpAddress Address, ushort Port) : SocketStep(Socket)
{
    /// <summary>The scope of a link-local IPv6 address (sin6_scope_id), as an interface's name; null for none.</summary>
    public string? Scope { get; init; }
}

/// <summary>listen(2), with a backlog of 128.</summary>
/// <param name="Socket">The socket's name.</param>
public sealed record ListenStep(string Socket) : SocketStep(Socket);

/// <summary>connect(2), as a blocking call.</summary>
/// <param name="Socket">The socket's name.</param>
/// <param name="Address">The remote address; without meaning, and best <c>default</c>, when <see cref="To"/> names a socket.</param>
/// <param name="Port">The remote port; without meaning, and best 0, when <see cref="To"/> names a socket.</param>
public sealed record ConnectStep(string Socket, IpAddress Address, ushort Port) : SocketStep(Socket)
{
    /// <summary>The socket to whose own local address and port to connect (by getsockname) instead of <see cref="Address"/>; a wildcard means loopback. Null for none.</summary>
    public string? To { get; init; }

    /// <summary>A connect() to where another socket of the scenario is bound.</summary>
    public static ConnectStep Toward(string socket, string to) => new(socket, default, 0) { To = to };
}

/// <summary>connect(2) with AF_UNSPEC: dissolves the association.</summary>
/// <param name="Socket">The socket's name.</param>
public sealed record DisconnectStep(string Socket) : SocketStep(Socket);

/// <summary>accept(2). An empty queue gives EAGAIN after a short bounded wait.</summary>
/// <param name="Socket">The listener's name.</param>
/// <param name="As">The name of the accepted socket; one that is open is closed first.</param>
public sealed record AcceptStep(string Socket, string As) : SocketStep(Socket);

/// <summary>send(2) or sendto(2) with MSG_NOSIGNAL.</summary>
/// <param name="Socket">The socket's name.</param>
/// <param name="Bytes">How many bytes, 0 to <see cref="ScenarioLimits.BytesInAll"/>.</param>
public sealed record SendStep(string Socket, int Bytes) : SocketStep(Socket)
{
    /// <summary>UDP: where to; null for send(2).</summary>
    public IpEndpoint? To { get; init; }
}

/// <summary>recv(2) until so many bytes came or no more are there; a datagram socket takes one datagram. End of stream gives ok, nothing there EAGAIN.</summary>
/// <param name="Socket">The socket's name.</param>
/// <param name="Bytes">How many bytes, 1 to <see cref="ScenarioLimits.BytesInAll"/>.</param>
public sealed record ReceiveStep(string Socket, int Bytes) : SocketStep(Socket);

/// <summary>shutdown(2).</summary>
/// <param name="Socket">The socket's name.</param>
/// <param name="How">Which direction.</param>
public sealed record ShutdownStep(string Socket, ShutdownHow How) : SocketStep(Socket);

/// <summary>close(2).</summary>
/// <param name="Socket">The socket's name.</param>
public sealed record CloseStep(string Socket) : SocketStep(Socket);

/// <summary>SO_LINGER with 0 seconds, then close(2).</summary>
/// <param name="Socket">The socket's name.</param>
public sealed record AbortStep(string Socket) : SocketStep(Socket);

/// <summary>Lets time pass: virtual on the model, real on the kernel.</summary>
/// <param name="Seconds">How long, 0 to <see cref="ScenarioLimits.WaitSeconds"/>; whole milliseconds.</param>
public sealed record WaitStep(decimal Seconds) : Step;

/// <summary>Writes a sysctl of the scenario's own network namespace.</summary>
/// <param name="Name">The name with dots, as net.ipv4.tcp_tw_reuse; one of <see cref="ScenarioSysctls"/>.</param>
/// <param name="Value">The text to write.</param>
public sealed record SysctlStep(string Name, string Value) : Step;

/// <summary>Asserts what the step before it gave. Its own result is <c>ok</c> or <c>EXPECT</c>.</summary>
/// <param name="Result">The expected result: <c>ok</c>, an errno's name or <c>ENOSOCK</c>; of a step that asks for it a state's name, or an address with a port.</param>
public sealed record ExpectStep(string Result) : Step
{
    /// <summary>
    /// How many steps right before it are asserted, from 1 (the default): the expectation is that of the first of them that
    /// fails, else of the last. More than one are what one line of a .bind file stands for; no expectation is among them.
    /// </summary>
    public int Steps { get; init; } = 1;

    /// <summary>The id of the rule that must have decided, asserted on the model only; null for any.</summary>
    public string? Rule { get; init; }

    /// <summary>A blocker that must be named, by the socket's name or by its state (<c>TIME_WAIT</c>), asserted on the model only; null for any.</summary>
    public string? By { get; init; }

    /// <summary>What a claim says that it gives, right or wrong; never a reason to fail. Null outside of claims.</summary>
    public string? Claimed { get; init; }
}
