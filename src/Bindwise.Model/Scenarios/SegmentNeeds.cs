namespace Bindwise.Model.Scenarios;

/// <summary>What a scenario does to segments, and asks of closed sockets: a host keeps for it what else it would forget.</summary>
/// <param name="Holds">It holds segments back (<see cref="HoldStep"/>).</param>
/// <param name="Repeats">It repeats old segments (<see cref="RepeatStep"/>).</param>
/// <param name="AsksOfClosed">It may speak of sockets that are closed.</param>
public readonly record struct SegmentNeeds(bool Holds, bool Repeats, bool AsksOfClosed);
