using Bindwise.Linux.Accounts;
using Bindwise.Linux.Callers;
using Bindwise.Linux.Cgroups;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Units;

namespace Bindwise.Linux.Subjects;

/// <summary>
/// A systemd unit as a program: user, capabilities and rules for bind() as its files have them, since a program may have given up rights
/// after its own bind(); the network namespace that of its running process, or else as the files say.
/// </summary>
internal sealed class UnitProgram(SubjectSelector asked, UserNames names)
{
    private const string ServiceKind = ".service";
    private const string SocketKind = ".socket";

    private readonly CgroupNames _groups = new(new CgroupMounts("/proc"));

    /// <summary>Finds it, the system's before one of the caller's own.</summary>
    /// <exception cref="InspectionException">There is none, or it cannot be answered for.</exception>
    internal SubjectProgram Find(string text)
    {
        var (name, kind) = NameOf(text);
        var caller = EffectiveIds.User();
        var system = new UnitSettings(name, UnitFolders.OfSystem(ForeignFolder.OfSystem("")));
        var running = CgroupMembers.Find(file => IsOf(file, name.Full, user: null));
        if (system.Exists || running.Count > 0)
            return Build(system, kind, running, user: null);
        var own = new UnitSettings(name, UnitFolders.OfUser("", caller));
        running = CgroupMembers.Find(file => IsOf(file, name.Full, caller));
        return own.Exists || running.Count > 0
            ? Build(own, kind, running, caller)
            : throw new InspectionException($"no unit {name.Full}: the system and this user have no file for it and no process in it");
    }

    /// <summary>A unit that stands in a cgroup's path; below user@UID.service stand the units of that user's own manager.</summary>
    private bool IsOf(CgroupFile file, string unit, uint? user)
    {
        if (file.Best is not { } best)
            return false;
        var path = _groups.Meant(best, best == file.Unified);
        if (CgroupPath.Container(path) is not null || CgroupPath.Unit(path) != unit)
            return false;
        var manager = path.IndexOf("/user@", StringComparison.Ordinal);
        return user is { } id ? manager >= 0
            && path.AsSpan(manager).StartsWith(string.Create(CultureInfo.InvariantCulture, $"/user@{id}.service/")) : manager < 0;
    }

    private static (UnitName Name, string Kind) NameOf(string text)
    {
        var kind = text.EndsWith(SocketKind, StringComparison.Ordinal) ? SocketKind : ServiceKind;
        var dot = text.LastIndexOf('.');
        if (kind == ServiceKind && dot > 0
            && text[dot..] is ".timer" or ".target" or ".mount" or ".automount" or ".slice" or ".path" or ".device" or ".swap" or ".scope")
            throw new InspectionException($"--unit takes a service or a socket, and {text} is neither");
        var full = text.EndsWith(kind, StringComparison.Ordinal) ? text : text + kind;
        if (full.Contains('/', StringComparison.Ordinal) || full.Contains('\0', StringComparison.Ordinal)
            || UnitName.Read(full, kind) is not { } name)
            throw new InspectionException($"'{text}' is not the name of a unit: give one such as nginx or web@1.service");
        return name.IsTemplate ? throw new InspectionException(
            $"{full} is a template, which never runs: name an instance, such as {full.Replace("@", "@1", StringComparison.Ordinal)}")
            : (name, kind);
    }

    private SubjectProgram Build(UnitSettings unit, string kind, List<int> running, uint? user)
    {
        var section = kind == SocketKind ? "Socket" : "Service";
        ProcessHandle? process = null;
        SafeFileDescriptor? network = null;
        try
        {
            // For a socket unit the manager binds, whatever its service runs as.
            if (running.Count > 0 && kind == ServiceKind)
                process = ProcessHandle.Open(MainProcess.Among(running, names));
            var record = new Subject
            {
                Asked = asked.ToString(),
                Unit = unit.Name.Full,
                IsUserTold = true,
                BindRules = BindRulesOf(unit, section)
            };
            record = process is not null && !unit.Exists ? AsItRuns(record, process) : AsTheFilesHaveIt(record, unit, kind, process, user);
            if (process is not null)
                record = record with { Process = new ProcessReader(names.Find).Read(process.Id) };
            (record, network) = InItsNetwork(record, unit, section, process);
            var isApart = !unit.Exists || HasOwnUsers(unit, section);
            var program = ProgramFinder.Complete(record, network,
                isApart && process is not null ? ProgramFinder.HomeOf(process) : UserHome.OfCaller, process);
            if (HasOwnUsers(unit, section) && process is null)
                program.Record = program.Record with { MayBindPrivilegedPorts = Fact.No };
            return running.Count > 0 && kind == ServiceKind ? ProgramFinder.WithListeners(program, running) : program;
        }
        catch (InspectionException)
        {
            network?.Dispose();
            process?.Dispose();
            throw;
        }
    }

    // Since systemd 257 the setting also says which users there are.
    private static bool HasOwnUsers(UnitSettings unit, string section) =>
        unit.Last(section, "PrivateUsers") is { } value && (UnitFile.Boolean(value) ?? value is "self" or "identity" or "full");

    private Subject AsItRuns(Subject record, ProcessHandle process)
    {
        var status = process.ReadStatus();
        var user = status.User ?? throw new InspectionException(ProgramFinder.NotShown(process.Id));
        return record with { UserId = user, UserName = names.Find(user), Capabilities = status.EffectiveCapabilities };
    }

