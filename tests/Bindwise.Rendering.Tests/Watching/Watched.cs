using Bindwise.Model.Events;
using Bindwise.Rendering.Watching;

namespace Bindwise.Rendering.Tests.Watching;

/// <summary>Made-up hosts for the screen of <c>watch</c>.</summary>
internal static class Watched
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A census with listeners on ports from 8000 on, the cookie of each its number from 1 on.</summary>
    public static HostCensus Census(int listeners, DateTimeOffset? time = null) => new()
    {
        TakenAt = time ?? Noon,
        Sockets = [.. Enumerable.Range(0, listeners).Select(static index => Listener((ushort)(8000 + index), (ulong)index + 1))],
        States = [new StateCount(TcpSocketState.Listen, Math.Max(1, listeners)), new StateCount(TcpSocketState.TimeWait, 87)],
        TimeWaits = [new PortTimeWaits(8000, 80, 41_250), new PortTimeWaits(8001, 7, 3_000)],
        Destinations = [new Bindwise.Model.Events.CensusDestination(new IpEndpoint(IpAddress.LoopbackIPv4, 5432), 14_000, 20)],
        EphemeralPorts = 28_232,
    };

    public static CensusSocket Listener(ushort port, ulong cookie, string program = "server", int process = 0, IpAddress? address = null) =>
        new(new HeldSocket
        {
            Protocol = Protocol.Tcp,
            State = TcpSocketState.Listen,
            Local = new IpEndpoint(address ?? IpAddress.LoopbackIPv4, port),
            UserId = 1000,
            Inode = cookie,
            Cookie = cookie,
            SendQueue = 128,
        }, new CensusHolder(process == 0 ? 100 + (int)cookie : process, program, 0));

    public static IpAddress Address(string text) => IpAddress.TryParse(text, out var address) ? address : throw new FormatException(text);

    public static PortEvent Failure(string address, string program = "node", int process = 812) => new()
    {
        Time = Noon,
        Kind = PortEventKind.BindFailed,
        Call = PortEventCall.Bind,
        Protocol = Protocol.Tcp,
        Address = address,
        Result = "EADDRINUSE",
        ProcessId = process,
        Program = program,
        Summary = "nginx (pid 4) listens on it.",
        Cause = "listener",
    };

    /// <summary>The screen after some inputs, from a host with as many listeners.</summary>
    public static WatchState State(int listeners, int columns = 80, int lines = 24, params WatchInput[] inputs) =>
        After(new WatchState { Columns = columns, Lines = lines }, [new WatchInput.CensusRead(Census(listeners)), .. inputs]);

    public static WatchState After(WatchState state, params IEnumerable<WatchInput> inputs) =>
        inputs.Aggregate(state, static (now, input) => WatchMachine.Step(now, input).State);

    /// <summary>Keys as they are typed: a word of KeyKind in brackets, else characters.</summary>
    public static WatchInput[] Keys(string keys) => [.. keys.Split(' ', StringSplitOptions.RemoveEmptyEntries).SelectMany(static word =>
        !char.IsAsciiDigit(word[0]) && Enum.TryParse<KeyKind>(word, out var kind) ? [new WatchInput.Pressed(new WatchKey(kind))]
        : word.Select(static one => (WatchInput)new WatchInput.Pressed(WatchKey.Of(one))))];

    public static string Text(WatchState state) =>
        string.Concat(WatchFrame.Render(state).Select(static line => line.ToString().TrimEnd() + "\n"));
}
