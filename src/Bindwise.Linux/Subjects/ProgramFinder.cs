using Bindwise.Linux.Accounts;
using Bindwise.Linux.Callers;
using Bindwise.Linux.Cgroups;
using Bindwise.Linux.Containers;
using Bindwise.Linux.Processes;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Runtimes;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Subjects;

/// <summary>From what was asked to a program: its user and capabilities, its network namespace, its process.</summary>
internal sealed class ProgramFinder(SubjectSelector asked)
{
    private readonly UserNames _names = new();

    /// <exception cref="InspectionException">There is none such.</exception>
    internal SubjectProgram Find() => asked switch
    {
        { Process: { } text } => OfProcess(ProcessIdOf(text, "--pid")),
        { Unit: { } unit } => new UnitProgram(asked, _names).Find(unit),
        { Container: { } container } => OfContainer(container),
        _ => OfUserAndNetwork(),
    };

    private SubjectProgram OfUserAndNetwork()
    {
        var user = asked.User is { } requested ? UserOf(requested) : EffectiveIds.User();
        ulong? capabilities = asked.User is not null ? user == 0 ? CapabilityCall.Every : 0
            : CapabilityCall.Effective(out var own) == Errno.None ? own : null;
        var record = new Subject
        {
            Asked = asked.ToString(),
            UserId = user,
            UserName = _names.Find(user),
            IsUserTold = asked.User is not null,
            Capabilities = capabilities
        };
        if (asked.Network is not { } network)
            return Complete(record, null, UserHome.OfCaller, null);
        ProcessHandle? process = null;
        SafeFileDescriptor? file = null;
        try
        {
            if (NetworkFile.IsProcessId(network, out var id) && !IsTheName(network, id))
            {
                process = ProcessHandle.Open(id);
                file = OpenNetwork(process);
                record = record with { NetworkName = "pid " + network, NetworkPath = PathOf(id), NetworkProcess = ReadProcess(process) };
            }
            else
            {
                file = NetworkFile.Open(network, out var path);
                record = record with { NetworkName = network, NetworkPath = path };
            }
            return Complete(record, file, UserHome.OfCaller, process);
        }
        catch (InspectionException)
        {
            file?.Dispose();
            process?.Dispose();
            throw;
        }
    }

    /// <summary>A user in a network namespace of which a file is open already, and by which nobody else could ask.</summary>
    internal static SubjectProgram OfNetwork(uint user, SafeFileDescriptor network, string name) => Complete(
        new Subject
        {
            Asked = name,
            UserId = user,
            UserName = new UserNames().Find(user),
            IsUserTold = true,
            Capabilities = user == 0 ? CapabilityCall.Every : 0,
            NetworkName = name,
        },
        network, UserHome.OfCaller, null);

    private SubjectProgram OfContainer(string text)
    {
        var (container, name, processes) = ContainerPrograms.Find(text);
        return OfProcess(MainProcess.Among(processes, _names), record => record with { Container = container, ContainerName = name });
    }

    private SubjectProgram OfProcess(int id, Func<Subject, Subject>? complete = null)
    {
        var thread = asked.Thread == id ? null : asked.Thread;
        var process = ProcessHandle.Open(id, thread);
        SafeFileDescriptor? network = null;
        try
        {
            var status = process.ReadStatus();
            var described = ReadProcess(process);
            if (status.User is not { } user)
                throw new InspectionException(NotShown(id));
            network = OpenNetworkOrOwn(process);
            var record = new Subject
            {
                Asked = asked.ToString(),
                UserId = user,
                UserName = _names.Find(user),
                IsUserTold = true,
                Capabilities = status.EffectiveCapabilities,
                Process = described,
                Container = described.Container,
                NetworkName = "pid " + id.ToString(CultureInfo.InvariantCulture),
                NetworkPath = network is null ? null : process.Folder + "/ns/net",
            };
            record = complete is null ? record : complete(record);
            var program = Complete(record, network, HomeOf(process), process);
            // Of a process that ends, and of one thread, no number tells who asks again.
            if (thread is not null || (asked.IsEnding && !program.Record.IsOtherNetwork))
            {
                var again = new SubjectSelector { User = $"{user}", Network = program.Record.NetworkPath };
                program.Record = program.Record with { Asked = again.ToString() };
            }
            return WithListeners(program, [id]);
        }
        catch (InspectionException)
        {
            network?.Dispose();
            using (process)
            {
                // Of one that ended meanwhile /proc shows nothing: that is the reason to tell.
                process.EnsureAlive();
            }
            throw;
        }
    }

