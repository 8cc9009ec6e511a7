namespace Bindwise.Diagnostics;

/// <param name="Inode">The socket's inode (<see cref="HeldSocket.Inode"/>).</param>
/// <param name="Descriptor">The descriptor's number; of a ring that it is registered with the ring's, in flight that of the receiving end,
/// of a system call the number that the call was given, and -1 for a mapping, for a request, where it is only announced, and of a record,
/// which does not keep it.</param>
/// <param name="CloseOnExec">FD_CLOEXEC; null when not read.</param>
/// <param name="ThreadId">The thread whose own table holds it, when the process's does not show it, or whose system call does; else
/// null.</param>
internal sealed record Holder(
    ulong Inode, int ProcessId, int Descriptor, bool? CloseOnExec = null, int? ThreadId = null, HoldingWay Way = HoldingWay.Descriptor)
{
    /// <summary>The system call that holds it, as <c>accept4</c>; null for another way, and where its name is not known.</summary>
    public string? Call { get; init; }

    /// <summary>
    /// Nothing names the socket: the process uses a file whose descriptor is closed, and the socket fits what it does there. False: seen.
    /// </summary>
    public bool IsInferred { get; init; }

    /// <summary>The descriptor stands for the socket itself, in a process's or a thread's table.</summary>
    public bool IsOwnDescriptor => Descriptor >= 0 && Way is HoldingWay.Descriptor or HoldingWay.ThreadTable;

    /// <summary>The sockets that are held, each once.</summary>
    public static HashSet<ulong> InodesOf(IReadOnlyCollection<Holder> holders)
    {
        var inodes = new HashSet<ulong>(holders.Count);
        foreach (var holder in holders)
            inodes.Add(holder.Inode);
        return inodes;
    }
}

/// <summary>
/// Processes that hold a socket and are not listed: of a thousand connections with hundreds of holders each a sample says as much.
/// </summary>
/// <param name="Omitted">How many processes hold it that do not stand among <see cref="Snapshot.Holders"/>.</param>
internal sealed record HolderTally(ulong Inode, int Omitted);
