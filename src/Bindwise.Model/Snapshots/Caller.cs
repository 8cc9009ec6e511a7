namespace Bindwise.Diagnostics;

/// <summary>Who asks. A program that another user starts may get another answer.</summary>
internal sealed record Caller
{
    private readonly EquatableArray<int> _ancestorIds;

    /// <summary>The effective user id of who asks.</summary>
    public uint UserId { get; init; }

    public string? UserName { get; init; }

    /// <summary>CAP_NET_BIND_SERVICE in the user namespace that owns the network namespace: may bind privileged ports.</summary>
    public Fact MayBindPrivilegedPorts { get; init; }

    /// <summary>
    /// CAP_NET_BIND_SERVICE is in the bounding set (capabilities(7)): without it no file gives the right, and exec() of one that would
    /// fails with EPERM.
    /// </summary>
    public Fact MayGainPrivilegedPorts { get; init; }

    /// <summary>CAP_SYS_PTRACE (or root): may read every process's descriptors.</summary>
    public Fact MayReadEveryProcess { get; init; }

    /// <summary>
    /// Runs in the host's first PID namespace: no process is outside of it. No: in a container or the like. Unknown without /proc.
    /// </summary>
    public Fact InInitialPidNamespace { get; init; }

    /// <summary>The process that asks: bindwise itself, or under <c>run</c> the one whose call failed.</summary>
    public int ProcessId { get; init; }

    /// <summary>What is known of the process whose call failed; null where bindwise asks for itself.</summary>
    public ProcessRecord? Process { get; init; }

    /// <summary>The parents of the process that asks, the nearest first; empty where no process was looked at.</summary>
    public ImmutableArray<int> AncestorIds { get => _ancestorIds; init => _ancestorIds = value; }

    /// <summary>Whether a process is the one that asks, or one of its parents.</summary>
    public bool IsOrRuns(int processId) => processId == ProcessId || AncestorIds.Contains(processId);

    /// <summary>
    /// The interface to which the kernel binds each new socket of who asks (<c>ip vrf exec</c>); null for none, and where it is answered
    /// for another program.
    /// </summary>
    public string? Device { get; init; }

    /// <summary>The other program for which it is answered; null when it is answered for who asks.</summary>
    public Subject? As { get; init; }

    /// <summary>The effective user of the program in question.</summary>
    public uint BinderId => As?.UserId ?? UserId;

    public Fact MayBinderBindPrivilegedPorts => As?.MayBindPrivilegedPorts ?? MayBindPrivilegedPorts;
}