    private Subject AsTheFilesHaveIt(Subject record, UnitSettings unit, string kind, ProcessHandle? process, uint? managersUser)
    {
        if (kind == SocketKind)
        {
            var manager = managersUser ?? 0;
            return record with
            {
                UserId = manager,
                UserName = names.Find(manager),
                Capabilities = manager == 0 ? CapabilityCall.Every : 0,
                // socket_address_listen() of systemd.
                SetsReuseAddress = true,
                SetsReusePort = unit.IsOn("Socket", "ReusePort"),
                SetsV6Only = unit.Last("Socket", "BindIPv6Only") switch { "ipv6-only" => true, "both" => false, _ => null },
            };
        }
        var user = managersUser ?? UserOf(unit, process, ref record);
        var bounding = CapabilitySets.Of(unit.Values("Service", "CapabilityBoundingSet"), CapabilityCall.Every);
        var ambient = CapabilitySets.Of(unit.Values("Service", "AmbientCapabilities"), 0);
        return record with
        {
            UserId = user,
            UserName = names.Find(user),
            BoundingSet = bounding,
            // At execve() root gets all that is in the bounding set, another user what is ambient
            // (capabilities(7)); a user's manager has none to give.
            Capabilities = managersUser is > 0 ? 0 : user == 0 ? bounding : ambient & bounding,
        };
    }

    private uint UserOf(UnitSettings unit, ProcessHandle? process, ref Subject record)
    {
        const uint FirstDynamic = 61184;
        var named = unit.Last("Service", "User");
        if (named is not null && names.FindId(named) is { } known)
            return known;
        if (named is not null && uint.TryParse(named, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number;
        if (!unit.IsOn("Service", "DynamicUser"))
            return named is null ? 0u
                : throw new InspectionException($"{unit.Name.Full} runs as the user '{named}', who is not in /etc/passwd");
        if (process is not null && process.ReadStatus().User is { } given)
            return given;
        record = record with
        {
            Notes = record.Notes.Add(
            "The unit gets its user when it starts (DynamicUser=): bindwise assumed one without privileges.")
        };
        return FirstDynamic;
    }

    /// <summary>
    /// The network namespace: that of the running process; where it does not run, the one that its files name, or a fresh one.
    /// </summary>
    private (Subject Record, SafeFileDescriptor? Network) InItsNetwork(Subject record, UnitSettings unit, string section,
        ProcessHandle? process)
    {
        if (process is not null)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"pid {process.Id}");
            return (record with { NetworkName = id, NetworkPath = ProgramFinder.PathOf(process.Id) },
                ProgramFinder.OpenNetworkOrOwn(process));
        }
        if (unit.Last(section, "NetworkNamespacePath") is { } path)
        {
            var file = NetworkFile.Open(path, out var opened);
            return (record with { NetworkName = opened, NetworkPath = opened }, file);
        }
        if (!unit.IsOn(section, "PrivateNetwork"))
            return (record, null);
        foreach (var other in unit.Values("Unit", "JoinsNamespaceOf")
            .SelectMany(static list => list.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            var running = CgroupMembers.Find(file => IsOf(file, other, user: null));
            if (running.Count == 0)
                continue;
            using var sharer = ProcessHandle.Open(running[0]);
            if (sharer.OpenNamespace("net", out var shared) == Errno.None)
                return (record with { NetworkName = other, NetworkPath = ProgramFinder.PathOf(sharer.Id) }, shared);
            shared.Dispose();
        }
        return (record with { IsFreshNetwork = true }, null);
    }

    private static ImmutableArray<SocketBindRule> BindRulesOf(UnitSettings unit, string section) =>
    [
        .. unit.Assignments(section, ["SocketBindAllow", "SocketBindDeny"])
            .SelectMany(static a => a.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(word => SocketBindText.Parse(a.Key == "SocketBindAllow", word)))
            .OfType<SocketBindRule>(),
    ];
}

/// <summary>Of the processes of a unit or a container the one that stands for it.</summary>
internal static class MainProcess
{
    private const int Limit = 512;

    /// <summary>
    /// The eldest of those whose parent is not among them: what the service manager started, or the container's init. One that is the first
    /// of its PID namespace goes before.
    /// </summary>
    /// <exception cref="InspectionException">All of them have ended.</exception>
    internal static int Among(IReadOnlyList<int> processes, UserNames names)
    {
        var reader = new ProcessReader(names.Find);
        var records = processes.Take(Limit).Select(reader.Read).OfType<ProcessRecord>()
            .Where(static process => process.State is not ('Z' or 'X')).ToList();
        var ids = records.Select(static process => process.Id).ToHashSet();
        var roots = records.Where(process => !ids.Contains(process.ParentId)).OrderBy(static process => process.StartTicks)
            .ThenBy(static process => process.Id).ToList();
        var init = roots.Find(static process => IsInit(process.Id)) ?? roots.FirstOrDefault();
        return init?.Id ?? throw new InspectionException("its processes ended meanwhile");
    }

    private static bool IsInit(int id)
    {
        using var process = ProcessHandle.TryOpen(id);
        return process?.ReadStatus().InnerId == 1;
    }
}
