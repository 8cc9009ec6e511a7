using System.Collections.Immutable;
using System.Text;
using Bindwise.Linux.Cgroups;
using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;
using Bindwise.Linux.Text;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Processes;

/// <summary>
/// Reads what /proc tells about one process. Everything is read through one open directory, which stays bound to that very process:
/// a pid that is used again cannot mix two lives in one record. Not for use by several threads at once.
/// </summary>
/// <param name="userName">Gives a user's name, null when there is none.</param>
/// <param name="root">Where procfs is mounted.</param>
internal sealed class ProcessReader(Func<uint, string?> userName, string root = "/proc")
{
    // comm may be 64 bytes (kernel workers), 52 fields of at most 21.
    private const int StatBytes = 2048;

    // "NSpid:" is among the first fifteen lines.
    private const int StatusBytes = 4096;

    private const int CgroupBytes = 32 * 1024;

    // The kernel gives a link at most one page.
    private const int LinkBytes = 4096;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(CommandLine.LimitBytes + 1);
    private readonly CgroupIds _cgroupIds = new(root);
    private readonly CgroupFreezer _freezer = new(root);
    private readonly StartClock _clock = new();

    /// <summary>Reads a process.</summary>
    /// <param name="pid">Its id, as /proc shows it.</param>
    /// <returns>Null when there is no such process, or it ended meanwhile. What may not be read stays null or empty.</returns>
    internal ProcessRecord? Read(int pid)
    {
        if (pid <= 0 || OpenAt.Open(OpenAt.WorkingDirectory, Encoding.UTF8.GetBytes($"{root}/{pid}\0"), out var directory) != Errno.None)
            return null;
        try
        {
            using var access = ForeignAccess.To(ForeignKind.Process, pid);
            if (!access.IsAllowed)
                return DescribeStuck(directory, pid);
            if (ReadStat(directory) is not { } stat)
                return null;
            var record = Describe(directory, pid, stat);
            return IsThere(directory) ? record : null;
        }
        finally
        {
            CloseDescriptor.Close(directory);
        }
    }

    /// <summary>What the files tell that wait for no lock of the process.</summary>
    private ProcessRecord? DescribeStuck(int directory, int pid)
    {
        if (ProcFile.Read(directory, "comm\0"u8, _buffer.AsSpan(0, StatBytes), out var length) != Errno.None)
            return null;
        var name = KernelText.Decode(_buffer.AsSpan(0, length).TrimEnd((byte)'\n'));
        var status = ProcFile.Read(directory, "status\0"u8, _buffer.AsSpan(0, StatusBytes), out length) == Errno.None ? ProcessStatus.Parse(_buffer.AsSpan(0, length)) : default;
        var cgroup = ReadCgroup(directory);
        return new ProcessRecord
        {
            Id = pid,
            IsStuck = true,
            Name = name,
            State = status.State ?? '?',
            ParentId = status.Parent ?? 0,
            UserId = status.User,
            UserName = status.User is { } id ? userName(id) : null,
            NamespacePid = status.InnerId is { } inner && inner != pid ? inner : null,
            Arguments = ReadCommandLine(directory, pid),
            Cgroup = cgroup.Best,
            Unit = cgroup.Paths.Select(CgroupPath.Unit).FirstOrDefault(unit => unit is not null),
            Container = cgroup.Paths.Select(CgroupPath.Container).FirstOrDefault(container => container is not null),
        };
    }

