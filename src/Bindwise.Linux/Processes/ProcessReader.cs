using Bindwise.Linux.Cgroups;
using Bindwise.Linux.Text;

namespace Bindwise.Linux.Processes;

/// <summary>
/// Reads what /proc tells about one process. Everything is read through one open directory, which stays bound to that very process:
/// a pid that is used again cannot mix two lives in one record. Not for use by several threads at once.
/// </summary>
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
    private readonly CgroupTree _cgroups = new(new CgroupMounts(root));
    private readonly StartClock _clock = new();
    private byte[]? _ownPidNamespace;

    // Processes that stand one after the other often share theirs: workers, a shell's jobs, a container's processes.
    private CgroupMembership? _membership;
    private byte[] _membershipBytes = [];

    /// <param name="pid">Its id, as /proc shows it.</param>
    /// <returns>Null when there is no such process, or it ended meanwhile. What may not be read stays null or empty.</returns>
    internal ProcessRecord? Read(int pid)
    {
        if (pid <= 0 || OpenAt.Open(OpenAt.WorkingDirectory, PathOf(pid), out var directory) != Errno.None)
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

    /// <summary>What a process may share with others.</summary>
    /// <returns>Null when there is no such process, or it may not be looked at.</returns>
    internal ProcessPlaces? ReadPlaces(int pid)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        if (!access.IsAllowed || OpenAt.Open(OpenAt.WorkingDirectory, PathOf(pid), out var directory) != Errno.None)
            return null;
        try
        {
            return new ProcessPlaces(ReadExecutable(directory, pid), ReadFolder(directory), ReadCgroup(directory));
        }
        finally
        {
            CloseDescriptor.Close(directory);
        }
    }

    /// <summary>The command line alone; empty when there is no such process.</summary>
    internal ImmutableArray<string> ReadCommandLine(int pid)
    {
        if (OpenAt.Open(OpenAt.WorkingDirectory, PathOf(pid), out var directory) != Errno.None)
            return [];
        try
        {
            return ReadCommandLine(directory, pid);
        }
        finally
        {
            CloseDescriptor.Close(directory);
        }
    }

    private byte[] PathOf(int pid) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{root}/{pid}\0"));

    /// <summary>What the files tell that wait for no lock of the process.</summary>
    private ProcessRecord? DescribeStuck(int directory, int pid)
    {
        if (SmallFile.ReadOnce(directory, "comm\0"u8, _buffer.AsSpan(0, StatBytes), out var length) != Errno.None)
            return null;
        var name = KernelText.Decode(_buffer.AsSpan(0, length).TrimEnd((byte)'\n'));
        var status = SmallFile.ReadOnce(directory, "status\0"u8, _buffer.AsSpan(0, StatusBytes), out length) == Errno.None
            ? ProcessStatus.Parse(_buffer.AsSpan(0, length)) : default;
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
            Cgroup = cgroup.Path,
            Unit = cgroup.Unit,
            Container = cgroup.Container,
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
            Tracer = stat.State == 't' ? ReadTracer(directory) : null,
            Terminal = TerminalName.Of(stat.Terminal),
            IsInForeground = stat.Terminal != 0 && stat.ForegroundGroupId == stat.GroupId,
            StartTicks = stat.StartTicks,
            HasReapedChildren = stat.HasReapedChildren,
            StartedAt = _clock.At(stat.StartTicks),
            LivingThreads = stat.IsDead ? CountLivingThreads(directory) : 0,
            Arguments = ReadCommandLine(directory, pid),
            Executable = executable?.Path,
            ExecutableDeleted = executable?.IsDeleted ?? false,
            WorkingDirectory = ReadFolder(directory),
            UserId = user,
            UserName = user is { } id ? userName(id) : null,
            Cgroup = cgroup.Path,
            CgroupId = cgroup.Id,
            Freeze = cgroup.Freeze,
            Unit = cgroup.Unit,
            Container = cgroup.Container,
        };
    }

    // The directory of a process that was reaped stays open, and empty; that of a new process with the same id is another one.
    private static bool IsThere(int directory) => StatX.OfLink(directory, "stat\0"u8, out _) == Errno.None;

    private StatLine? ReadStat(int directory) => ReadStat(directory, "stat\0"u8);

    private StatLine? ReadStat(int directory, ReadOnlySpan<byte> path)
    {
        var errno = SmallFile.ReadOnce(directory, path, _buffer.AsSpan(0, StatBytes), out var length);
        return errno == Errno.None && StatLine.TryParse(_buffer.AsSpan(0, length), out var stat) ? stat : null;
    }

    private ImmutableArray<string> ReadCommandLine(int directory, int pid)
    {
        using var access = ForeignAccess.To(ForeignKind.Memory, pid);
        if (!access.IsAllowed)
            return [];
        var errno = SmallFile.ReadOnce(directory, "cmdline\0"u8, _buffer, out var length);
        var isCut = length > CommandLine.LimitBytes;
        return errno == Errno.None ? CommandLine.Parse(_buffer.AsSpan(0, Math.Min(length, CommandLine.LimitBytes)), isCut) : [];
    }

    private ExecutableLink? ReadExecutable(int directory, int pid) =>
        ReadLink(directory, "exe\0"u8) is { } link ? ExecutableLink.Resolve(pid, directory, link) : null;

    private string? ReadFolder(int directory) => ReadLink(directory, "cwd\0"u8) is { } cwd ? KernelText.Decode(cwd) : null;

    private byte[]? ReadLink(int directory, ReadOnlySpan<byte> path)
    {
        var errno = ReadLinkAt.Read(directory, path, _buffer.AsSpan(0, LinkBytes), out var length);
        return errno == Errno.None && length > 0 ? _buffer[..length] : null;
    }

    private CgroupMembership ReadCgroup(int directory)
    {
        var errno = SmallFile.ReadOnce(directory, "cgroup\0"u8, _buffer.AsSpan(0, CgroupBytes), out var length);
        var bytes = errno == Errno.None ? _buffer.AsSpan(0, length) : [];
        if (_membership is not null && bytes.SequenceEqual(_membershipBytes))
            return _membership;
        var groups = CgroupFile.Parse(bytes);
        _membershipBytes = bytes.ToArray();
        return _membership = new CgroupMembership(groups.Best, groups.Unified is { } unified ? _cgroups.Ids.Find(unified) : 0,
            _cgroups.Freezer.Find(groups), _cgroups.Names.UnitOf(groups), _cgroups.Names.ContainerOf(groups));
    }

    private int? ReadNamespacePid(int directory)
    {
        // The link costs a third of the file, but only who may trace the process may read it.
        if (ReadLink(directory, "ns/pid\0"u8) is { } link && (_ownPidNamespace ??= ReadOwnPidNamespace()).AsSpan().SequenceEqual(link))
            return null;
        var errno = SmallFile.ReadOnce(directory, "status\0"u8, _buffer.AsSpan(0, StatusBytes), out var length);
        return errno == Errno.None && ProcessStatus.TryFindIds(_buffer.AsSpan(0, length), out _, out var inner) ? inner : null;
    }

    private TracerRecord? ReadTracer(int directory)
    {
        if (SmallFile.ReadOnce(directory, "status\0"u8, _buffer.AsSpan(0, StatusBytes), out var length) != Errno.None
            || ProcessStatus.FindTracer(_buffer.AsSpan(0, length)) is not { } tracer)
            return null;
        using var there = OpenAt.TryOpen(PathOf(tracer));
        return there is not null && ReadStat(there.Number) is { } stat ? new TracerRecord(tracer, stat.Name) : null;
    }

    private byte[] ReadOwnPidNamespace() =>
        ReadLinkAt.Read(OpenAt.WorkingDirectory, Encoding.UTF8.GetBytes(root + "/self/ns/pid\0"), _buffer.AsSpan(0, LinkBytes),
            out var length) == Errno.None ? _buffer[..length] : [];

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

