using System.Collections.Immutable;
using Bindwise.Linux.Native;
using Bindwise.Linux.Options;
using Bindwise.Linux.Processes;
using Bindwise.Linux.SockDiag;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.Subjects;

/// <summary>
/// On which sockets a program listens already, with their options: the best that can be known of how it will bind the next one. Reads the
/// calling thread's network namespace.
/// </summary>
internal static class ProgramListeners
{
    /// <summary>The most that are told.</summary>
    private const int Limit = 16;

    /// <summary>Reads them; empty where the table cannot be read, or the descriptors of the processes may not.</summary>
    /// <param name="processes">The program's processes, the main one first.</param>
    internal static ImmutableArray<HeldSocket> Read(IEnumerable<int> processes)
    {
        if (SockDiagClient.TryOpen(out var table) != Errno.None || table is null)
            return [];
        var listeners = new List<HeldSocket>();
        using (table)
        {
            if (table.ReadEveryListener(listeners).Status == Netlink.DumpStatus.Failed || listeners.Count == 0)
                return [];
        }
        if (OpenAt.Open(OpenAt.WorkingDirectory, "/proc\0"u8, out var directory) != Errno.None)
            return [];
        try
        {
            var walk = new DescriptorWalk(directory, new InodeSet(listeners.Select(static socket => socket.Inode)));
            foreach (var pid in processes)
                walk.Walk(pid);
            var holders = walk.Found.ToLookup(static holder => holder.Inode);
            return
            [
                .. listeners.Where(socket => holders.Contains(socket.Inode)).Take(Limit)
                    .Select(socket => SocketOptionReader.ReadFromAny(socket, holders[socket.Inode])),
            ];
        }
        finally
        {
            CloseDescriptor.Close(directory);
        }
    }
}
