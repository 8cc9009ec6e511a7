using Bindwise.Linux.Accounts;
using Bindwise.Linux.Callers;
using Bindwise.Linux.Options;
using Bindwise.Linux.Processes;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.UnixPaths;

namespace Bindwise.Linux.Subjects;

/// <summary>
/// The program for which questions are answered, found and held: its process by a pidfd, its network namespace by a descriptor. One serves
/// any number of questions.
/// </summary>
internal sealed class SubjectProgram : IDisposable
{
    private readonly SafeFileDescriptor? _network;
    private readonly ProcessHandle? _process;
    private readonly Lazy<ProgramFolders?> _folders;

    internal SubjectProgram(Subject record, SafeFileDescriptor? network, ProcessHandle? process)
    {
        Record = record;
        _network = network;
        _process = process;
        _folders = new(() => _process is null || Record.Process is null ? null : ProgramFolders.Of(_process));
    }

    internal Subject Record { get; set; }

    /// <summary>The inode of the network namespace in which bindwise itself runs; 0 when not known.</summary>
    internal ulong CallersNetwork { get; } = NamespaceId.Of("/proc/thread-self/ns/net\0"u8)?.Inode ?? 0;

    /// <summary>Finds the program and reads what its answers stand on.</summary>
    /// <param name="asked">Which one; not the caller.</param>
    /// <exception cref="InspectionException">There is none such, or the caller may not answer for it.</exception>
    public static SubjectProgram Find(SubjectSelector asked)
    {
        if (!OperatingSystem.IsLinux())
            throw new InspectionException($"{asked} works on Linux only");
        return BoundedRun.Run(_ => new ProgramFinder(asked).Find(), CancellationToken.None);
    }

    /// <summary>Nothing that was read may be of another process that got the same number.</summary>
    /// <exception cref="InspectionException">The process has ended.</exception>
    internal void EnsureAlive() => _process?.EnsureAlive();

    /// <summary>
    /// Runs a question to its end on a thread of its own in the program's network namespace: sockets, sysctls of net, interfaces and
    /// abstract names are those of the namespace then.
    /// </summary>
    /// <exception cref="InspectionException">The namespace cannot be entered; or what the question throws.</exception>
    internal T Run<T>(Func<T> question)
    {
        EnsureAlive();
        var answer = default(T)!;
        var hasRun = IsolatedThread.TryRun("as that program", () =>
        {
            Enter();
            answer = question();
        });
        if (!hasRun)
            throw new InspectionException("this process cannot start another thread (ulimit -u)");
        EnsureAlive();
        return answer;
    }

    /// <summary>Begins a span with the program's user and rights, as far as they matter to bind().</summary>
    /// <param name="obstacle">Why a probe would not be answered as the program is, one clause; null when it would.</param>
    internal CredentialScope Begin(BindRequest request, out string? obstacle)
    {
        var wanted = Record.Capabilities ?? 0;
        var capabilities = wanted & (1UL << CapabilityCall.NetworkRaw);
        if (Record.MayBindPrivilegedPorts == Fact.Yes)
            capabilities |= 1UL << CapabilityCall.BindService;
        var rights = CredentialScope.Begin(Record.UserId, capabilities, null, out obstacle);
        if (obstacle is null && Record.MayBindPrivilegedPorts == Fact.Yes && request.Port is > 0 and < 1024 && !HasBindService())
            obstacle = "this run of bindwise itself may not bind privileged ports";
        return rights;
    }

    /// <summary>Looks at a path as it leads from the program's mounts, root and working folder.</summary>
    /// <returns>Why that cannot be done, one clause, and nothing was; null when it was.</returns>
    internal string? Inspect(string path, Action inspect)
    {
        if (path is not ['@', ..] && Folders is { } folders)
            return folders.Inspect(inspect);
        inspect();
        return null;
    }