    /// <summary>
    /// Adds what follows from all that was found: the namespace's number, and whether privileged ports may be bound there.
    /// </summary>
    internal static SubjectProgram Complete(Subject record, SafeFileDescriptor? network, UserHome? home, ProcessHandle? process)
    {
        var errno = NamespaceCall.Open("/proc/thread-self/ns/net\0"u8, out var own);
        using (own)
        {
            var here = errno == Errno.None ? NamespaceId.Of(own) : null;
            var there = network is null ? here : NamespaceId.Of(network);
            var isOther = record.IsFreshNetwork || (network is not null && there != here);
            record = record with
            {
                NetworkNamespace = record.IsFreshNetwork ? 0 : there?.Inode ?? 0,
                IsOtherNetwork = isOther,
                NetworkPath = isOther ? record.NetworkPath : null,
                MayBindPrivilegedPorts = MayBind(record, network ?? own, home),
            };
            process?.EnsureAlive();
            if (!isOther)
                network?.Dispose();
            return new SubjectProgram(record, isOther ? network : null, process);
        }
    }

    private static Fact MayBind(Subject record, SafeFileDescriptor network, UserHome? home)
    {
        if (record.Capabilities is not { } capabilities)
            return Fact.Unknown;
        var hasCapability = (capabilities >> CapabilityCall.BindService & 1) != 0;
        if (home is { } known)
            return network.IsInvalid ? Fact.Unknown : BindRight.Of(network, known, hasCapability, record.UserId);
        // Where its user namespace may not be looked at, a capability may count or not; without
        // one nothing counts, its maker's right aside.
        return hasCapability ? Fact.Unknown : Fact.No;
    }

    /// <summary>Adds the sockets on which its processes listen, read in its network namespace.</summary>
    internal static SubjectProgram WithListeners(SubjectProgram program, IEnumerable<int> processes)
    {
        try
        {
            var listeners = program.Run(() => ProgramListeners.Read(processes));
            program.Record = program.Record with
            {
                Listeners = listeners,
                Runtime = program.Record.Process is { } main && ExecutableMarks.Of(main) == Runtime.Go ? Runtime.Go.Label() : null
            };
            program.EnsureAlive();
            return program;
        }
        catch (InspectionException)
        {
            using (program)
                program.EnsureAlive();
            throw;
        }
    }

