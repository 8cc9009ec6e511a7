using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Snapshots;

/// <summary>A socket that the system lists (IPGlobalProperties), as far as .NET tells of it.</summary>
/// <param name="Protocol">TCP or UDP.</param>
/// <param name="State">The state; <see cref="TcpState.Close"/> for UDP.</param>
/// <param name="Local">This host's end. Whether one on [::] takes IPv4 too is not told.</param>
/// <param name="Remote">The other end; port 0 for none.</param>
public readonly record struct SeenSocket(Protocol Protocol, TcpState State, IpEndpoint Local, IpEndpoint Remote);
