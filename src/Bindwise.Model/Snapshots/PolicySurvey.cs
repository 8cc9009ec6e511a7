using System.Collections.Immutable;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Snapshots;

/// <summary>
/// The search for policies, made only when a bind() was refused for a reason that no socket gives, or for --verbose. A kind that stands neither
/// in <see cref="Found"/> nor in <see cref="Absent"/> could not be told: it may be in force.
/// </summary>
public sealed record PolicySurvey
{
    /// <summary>The process that was looked at; null for bindwise itself.</summary>
    public int? ProcessId { get; init; }

    /// <summary>
    /// The process has no_new_privs (proc_pid_status(5), NoNewPrivs), without which only a privileged program restricts itself by Landlock. Unknown
    /// where it was not read.
    /// </summary>
    public Fact NoNewPrivileges { get; init; }

    /// <summary>Policies in force.</summary>
    public ImmutableArray<PolicyRecord> Found { get; init; } = [];

    /// <summary>Kinds that are not in force, as the system told.</summary>
    public ImmutableArray<PolicyKind> Absent { get; init; } = [];

    /// <summary>What could not be asked, each in a few words, as "BPF programs on the cgroup (EPERM)".</summary>
    public ImmutableArray<string> Unread { get; init; } = [];
}
