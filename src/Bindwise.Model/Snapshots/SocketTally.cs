using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Snapshots;

/// <summary>
/// How many TCP sockets of one kind stand on the port. Tallies cover all of them, also those that are too many to stand
/// in <see cref="Snapshot.Sockets"/> one by one; of each kind at least the one with the longest time left stands there.
/// </summary>
/// <param name="State">The state.</param>
/// <param name="Family">The family the sockets were opened with.</param>
/// <param name="Local">The local address.</param>
/// <param name="DeviceIndex">The index of the interface that they are bound to; 0 for none.</param>
/// <param name="Count">How many there are.</param>
/// <param name="MillisecondsLeft">The longest time until the kernel lets go of one by itself; null where there is no such timer.</param>
public sealed record SocketTally(TcpState State, IpFamily Family, IpAddress Local, uint DeviceIndex, int Count, int? MillisecondsLeft);
