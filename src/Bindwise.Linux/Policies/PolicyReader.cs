using Bindwise.Linux.Processes;
using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Linux.Policies;

/// <summary>
/// Looks for what may refuse a bind() beside the socket table: asked only when one was refused for a reason that no socket gives. Reading
/// changes nothing. Of another process less can be told than of bindwise itself: no bind() can be tried for it.
/// </summary>
internal static class PolicyReader
{
    /// <param name="needsPrivilege">The port needs CAP_NET_BIND_SERVICE.</param>
    /// <param name="files">The files; null for the system's own.</param>
    internal static PolicySurvey Read(PolicySubject subject, BindRequest request, bool needsPrivilege, ProbedCall call = ProbedCall.Bind,
        ServiceFiles? files = null)
    {
        files ??= new ServiceFiles();
        var findings = new PolicyFindings();
        var status = ProcessStatus.Parse(files.Read(subject.ProcFolder + "/status"));
        if (needsPrivilege)
            PrivilegePolicies.Read(subject, status, findings);
        var active = SecurityModules.Read(files);
        // Of a UNIX address only filters of the calls have been asked.
        if (request.Protocol != Protocol.Unix)
            CgroupPolicies.Read(subject, request, files, findings);
        FilterPolicies.ReadSeccomp(subject, request, call, status, findings);
        if (request.Protocol == Protocol.Unix)
            return findings.Build(subject.ProcessId, status);
        LabelPolicies.Read(subject, active, files, findings);
        FilterPolicies.ReadLandlock(request, status, active, findings);
        SecurityPrograms.Read(active, findings);
        return findings.Build(subject.ProcessId, status);
    }

    /// <summary>
    /// Reads only the programs on the cgroup: some are asked after the conflict check, and some bind another port than the one asked.
    /// </summary>
    internal static PolicySurvey ReadPrograms(PolicySubject subject, BindRequest request)
    {
        var findings = new PolicyFindings();
        CgroupPolicies.Read(subject, request, new ServiceFiles(), findings);
        return findings.Build(subject.ProcessId);
    }

    /// <summary>Whether no file gives the process rights that it executes (no_new_privs, prctl(2)).</summary>
    internal static Fact HasNoNewPrivileges(PolicySubject subject) =>
        PolicyFindings.HasNoNewPrivileges(ProcessStatus.Parse(new ServiceFiles().Read(subject.ProcFolder + "/status")));

    /// <summary>The port needs CAP_NET_BIND_SERVICE.</summary>
    internal static bool NeedsPrivilege(BindRequest request, HostSettings settings) =>
        request.Port != 0 && settings.UnprivilegedPortStart is { } start && request.Port < start;
}

/// <summary>Gathers what the readers of single policies find.</summary>
internal sealed class PolicyFindings
{
    private readonly List<PolicyRecord> _found = [];
    private readonly HashSet<PolicyKind> _absent = [];
    private readonly List<string> _unread = [];

    internal void Add(PolicyRecord record) => _found.Add(record);

    /// <summary>A kind is not in force.</summary>
    internal void Exclude(PolicyKind kind) => _absent.Add(kind);

    internal void Miss(string what) => _unread.Add(what);

    internal static Fact HasNoNewPrivileges(ProcessStatus? status) =>
        status?.NoNewPrivileges switch { null => Fact.Unknown, 0 => Fact.No, _ => Fact.Yes };

    internal PolicySurvey Build(int? processId, ProcessStatus? status = null) => new()
    {
        ProcessId = processId,
        NoNewPrivileges = HasNoNewPrivileges(status),
        Found = [.. _found],
        Absent = [.. _absent.Order()],
        Unread = [.. _unread.Distinct(StringComparer.Ordinal)],
    };
}

