using Bindwise.Model.Targets;
using static System.FormattableString;

namespace Bindwise.Rendering.Watching;

/// <summary>What a row is known by from one look to the next.</summary>
/// <param name="Number">A socket's cookie, a port, or the number of a failure.</param>
/// <param name="Text">What else tells it apart, where the number does not.</param>
internal readonly record struct RowKey(ulong Number, string? Text = null);

internal abstract record WatchRow(RowKey Key)
{
    /// <summary>What <c>why</c> and <c>free</c> are asked about; null where there is nothing to ask.</summary>
    public abstract Target? Target { get; }

    /// <summary>A target as a person would type it; null for a text that names none.</summary>
    protected static Target? Parse(string? text) => text is null ? null : TargetParser.Parse(text).Value;
}

internal sealed record PortRow(RowKey Key, ListedPort Port) : WatchRow(Key)
{
    public override Target? Target => Port.Sockets is not [var socket, ..] ? null
        : Port.Protocol == Protocol.Unix
            ? socket.Path is { Length: > 0 } path ? new Target { Text = path, Protocol = Protocol.Unix, Path = path } : null
        : Parse((Port.Sockets.Length == 1 && socket.DeviceIndex == 0 && !socket.Local.Address.IsAny
                ? socket.Local.ToString() : Invariant($"{Port.Port}"))
            + (Port.Protocol == Protocol.Udp ? "/udp" : ""));
}

/// <summary>The TIME_WAITs of a port.</summary>
internal sealed record TimeWaitRow(Bindwise.Model.Events.PortTimeWaits Port) : WatchRow(new RowKey(Port.Port))
{
    public override Target? Target => Parse(Invariant($"{Port.Port}"));
}

/// <summary>A destination of ephemeral ports.</summary>
internal sealed record DestinationRow(Bindwise.Model.Events.CensusDestination Use)
    : WatchRow(new RowKey(Use.Remote.Port, Use.Remote.ToString()))
{
    public override Target? Target => null;
}

internal sealed record FailureRow(SeenFailure Seen) : WatchRow(new RowKey((ulong)Seen.Number, "failure"))
{
    public override Target? Target => Seen.Event switch
    {
        { Protocol: Protocol.Unix, Address: { Length: > 0 } path } => new Target { Text = path, Protocol = Protocol.Unix, Path = path },
        { Call: PortEventCall.Connect } or { Kind: PortEventKind.RangeHigh } => null,
        { Protocol: Protocol.Udp, Address: { } address } => Parse(address + "/udp"),
        { Address: { } address } => Parse(address),
        _ => null,
    };
}

/// <summary>A failure or warning that the screen keeps.</summary>
/// <param name="Event">What was told; alike ones are counted in it.</param>
internal sealed record SeenFailure(long Number, PortEvent Event);
