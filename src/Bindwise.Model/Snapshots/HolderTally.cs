namespace Bindwise.Model.Snapshots;

/// <summary>Descriptors of a socket that are not listed one by one: of a thousand connections with hundreds of holders each a sample says as much.</summary>
/// <param name="Inode">The socket's inode.</param>
/// <param name="Omitted">How many of its descriptors do not stand among <see cref="Snapshot.Holders"/>.</param>
public sealed record HolderTally(ulong Inode, int Omitted);