/// <summary>
/// CAP_NET_BIND_SERVICE, and whether it counts: in the user namespace that owns the network namespace, or in one above it (ns_capable(),
/// inet_port_requires_bind_service()). Only for ports that need it.
/// </summary>
internal static class PrivilegePolicies
{
    private const string Capability = "CAP_NET_BIND_SERVICE";
    private const ulong Bit = 1UL << CapabilityCall.BindService;

    internal static void Read(PolicySubject subject, ProcessStatus status, PolicyFindings findings)
    {
        if (status.EffectiveCapabilities is not { } effective)
            return;
        var own = Identify(subject, "user");
        var owner = OwnerOfNetwork(subject, out var isAbove);
        if ((effective & Bit) == 0)
        {
            var detail = status.BoundingCapabilities is { } bounding && (bounding & Bit) == 0
                ? $"{Capability} is not even in the bounding set: no program started from here can get it, not by setcap and not as root."
                : $"{Capability} is not in the effective set of capabilities.";
            findings.Add(new PolicyRecord(PolicyKind.Capability, Name: Capability, Where: own is { } id ? Name("user", id) : null,
                Detail: detail, Denies: Fact.Yes));
            return;
        }
        // A capability held in a namespace below the owner's does not reach up.
        if (!isAbove && (own is null || owner is null || own == owner))
            return;
        var isDenied = isAbove ? Fact.Yes : Fact.Unknown;
        findings.Add(new PolicyRecord(PolicyKind.UserNamespace, Name: Capability, Where: own is { } inode ? Name("user", inode) : null,
            Detail: $"{Capability} is held in a user namespace that does not own the network namespace"
                + $"{(Identify(subject, "net") is { } net ? " " + Name("net", net) : "")}: it does not count there.", Denies: isDenied));
    }

    /// <summary>The user namespace that owns the process's network namespace; <paramref name="isAbove"/>: it lies outside of what the
    /// caller may see.</summary>
    private static ulong? OwnerOfNetwork(PolicySubject subject, out bool isAbove)
    {
        isAbove = false;
        var errno = NamespaceCall.Open(Terminate($"{subject.ProcFolder}/ns/net"), out var network);
        using (network)
        {
            if (errno != Errno.None)
                return null;
            errno = NamespaceCall.OwningUserNamespace(network, out var owner);
            using (owner)
            {
                isAbove = errno == Errno.EPERM && subject.ProcessId is null;
                return errno == Errno.None && FileStatusCall.Fstat(owner, out var status) == Errno.None ? status.Inode : null;
            }
        }
    }

    private static ulong? Identify(PolicySubject subject, string kind) =>
        FileStatusCall.Stat(Terminate($"{subject.ProcFolder}/ns/{kind}"), out var status) == Errno.None ? status.Inode : null;

    private static string Name(string kind, ulong inode) => string.Create(CultureInfo.InvariantCulture, $"{kind}:[{inode}]");

    private static byte[] Terminate(string path) => Encoding.UTF8.GetBytes(path + '\0');
}

/// <summary>Filters of system calls (seccomp(2)), and Landlock, of which nothing can be read.</summary>
internal static class FilterPolicies
{
    private const int StrictMode = 1;
    private const int FilterMode = 2;

    /// <summary>The version of Landlock's interface that brought the ports of TCP (Linux 6.7).</summary>
    private const int VersionWithPorts = 4;

