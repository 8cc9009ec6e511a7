using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Model.Listing;

/// <summary>
/// Tells which sockets of one port belong to one server: those that a process shares with another, and those of processes that one program
/// forked (a pre-fork server's workers with SO_REUSEPORT). Of sockets without a visible process those of one user and cgroup count as one.
/// </summary>
internal sealed class ServerGroups(OwnerIndex owners)
{
    private const int MaximumDepth = 16;

    private readonly Dictionary<int, int> _families = [];

    private readonly record struct Key(int Family, uint User, ulong Cgroup);

    /// <summary>The sockets of one port by server, in the order of their first sockets.</summary>
    public IEnumerable<IReadOnlyList<HeldSocket>> Of(IReadOnlyList<HeldSocket> sockets)
    {
        if (sockets.Count == 1)
            return [sockets];
        var groupOf = new int[sockets.Count];
        var known = new Dictionary<Key, int>();
        for (var i = 0; i < sockets.Count; i++)
        {
            groupOf[i] = i;
            foreach (var key in KeysOf(sockets[i]))
            {
                if (known.TryGetValue(key, out var other))
                    groupOf[RootOf(groupOf, i)] = RootOf(groupOf, other);
                else
                    known.Add(key, i);
            }
        }
        return Enumerable.Range(0, sockets.Count).GroupBy(i => RootOf(groupOf, i))
            .Select(group => (IReadOnlyList<HeldSocket>)[.. group.Select(i => sockets[i])]);
    }

    private IEnumerable<Key> KeysOf(HeldSocket socket)
    {
        var holders = owners.OwnersOf(socket.Inode);
        return holders.IsEmpty ? [new Key(0, socket.UserId ?? uint.MaxValue, socket.CgroupId)]
            : holders.Select(owner => new Key(FamilyOf(owner.Process), 0, 0));
    }

    /// <summary>The topmost process above that runs the same program and script: what forked it.</summary>
    private int FamilyOf(ProcessRecord process)
    {
        if (_families.TryGetValue(process.Id, out var known))
            return known;
        var top = process;
        var name = ProcessNames.Plain(process);
        for (var depth = 0; depth < MaximumDepth && top.Executable is not null; depth++)
        {
            if (owners.ProcessOf(top.ParentId) is not { } parent || parent.Executable != top.Executable
                || ProcessNames.Plain(parent) != name)
                break;
            top = parent;
        }
        _families.Add(process.Id, top.Id);
        return top.Id;
    }

    private static int RootOf(int[] groupOf, int socket)
    {
        while (groupOf[socket] != socket)
        {
            groupOf[socket] = groupOf[groupOf[socket]];
            socket = groupOf[socket];
        }
        return socket;
    }
}