    /// <summary>Begins a span in which folders are open to this thread as they are to the program.</summary>
    /// <param name="obstacle">Why they are not, one clause; null when they are.</param>
    internal CredentialScope BeginInFolders(out string? obstacle)
    {
        // CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH.
        const ulong OverFiles = (1 << 1) | (1 << 2);
        if (!Record.IsUserTold)
        {
            obstacle = null;
            return default;
        }
        var status = _process is not null && Record.Process is not null && Record.Unit is null ? _process.ReadStatus() : default;
        var groups = status is { Group: { } group, Groups: { } others } ? new GroupList(group, others) : GroupList.OfUser(Record.UserId);
        return CredentialScope.Begin(Record.UserId, (Record.Capabilities ?? 0) & OverFiles, groups, out obstacle);
    }

    /// <summary>Its own mounts, root and working folder; null where it runs with those of bindwise, or no process was asked for.</summary>
    internal ProgramFolders? Folders => _folders.Value;

    public void Dispose()
    {
        if (_folders.IsValueCreated)
            _folders.Value?.Dispose();
        _network?.Dispose();
        _process?.Dispose();
    }

    private static bool HasBindService() =>
        CapabilityCall.Effective(out var own) == Errno.None && (own >> CapabilityCall.BindService & 1) != 0;

    private void Enter()
    {
        if (Record.IsFreshNetwork)
        {
            FreshNetwork.Enter();
            return;
        }
        if (_network is null)
            return;
        var errno = NetworkNamespaceCall.Enter(_network);
        if (errno != Errno.None)
        {
            throw new InspectionException(errno == Errno.EPERM
                ? $"entering the network namespace of {Record.NetworkName} needs root (CAP_SYS_ADMIN there and here)"
                : $"the network namespace of {Record.NetworkName} cannot be entered: {errno}");
        }
    }
}

/// <summary>What stands at a UNIX path, looked at with the user and the groups of another program.</summary>
internal static class SubjectPath
{
    /// <summary>Looks; what could not be done as the program is noted in the snapshot's <see cref="Subject.Notes"/>.</summary>
    internal static Snapshot Read(Snapshot snapshot, SubjectProgram? program, string path, out UnixFileId file)
    {
        if (program is null || snapshot.Caller.As is not { } record)
            return snapshot with { UnixPath = UnixPathReader.Read(path, out file) };
        var (found, id, notes) = ((UnixPathRecord?)null, default(UnixFileId), record.Notes);
        var unseen = program.Inspect(path, () =>
        {
            using var rights = program.BeginInFolders(out var obstacle);
            found = UnixPathReader.Read(path, out id) with
            {
                IsInOtherMounts = program.Folders is { HasOtherMounts: true },
                IsInOtherFolder = program.Folders is not null && path is not ['/', ..],
            };
            if (obstacle is not null)
                notes = notes.Add($"bindwise judged by its own rights what the program may do in the folder: {obstacle}.");
        });
        file = id;
        if (unseen is not null)
            notes = notes.Add($"The program has its own mounts or its own root, where bindwise cannot look at the path: {unseen}.");
        return snapshot with { UnixPath = found, Caller = snapshot.Caller with { As = record with { Notes = notes } } };
    }
}

/// <summary>
/// On which sockets a program listens already, with their options: the best that can be known of how it will bind the next one. Reads the
/// calling thread's network namespace.
/// </summary>
internal static class ProgramListeners
{
    private const int Limit = 16;

    /// <summary>Reads them; empty where the table cannot be read, or the descriptors of the processes may not.</summary>
    /// <param name="processes">The program's processes, the main one first.</param>
    internal static ImmutableArray<HeldSocket> Read(IEnumerable<int> processes)
    {
        var listeners = new List<HeldSocket>();
        using (var table = SockDiagClient.TryOpen())
        {
            if (table?.ReadListeners(port: null, listeners) is null or { Status: Netlink.DumpStatus.Failed } || listeners.Count == 0)
                return [];
        }
        using var directory = OpenAt.TryOpen("/proc\0"u8);
        if (directory is null)
            return [];
        var walk = new DescriptorWalk(directory.Number, new InodeSet(listeners.Select(static socket => socket.Inode)));
        foreach (var pid in processes)
            walk.Walk(pid);
        var holders = walk.Found.ToLookup(static holder => holder.Inode);
        return
        [
            .. listeners.Where(socket => holders.Contains(socket.Inode)).Take(Limit)
                .Select(socket => SocketOptionReader.ReadFromAny(socket, holders[socket.Inode])),
        ];
    }
}