    private ProcessRecord Describe(int directory, int pid, StatLine stat)
    {
        uint? user = StatX.OfDescriptor(directory, out var status) == Errno.None ? status.UserId : null;
        var executable = ReadExecutable(directory, pid);
        var cgroup = ReadCgroup(directory);
        return new ProcessRecord
        {
            Id = pid,
            NamespacePid = ReadNamespacePid(directory),
            ParentId = stat.ParentId,
            GroupId = stat.GroupId,
            SessionId = stat.SessionId,
            Name = stat.Name,
            State = stat.State,
            Terminal = TerminalName.Of(stat.Terminal),
            IsInForeground = stat.Terminal != 0 && stat.ForegroundGroupId == stat.GroupId,
            StartTicks = stat.StartTicks,
            StartedAt = _clock.At(stat.StartTicks),
            LivingThreads = stat.IsDead ? CountLivingThreads(directory) : 0,
            Arguments = ReadCommandLine(directory, pid),
            Executable = executable?.Path,
            ExecutableDeleted = executable?.IsDeleted ?? false,
            WorkingDirectory = ReadLink(directory, "cwd\0"u8) is { } cwd ? KernelText.Decode(cwd) : null,
            UserId = user,
            UserName = user is { } id ? userName(id) : null,
            Cgroup = cgroup.Best,
            CgroupId = cgroup.Unified is { } unified ? _cgroupIds.Find(unified) : 0,
            Freeze = _freezer.Find(cgroup),
            Unit = cgroup.Paths.Select(CgroupPath.Unit).FirstOrDefault(unit => unit is not null),
            Container = cgroup.Paths.Select(CgroupPath.Container).FirstOrDefault(container => container is not null),
        };
    }

    // The directory of a process that was reaped stays open, and empty; that of a new process with the same id is another one.
    private static bool IsThere(int directory) => StatX.OfLink(directory, "stat\0"u8, out _) == Errno.None;

    private StatLine? ReadStat(int directory) => ReadStat(directory, "stat\0"u8);

    private StatLine? ReadStat(int directory, ReadOnlySpan<byte> path)
    {
        var errno = ProcFile.Read(directory, path, _buffer.AsSpan(0, StatBytes), out var length);
        return errno == Errno.None && StatLine.TryParse(_buffer.AsSpan(0, length), out var stat) ? stat : null;
    }

    private ImmutableArray<string> ReadCommandLine(int directory, int pid)
    {
        using var access = ForeignAccess.To(ForeignKind.Memory, pid);
        if (!access.IsAllowed)
            return [];
        var errno = ProcFile.Read(directory, "cmdline\0"u8, _buffer, out var length);
        var isCut = length > CommandLine.LimitBytes;
        return errno == Errno.None ? CommandLine.Parse(_buffer.AsSpan(0, Math.Min(length, CommandLine.LimitBytes)), isCut) : [];
    }

    private ExecutableLink? ReadExecutable(int directory, int pid) =>
        ReadLink(directory, "exe\0"u8) is { } link ? ExecutableLink.Resolve(pid, directory, link) : null;

    private byte[]? ReadLink(int directory, ReadOnlySpan<byte> path)
    {
        var errno = ReadLinkAt.Read(directory, path, _buffer.AsSpan(0, LinkBytes), out var length);
        return errno == Errno.None && length > 0 ? _buffer[..length] : null;
    }

    private CgroupFile ReadCgroup(int directory)
    {
        var errno = ProcFile.Read(directory, "cgroup\0"u8, _buffer.AsSpan(0, CgroupBytes), out var length);
        return CgroupFile.Parse(errno == Errno.None ? _buffer.AsSpan(0, length) : []);
    }

    private int? ReadNamespacePid(int directory)
    {
        var errno = ProcFile.Read(directory, "status\0"u8, _buffer.AsSpan(0, StatusBytes), out var length);
        return errno == Errno.None ? NamespacePids.Innermost(_buffer.AsSpan(0, length)) : null;
    }

    private int CountLivingThreads(int directory)
    {
        var threads = new List<int>();
        _ = ProcFile.ListNumbers(directory, "task\0"u8, ThreadTables.ThreadLimit, threads);
        return threads.Count(tid =>
        {
            var path = new PathWriter(stackalloc byte[PathWriter.SizeBytes]).Append("task/"u8).Append(tid).Append("/stat"u8).Terminated();
            return ReadStat(directory, path) is { IsDead: false };
        });
    }
}
