using Bindwise.Linux.Text;

namespace Bindwise.Linux.Cgroups;

/// <summary>The file /proc/PID/cgroup: one line a hierarchy, <c>number:controllers:path</c> (cgroups(7)).</summary>
/// <param name="Unified">The path in the unified hierarchy (v2); null where there is none.</param>
/// <param name="Named">The path in systemd's own hierarchy of v1; null where there is none.</param>
/// <param name="Others">The paths in the other hierarchies of v1.</param>
internal sealed record CgroupFile(string? Unified, string? Named, ImmutableArray<string> Others)
{
    /// <summary>The path in the freezer's hierarchy of v1; null where there is none.</summary>
    internal string? Freezer { get; private init; }

    /// <summary>
    /// The path that tells most: v2's, unless the process sits at its root and systemd's hierarchy knows more (hybrid systems).
    /// </summary>
    internal string? Best => Unified is null or "/" ? Named is null or "/" ? Unified ?? Named : Named : Unified;

    /// <summary>All paths, the one that tells most first.</summary>
    internal IEnumerable<string> Paths => new[] { Best, Unified, Named }.OfType<string>().Concat(Others).Distinct(StringComparer.Ordinal);

    /// <summary>Reads the lines; those that have another form are left out.</summary>
    internal static CgroupFile Parse(ReadOnlySpan<byte> bytes)
    {
        string? unified = null, named = null, freezer = null;
        var others = ImmutableArray.CreateBuilder<string>();
        foreach (var range in bytes.Split((byte)'\n'))
        {
            var line = bytes[range];
            var first = line.IndexOf((byte)':');
            var second = first < 0 ? -1 : line[(first + 1)..].IndexOf((byte)':');
            if (second < 0)
                continue;
            var controllers = line.Slice(first + 1, second);
            var path = line[(first + second + 2)..];
            if (path.IsEmpty || path[0] != (byte)'/')
                continue;

            var text = KernelText.Decode(path);
            if (controllers.IsEmpty)
                unified ??= text;
            else if (controllers.SequenceEqual("name=systemd"u8))
                named ??= text;
            else
            {
                others.Add(text);
                if (HasFreezer(controllers))
                    freezer ??= text;
            }
        }

        return new CgroupFile(unified, named, others.DrainToImmutable()) { Freezer = freezer };
    }

    private static bool HasFreezer(ReadOnlySpan<byte> controllers)
    {
        foreach (var range in controllers.Split((byte)','))
        {
            if (controllers[range].SequenceEqual("freezer"u8))
                return true;
        }
        return false;
    }
}

/// <summary>The processes of a unit or a container, found by the cgroups of all processes.</summary>
internal static class CgroupMembers
{
    private const int CgroupBytes = 8 * 1024;

    /// <summary>The processes whose cgroup a question says yes to.</summary>
    internal static List<int> Find(Func<CgroupFile, bool> isWanted, string root = "/proc")
    {
        var found = new List<int>();
        Visit((pid, file) =>
        {
            if (isWanted(file))
                found.Add(pid);
        }, root);
        return found;
    }

    internal static void Visit(Action<int, CgroupFile> visit, string root = "/proc")
    {
        using var directory = OpenAt.TryOpen(System.Text.Encoding.UTF8.GetBytes(root + '\0'));
        if (directory is null)
            return;
        var pids = new List<int>();
        _ = ProcFile.ListNumbers(directory.Number, ".\0"u8, ProcFile.ProcessLimit, pids);
        var buffer = new byte[CgroupBytes];
        foreach (var pid in pids)
        {
            if (TryRead(directory.Number, pid, buffer, out var length))
                visit(pid, CgroupFile.Parse(buffer.AsSpan(0, length)));
        }
    }

    private static bool TryRead(int directory, int pid, byte[] buffer, out int length)
    {
        length = 0;
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append(pid).Append("/cgroup"u8).Terminated();
        return access.IsAllowed && SmallFile.Read(directory, path, buffer, out length) == Errno.None;
    }
}

/// <summary>
/// Whether a control group is frozen, itself or by one above it: cgroup.events and cgroup.freeze (Documentation/admin-guide/cgroup-v2.rst),
/// freezer.state of v1 (Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst).
/// </summary>
internal sealed class CgroupFreezer(CgroupMounts mounts)
{
    private const int FileBytes = 256;
    private const int MaximumDepth = 64;

    private readonly Dictionary<(string Path, bool IsVersion1), CgroupFreeze?> _known = [];

    /// <summary>What freezes a process; null when nothing does, or it cannot be read.</summary>
    internal CgroupFreeze? Find(CgroupFile groups) => Find(groups.Unified, isVersion1: false) ?? Find(groups.Freezer, isVersion1: true);

    private CgroupFreeze? Find(string? path, bool isVersion1)
    {
        // The top of a hierarchy cannot be frozen.
        if (path is null or "/")
            return null;
        if (_known.TryGetValue((path, isVersion1), out var known))
            return known;
        return _known[(path, isVersion1)] = Read(path, isVersion1);
    }

    private CgroupFreeze? Read(string path, bool isVersion1)
    {
        if ((isVersion1 ? mounts.Freezer : mounts.Unified) is not { } mount || CgroupMounts.Below(mount.Root, path) is not { } below)
            return null;
        var (state, frozen) = isVersion1 ? ("freezer.state", "FROZEN") : ("cgroup.events", "frozen 1");
        if (!Lines(mount, below, state).Contains(frozen, StringComparer.Ordinal))
            return null;
        var (file, on) = isVersion1 ? ("freezer.self_freezing", "1") : ("cgroup.freeze", "1");
        var freezing = CgroupPath.Levels(path, below).Take(MaximumDepth)
            .Where(level => Lines(mount, level.Below, file).Contains(on, StringComparer.Ordinal)).ToList();
        var written = isVersion1 ? "freezer.state" : "cgroup.freeze";
        return new CgroupFreeze
        {
            // Above what is mounted here: the group is told, and no file.
            Path = freezing.Count == 0 ? path : freezing[0].Path,
            Files = [.. freezing.Select(level => $"{KernelText.Decode(mount.Point)}{level.Below.TrimEnd('/')}/{written}")],
            IsVersion1 = isVersion1,
        };
    }

    private static string[] Lines(MountInfo mount, string below, string file)
    {
        byte[] path = [.. mount.Point, .. Encoding.UTF8.GetBytes($"{below.TrimEnd('/')}/{file}"), 0];
        return ProcFile.ReadAll(OpenAt.WorkingDirectory, path, FileBytes, out var bytes) == Errno.None
            ? KernelText.Decode(bytes).Split('\n') : [];
    }
}
