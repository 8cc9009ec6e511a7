using System.Collections.Immutable;

namespace Bindwise.Diagnostics;

/// <summary>
/// The search for policies, made only when a bind() was refused for a reason that no socket gives, or for --verbose. A kind that stands
/// neither in <see cref="Found"/> nor in <see cref="Absent"/> could not be told: it may be in force.
/// </summary>
internal sealed record PolicySurvey
{
    /// <summary>The process that was looked at; null for bindwise itself.</summary>
    public int? ProcessId { get; init; }

    /// <summary>
    /// The process has no_new_privs (proc_pid_status(5), NoNewPrivs), without which only a privileged program restricts itself by Landlock.
    /// Unknown where it was not read.
    /// </summary>
    public Fact NoNewPrivileges { get; init; }

    /// <summary>The policies that are in force for the process and may refuse its bind().</summary>
    public ImmutableArray<PolicyRecord> Found { get; init; } = [];

    /// <summary>Kinds that are not in force, as the system told.</summary>
    public ImmutableArray<PolicyKind> Absent { get; init; } = [];

    /// <summary>What could not be asked, each in a few words, as "BPF programs on the cgroup (EPERM)".</summary>
    public ImmutableArray<string> Unread { get; init; } = [];

    /// <summary>The same values, lists compared element by element.</summary>
    public bool Equals(PolicySurvey? other) => other is not null
        && (ProcessId, NoNewPrivileges) == (other.ProcessId, other.NoNewPrivileges)
        && Sequence.AreEqual(Found, other.Found)
        && Sequence.AreEqual(Absent, other.Absent)
        && Sequence.AreEqual(Unread, other.Unread);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(ProcessId, NoNewPrivileges, Sequence.Hash(Found), Sequence.Hash(Absent), Sequence.Hash(Unread));
}
