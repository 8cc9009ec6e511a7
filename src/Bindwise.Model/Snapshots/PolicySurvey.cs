namespace Bindwise.Diagnostics;

/// <summary>
/// The search for policies, made only when a bind() was refused for a reason that no socket gives, or for --verbose. A kind that stands
/// neither in <see cref="Found"/> nor in <see cref="Absent"/> could not be told: it may be in force.
/// </summary>
internal sealed record PolicySurvey
{
    private readonly EquatableArray<PolicyRecord> _found;
    private readonly EquatableArray<PolicyKind> _absent;
    private readonly EquatableArray<string> _unread;

    /// <summary>The process that was looked at; null for bindwise itself.</summary>
    public int? ProcessId { get; init; }

    /// <summary>
    /// The process has no_new_privs (proc_pid_status(5), NoNewPrivs), without which only a privileged program restricts itself by Landlock.
    /// Unknown where it was not read.
    /// </summary>
    public Fact NoNewPrivileges { get; init; }

    /// <summary>The policies that are in force for the process and may refuse its bind().</summary>
    public ImmutableArray<PolicyRecord> Found { get => _found; init => _found = value; }

    /// <summary>Kinds that are not in force, as the system told.</summary>
    public ImmutableArray<PolicyKind> Absent { get => _absent; init => _absent = value; }

    /// <summary>What could not be asked, each in a few words, as "BPF programs on the cgroup (EPERM)".</summary>
    public ImmutableArray<string> Unread { get => _unread; init => _unread = value; }
}