    private uint UserOf(string requested)
    {
        if (uint.TryParse(requested, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number != uint.MaxValue)
            return number;
        return _names.FindId(requested)
            ?? throw new InspectionException($"unknown user '{requested}': give a name from /etc/passwd, or a number");
    }

    private ProcessRecord ReadProcess(ProcessHandle process) => new ProcessReader(_names.Find).Read(process.Id)
        ?? throw new InspectionException(NotShown(process.Id));

    internal static string NotShown(int process) => $"/proc does not show process {process} to this user: run with sudo";

    private static int ProcessIdOf(string text, string option) => NetworkFile.IsProcessId(text, out var id)
        ? id
        : throw new InspectionException($"{option} needs a process id, such as {option} 4242, not '{text}'");

    // A namespace may be called 4242, too.
    private static bool IsTheName(string text, int id)
    {
        if (!NetworkFile.IsNamed(text))
            return false;
        if (PidFdGetFd.OpenProcess(id, 0, out var process) != Errno.None)
            return true;
        process.Dispose();
        throw new InspectionException($"{text} is a process and a name under /run/netns: write /proc/{text}/ns/net or /run/netns/{text}");
    }

    private static SafeFileDescriptor OpenNetwork(ProcessHandle process)
    {
        var errno = process.OpenNamespace("net", out var file);
        if (errno == Errno.None)
            return file;
        file.Dispose();
        throw new InspectionException(errno switch
        {
            Errno.EACCES or Errno.EPERM => $"the network namespace of process {process.Id} may not be opened by this user: run with sudo",
            Errno.ENOENT when !process.HasEnded => NotShown(process.Id),
            // A zombie has left its namespaces.
            Errno.ENOENT or Errno.ESRCH => $"process {process.Id} has ended",
            Errno.ETIMEDOUT => $"process {process.Id} cannot be inspected: it is stuck in the kernel",
            _ => $"the network namespace of process {process.Id} cannot be opened: {errno}",
        });
    }

    /// <summary>
    /// The network namespace of a process; null where it may not be opened, and files of /proc/net show that it is the caller's own.
    /// </summary>
    internal static SafeFileDescriptor? OpenNetworkOrOwn(ProcessHandle process)
    {
        try
        {
            return OpenNetwork(process);
        }
        catch (InspectionException) when (process.SharesNetworkWithCaller())
        {
            return null;
        }
    }

    /// <summary>The user namespace of a process; null where it may not be looked at.</summary>
    internal static UserHome? HomeOf(ProcessHandle process)
    {
        var errno = process.OpenNamespace("user", out var file);
        using (file)
            return errno == Errno.None ? UserHome.Of(file) : null;
    }

    internal static string PathOf(int id) => string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/ns/net");
}

/// <summary>The processes of a container, by its id or by its name.</summary>
internal static class ContainerPrograms
{
    /// <exception cref="InspectionException">None, or more than one, is meant; or it does not run.</exception>
    internal static (string Id, string? Name, IReadOnlyList<int> Processes) Find(string text)
    {
        var running = Running();
        var byId = running.ContainsKey(text) ? [text] : running.Keys.Where(id => IsPrefix(text, id)).ToList();
        if (byId.Count > 1)
            throw new InspectionException(
                $"{text} may be {ContainerRecord.ShortId(byId[0])} or {ContainerRecord.ShortId(byId[1])}: give more of the container's id");
        if (byId.Count == 1)
            return (byId[0], null, OnlyOne(byId[0], running[byId[0]]));
        var named = new ContainerReader().FindByName(text, running.Keys, EffectiveIds.User());
        if (named is null)
            throw new InspectionException(
                $"no container '{text}' runs here, according to cgroups, Docker and Podman: give its id, or its main process with --pid");
        if (running.TryGetValue(named.Id, out var processes))
            return (named.Id, named.Name, OnlyOne(named.Id, processes));
        throw new InspectionException($"the container '{text}' ({ContainerRecord.ShortId(named.Id)}) has no process: it is not running");
    }

    private static Dictionary<string, List<(int Process, uint? User)>> Running()
    {
        var containers = new Dictionary<string, List<(int Process, uint? User)>>(StringComparer.Ordinal);
        var names = new CgroupNames(new CgroupMounts("/proc"));
        CgroupMembers.Visit((pid, file) =>
        {
            if (names.ContainerOf(file) is not { } container)
                return;
            if (!containers.TryGetValue(container, out var processes))
                containers.Add(container, processes = []);
            processes.Add((pid, SystemdCgroup.UserOf(file.Best)));
        });
        return containers;
    }

    // Below a user's own manager that user names the groups: also by another's container.
    private static List<int> OnlyOne(string id, List<(int Process, uint? User)> processes)
    {
        List<string> owners = [.. processes.Select(static one => one.User).Distinct().Order()
            .Select(static user => user is null ? "the system" : string.Create(CultureInfo.InvariantCulture, $"user {user}"))];
        return owners.Count == 1 ? [.. processes.Select(static one => one.Process)]
            : throw new InspectionException($"groups of {string.Join(" and of ", owners)} bear the id {ContainerRecord.ShortId(id)}: "
                + "give the container's main process with --pid");
    }

    // As the engines take them; a name such as "db" is no beginning of an id.
    private static bool IsPrefix(string text, string id) =>
        text.Length >= 4 && id.Length == 64 && id.StartsWith(text, StringComparison.OrdinalIgnoreCase);
}