    /// <summary>
    /// A filter sees the number of a system call, not the address: so bind() on no descriptor meets the same answer, and changes nothing. A
    /// supervisor (user notification) does see the address: what passes it once may be refused another time.
    /// </summary>
    internal static void ReadSeccomp(PolicySubject subject, BindRequest request, ProbedCall call, ProcessStatus status,
        PolicyFindings findings)
    {
        var (question, usual, answer) = call switch
        {
            _ when subject.ProcessId is not null => ("", Errno.None, Errno.None),
            ProbedCall.Socket => ("A socket() of no type that exists", Errno.EINVAL, SocketCall.OpenNothing((int)request.Address.Family)),
            ProbedCall.Listen => ("A listen() on no descriptor at all", Errno.EBADF, ListenCall.ListenNothing()),
            _ => ("A bind() on no descriptor at all", Errno.EBADF, BindCall.BindNothing()),
        };
        if (answer != usual)
        {
            findings.Add(Record(status, Fact.Yes,
                $"{question} returns {answer} instead of {usual}: a system call filter answers instead of the kernel."));
            return;
        }
        // A kernel without filters does not have the line.
        if (status.SeccompMode == 0 || status is { SeccompMode: null, EffectiveCapabilities: not null }
            || SupervisorFilter.IsOnlyOne(subject, status))
            findings.Exclude(PolicyKind.Seccomp);
        else if (status.SeccompMode == StrictMode)
            findings.Add(Record(status, Fact.Unknown,
                "The process runs in seccomp's strict mode, in which every call but read(), write() and exit() ends it."));
        else if (status.SeccompMode == FilterMode)
            findings.Add(Record(status, Fact.Unknown, subject.ProcessId is not null ? null
                : $"A seccomp filter is active; it allows {call.ToString().ToLowerInvariant()}() in general, so only a supervisor could "
                    + "refuse some ports."));
    }

    /// <summary>Whether a ruleset is in force nothing tells; only that it cannot be.</summary>
    internal static void ReadLandlock(BindRequest request, ProcessStatus status, HashSet<PolicyKind>? active, PolicyFindings findings)
    {
        var errno = SecurityModuleCall.LandlockVersion(out var version);
        var isOff = errno is Errno.ENOSYS or Errno.EOPNOTSUPP || (active is not null && !active.Contains(PolicyKind.Landlock));
        if (isOff || request.Protocol != Protocol.Tcp || version is > 0 and < VersionWithPorts || MayNotRestrictItself(status))
            findings.Exclude(PolicyKind.Landlock);
    }

    /// <summary>landlock_restrict_self(2) asks for no_new_privs or CAP_SYS_ADMIN; neither was ever there.</summary>
    private static bool MayNotRestrictItself(ProcessStatus status) =>
        status is { NoNewPrivileges: 0, BoundingCapabilities: { } bounding }
            && (bounding & (1UL << CapabilityCall.SystemAdministration)) == 0;

    private static PolicyRecord Record(ProcessStatus status, Fact denies, string? detail) => new(PolicyKind.Seccomp,
        Name: status.SeccompFilters is { } count
            ? string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "filter" : "filters")}") : "",
        Detail: detail, Denies: denies);
}

/// <summary>The filter of <c>bindwise run</c> or <c>audit</c>, which refuses nothing that the kernel allows.</summary>
internal static class SupervisorFilter
{
    private const int MostParents = 64;

    /// <summary>
    /// Whether a process has no other filter: one, and its supervisor none. The kernel lets one process alone be asked about another's
    /// calls (EBUSY).
    /// </summary>
    internal static bool IsOnlyOne(PolicySubject subject, ProcessStatus status)
    {
        if (subject.ProcessId is not { } process || status.SeccompFilters != 1)
            return false;
        var above = new HashSet<int> { process };
        while (above.Count < MostParents && status.Parent is > 0 and var parent && above.Add(parent))
            status = ProcessStatus.Parse(ThreadFile.Read(parent, "status"u8));
        var all = new List<int>();
        _ = ProcFile.ListNumbers(OpenAt.WorkingDirectory, "/proc\0"u8, ProcFile.ProcessLimit, all);
        var reader = new ProcessReader(static _ => null);
        return all.Exists(id => Keepers.AreCalled(ThreadFile.Name(id)) && reader.Read(id) is { } record
            && Keepers.SupervisedBy(record) is { } program && above.Contains(program)
            && ProcessStatus.Parse(ThreadFile.Read(id, "status"u8)).SeccompFilters == 0);
    }
}
