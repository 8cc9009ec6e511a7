namespace Bindwise.Linux.Policies;

/// <summary>Looks for what may refuse a bind() beside the socket table: asked only when one was refused for a reason that no socket gives.
/// Reading changes nothing. Of another process less can be told than of bindwise itself: no bind() can be tried for it.</summary>
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
        CgroupPolicies.Read(subject, request, files, findings);
        FilterPolicies.ReadSeccomp(subject, request, call, status, findings);
        LabelPolicies.Read(subject, active, files, findings);
        FilterPolicies.ReadLandlock(request, status, active, findings);
        SecurityPrograms.Read(active, findings);
        return findings.Build(subject.ProcessId, status);
    }

    /// <summary>Reads only the programs on the cgroup: some are asked after the conflict check, and some bind another port than the one
    /// asked.</summary>
    internal static PolicySurvey ReadPrograms(PolicySubject subject, BindRequest request)
    {
        var findings = new PolicyFindings();
        CgroupPolicies.Read(subject, request, new ServiceFiles(), findings);
        return findings.Build(subject.ProcessId);
    }

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

    /// <summary>Something could not be asked.</summary>
    internal void Miss(string what) => _unread.Add(what);

    internal PolicySurvey Build(int? processId, ProcessStatus? status = null) => new()
    {
        ProcessId = processId,
        NoNewPrivileges = status?.NoNewPrivileges switch { null => Fact.Unknown, 0 => Fact.No, _ => Fact.Yes },
        Found = [.. _found],
        Absent = [.. _absent.Order()],
        Unread = [.. _unread.Distinct(StringComparer.Ordinal)],
    };
}
