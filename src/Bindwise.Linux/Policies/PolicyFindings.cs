using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.Policies;

/// <summary>Gathers what the readers of single policies find.</summary>
internal sealed class PolicyFindings
{
    private readonly List<PolicyRecord> _found = [];
    private readonly HashSet<PolicyKind> _absent = [];
    private readonly List<string> _unread = [];

    /// <summary>A policy is in force.</summary>
    internal void Add(PolicyRecord record) => _found.Add(record);

    /// <summary>A kind is not in force.</summary>
    internal void Exclude(PolicyKind kind) => _absent.Add(kind);

    /// <summary>Something could not be asked.</summary>
    internal void Miss(string what) => _unread.Add(what);

    /// <summary>All of it.</summary>
    internal PolicySurvey Build(int? processId, ProcessStatus? status = null) => new()
    {
        ProcessId = processId,
        NoNewPrivileges = status?.NoNewPrivileges switch { null => Fact.Unknown, 0 => Fact.No, _ => Fact.Yes },
        Found = [.. _found],
        Absent = [.. _absent.Order()],
        Unread = [.. _unread.Distinct(StringComparer.Ordinal)],
    };
}