/// <summary>What the control groups of a process tell.</summary>
internal sealed record CgroupMembership(string? Path, ulong Id, CgroupFreeze? Freeze, string? Unit, string? Container);

/// <summary>What processes may share: what they run, where, and in which control groups.</summary>
internal sealed record ProcessPlaces(ExecutableLink? Executable, string? WorkingDirectory, CgroupMembership Cgroups);

/// <summary>Turns "clock ticks since boot" into a date.</summary>
internal sealed class StartClock
{
    private readonly Lazy<DateTimeOffset?> _boot = new(ReadBoot);

    /// <returns>In UTC, exact to a clock tick (10 ms); null when the clock cannot be read or the date is impossible.</returns>
    internal DateTimeOffset? At(ulong ticks)
    {
        var limit = (ulong)TimeSpan.FromDays(365 * 100).TotalSeconds * (ulong)ClockTicks.PerSecond;
        return _boot.Value is { } boot && ticks < limit
            ? boot.AddTicks((long)ticks * (TimeSpan.TicksPerSecond / ClockTicks.PerSecond))
            : null;
    }

    // The two clocks differ by a constant as long as nobody sets the time, so the date of a process is the same in every run.
    // btime of /proc/stat would tell it to the second only, and costs a file that grows with the machine.
    private static DateTimeOffset? ReadBoot()
    {
        var boot = 0L;
        // What interrupts the program between the two would shift the date.
        for (var tries = 0; tries < 10; tries++)
        {
            if (ClockCall.SinceBoot() is not { } sinceBoot)
                return null;
            boot = DateTimeOffset.UtcNow.Ticks - sinceBoot.Ticks;
            if (ClockCall.SinceBoot() - sinceBoot < TimeSpan.FromMilliseconds(1))
                break;
        }
        var tick = TimeSpan.TicksPerSecond / ClockTicks.PerSecond;
        return boot > 0 ? new DateTimeOffset((boot + (tick / 2)) / tick * tick, TimeSpan.Zero) : null;
    }
}

/// <summary>
/// The name of a terminal by its device number, as tty_nr of /proc/PID/stat gives it (proc_pid_stat(5): minor in bits 31 to 20 and 7 to 0,
/// major in bits 15 to 8), by Documentation/admin-guide/devices.txt.
/// </summary>
internal static class TerminalName
{
    private const int Consoles = 4;
    private const int FirstSerial = 64;
    private const int FirstPseudo = 136;
    private const int LastPseudo = 143;

    /// <summary><c>pts/3</c>, <c>tty1</c>, <c>ttyS0</c>; null for none and for others.</summary>
    internal static string? Of(int device)
    {
        var number = unchecked((uint)device);
        var major = (number >> 8) & 0xff;
        var minor = (number & 0xff) | ((number >> 20) << 8);
        return major switch
        {
            Consoles when minor >= FirstSerial => string.Create(CultureInfo.InvariantCulture, $"ttyS{minor - FirstSerial}"),
            Consoles => string.Create(CultureInfo.InvariantCulture, $"tty{minor}"),
            >= FirstPseudo and <= LastPseudo => string.Create(CultureInfo.InvariantCulture, $"pts/{((major - FirstPseudo) << 8) + minor}"),
            _ => null,
        };
    }
}
