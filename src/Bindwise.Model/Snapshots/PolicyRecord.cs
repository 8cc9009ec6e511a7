namespace Bindwise.Diagnostics;

/// <summary>A policy that is in force for the process that asks, or that it was asked for.</summary>
internal sealed record PolicyRecord
{
    public required PolicyKind Kind { get; init; }

    /// <summary>What it is called: the BPF program, the SELinux context, the AppArmor profile, the capability.</summary>
    public string Name { get; init; } = "";

    /// <summary>What carries it: the cgroup's path, the namespace; null when nothing does.</summary>
    public string? Where { get; init; }

    /// <summary>What else is known of it, as the hook that a program is attached to, or the rule that fits; null for nothing.</summary>
    public string? Detail { get; init; }

    /// <summary>This run of bindwise stands under it too, so that it answered the probes. Told of programs on a cgroup.</summary>
    public bool GovernsCaller { get; init; }

    /// <summary>When a program on a cgroup runs; none for other policies.</summary>
    public PolicyHook Hook { get; init; }

    /// <summary>Yes: it was shown to refuse this bind(). No: it was shown to let it pass. Unknown: it may.</summary>
    public Fact Denies { get; init; }
}
