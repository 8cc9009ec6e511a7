using Bindwise.Linux.Accounts;
using Bindwise.Linux.Cgroups;
using Bindwise.Linux.Text;

namespace Bindwise.Linux.Processes;

/// <summary>
/// Names the user and the cgroup that sock_diag tells of a socket (uid, INET_DIAG_CGROUP_ID): hints at who made it, for sockets of which
/// no holder was found. The cgroup is found by its id among the directories below the cgroup2 mount, which every user may list.
/// </summary>
internal sealed class CreatorHints(Func<uint, string?> userName, string procRoot = "/proc")
{
    /// <summary>The most directories that are listed: some 50 ms.</summary>
    internal const int DirectoryLimit = 4096;

    private const int HintLimit = 16;
    private const int EntriesBytes = 32 * 1024;

    // PATH_MAX less the mount's own.
    private const int PathLimitBytes = 3072;

    // The root of the hierarchy says nothing; where cgroup v2 is not in use every socket bears it.
    private const ulong RootCgroup = 1;

    private readonly CgroupTree _cgroups = new(new CgroupMounts(procRoot));
    private UserMap? _users;
    private readonly byte[] _entries = GC.AllocateUninitializedArray<byte>(EntriesBytes, pinned: true);

    /// <summary>The hints at the sockets that no holder was found of.</summary>
    internal ImmutableArray<CreatorHint> Of(IEnumerable<HeldSocket> sockets)
    {
        var asked = sockets.Where(static s => s.Inode != 0).DistinctBy(static s => s.Inode).Take(HintLimit)
            .ToList();
        if (asked.Count == 0)
            return [];
        var paths = FindCgroups([.. asked.Select(static s => s.CgroupId).Where(static id => id > RootCgroup)]);
        return [.. asked.Select(s => Of(s, paths.GetValueOrDefault(s.CgroupId)))];
    }

    /// <summary>The user alone, without the cgroup.</summary>
    internal CreatorHint OfUser(HeldSocket socket) => Of(socket, null);

    private CreatorHint Of(HeldSocket socket, string? cgroup) => new()
    {
        Inode = socket.Inode,
        UserName = socket.UserId is { } user && !IsOutside(user) ? userName(user) : null,
        IsOutsideUser = socket.UserId is { } id && IsOutside(id),
        Cgroup = cgroup,
        Unit = cgroup is null ? null : CgroupPath.Unit(_cgroups.Names.Meant(cgroup)),
        Container = cgroup is null ? null : CgroupPath.Container(_cgroups.Names.Meant(cgroup)),
    };

    private bool IsOutside(uint user) => (_users ??= UserMap.Read(procRoot)).IsOutside(user);

    private Dictionary<ulong, string> FindCgroups(HashSet<ulong> ids)
    {
        var found = new Dictionary<ulong, string>();
        if (ids.Count == 0 || _cgroups.Mounts.Unified is not { } mount)
            return found;
        var waiting = new Queue<byte[]>([[]]);
        for (var listed = 0; listed < DirectoryLimit && found.Count < ids.Count && waiting.TryDequeue(out var at); listed++)
            ListBelow(mount, at, waiting, ids, found);
        return found;
    }

    private void ListBelow(MountInfo mount, byte[] at, Queue<byte[]> waiting, HashSet<ulong> ids, Dictionary<ulong, string> found)
    {
        using var directory = OpenAt.TryOpen([.. mount.Point, .. at, 0]);
        if (directory is null)
            return;
        while (GetDents.Read(directory.Number, _entries, out var length) == Errno.None && length > 0)
        {
            var entries = new DirectoryEntries(_entries.AsSpan(0, length));
            while (entries.TryNext(out var name))
            {
                if (!entries.IsDirectory || name is [(byte)'.', 0] or [(byte)'.', (byte)'.', 0])
                    continue;
                byte[] below = [.. at, (byte)'/', .. name[..^1]];
                if (below.Length < PathLimitBytes)
                    waiting.Enqueue(below);
                if (ids.Contains(entries.Inode))
                    found[entries.Inode] = (mount.Root == "/" ? "" : mount.Root) + KernelText.Decode(below);
            }
        }
    }
}
