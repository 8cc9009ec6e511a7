namespace Bindwise.Rendering.Json;

/// <summary>A socket of a recorded census: listening or bound.</summary>
/// <param name="Protocol">TCP, UDP or UNIX.</param>
/// <param name="Address"><c>0.0.0.0:80</c>, <c>[::1]:80</c>, a path or <c>@name</c>.</param>
/// <param name="State">The state's name, as <c>LISTEN</c>.</param>
/// <param name="NetworkNamespace">The inode of the network namespace; 0 where it is not known.</param>
/// <param name="ProcessId">Who holds it; 0 where nobody is seen.</param>
/// <param name="Program">The kernel's name of that process; null where nobody is seen.</param>
/// <param name="IsDualStack">A socket on <c>[::]</c> takes IPv4 too; null for any other, and where that is not known.</param>
internal sealed record CensusRow(
    Protocol Protocol, string Address, string State, ulong NetworkNamespace, int ProcessId, string? Program, uint? UserId,
    bool? IsDualStack = null);
