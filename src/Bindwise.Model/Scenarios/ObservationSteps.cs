namespace Bindwise.Model.Scenarios;

/// <summary>
/// Asks in which state a socket is, or what is left of a closed one: the result is the state's name as <see cref="Sockets.TcpStateNames"/>
/// has it (<c>LISTEN</c>, <c>TIME_WAIT</c>, <c>BOUND</c>, of UDP <c>UNCONN</c>), and <c>CLOSED</c> where nothing is left, or nothing was bound yet.
/// A name that was never made gives ENOSOCK.
/// </summary>
/// <param name="Socket">The socket's name, or that of a closed one.</param>
public sealed record StateStep(string Socket) : SocketStep(Socket);

/// <summary>
/// getsockname(2): the result is the endpoint's text (<c>127.0.0.1:8080</c>, <c>[::]:8080</c>, <c>0.0.0.0:0</c> before bind). A port that the
/// system chose from a range that the scenario did not narrow is <c>auto</c>, as in <c>127.0.0.1:auto</c>: which it is, no rule decides.
/// </summary>
/// <param name="Socket">The socket's name.</param>
public sealed record NameStep(string Socket) : SocketStep(Socket);
