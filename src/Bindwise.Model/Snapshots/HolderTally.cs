namespace Bindwise.Model.Snapshots;

/// <summary>Processes that hold a socket and are not listed: of a thousand connections with hundreds of holders each a sample says as much.</summary>
/// <param name="Inode">The socket's inode.</param>
/// <param name="Omitted">How many processes hold it that do not stand among <see cref="Snapshot.Holders"/>.</param>
public sealed record HolderTally(ulong Inode, int Omitted);
