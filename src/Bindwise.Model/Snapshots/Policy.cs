namespace Bindwise.Diagnostics;

/// <summary>A policy that is in force for the process that asks, or that it was asked for.</summary>
/// <param name="Name">What it is called: the BPF program, the SELinux context, the AppArmor profile, the capability.</param>
/// <param name="Where">What carries it: the cgroup's path, the namespace; null when nothing does.</param>
/// <param name="Detail">What else is known of it, as the hook that a program is attached to, or the rule that fits; null for
/// nothing.</param>
/// <param name="GovernsCaller">This run of bindwise stands under it too, so that it answered the probes. Told of programs on a
/// cgroup.</param>
/// <param name="Hook">When a program on a cgroup runs; none for other policies.</param>
/// <param name="Denies">Yes: it was shown to refuse this bind(). No: it was shown to let it pass. Unknown: it may.</param>
internal sealed record PolicyRecord(PolicyKind Kind, string Name = "", string? Where = null, string? Detail = null,
    bool GovernsCaller = false, PolicyHook Hook = default, Fact Denies = default);

/// <summary>When a BPF program on a cgroup runs (enum bpf_attach_type, include/uapi/linux/bpf.h).</summary>
internal enum PolicyHook : byte
{
    /// <summary>It is no program on a cgroup.</summary>
    None,

    /// <summary>At socket(), which it may refuse (BPF_CGROUP_INET_SOCK_CREATE).</summary>
    SocketCreate,

    /// <summary>
    /// At bind(), before the kernel looks at other sockets; it may also rewrite the address and the port (BPF_CGROUP_INET4_BIND,
    /// INET6_BIND).
    /// </summary>
    Bind,

    /// <summary>At bind(), once the port is taken; it may refuse it (BPF_CGROUP_INET4_POST_BIND, INET6_POST_BIND).</summary>
    PostBind,
}

/// <summary>What beside the socket table may refuse a bind().</summary>
public enum PolicyKind : byte
{
    /// <summary>CAP_NET_BIND_SERVICE, which a port below ip_unprivileged_port_start needs (capabilities(7)).</summary>
    Capability,

    /// <summary>The capability is there, but in a user namespace that does not own the network namespace (user_namespaces(7)).</summary>
    UserNamespace,

    /// <summary>A BPF program on a cgroup: systemd's SocketBindDeny=, a container engine's (BPF_CGROUP_INET4_BIND and its like).</summary>
    CgroupBpf,

    /// <summary>A filter of system calls (seccomp(2)): systemd's SystemCallFilter=, a container engine's profile.</summary>
    Seccomp,

    /// <summary>SELinux: the type of the port.</summary>
    SELinux,

    /// <summary>AppArmor: the profile of the program.</summary>
    AppArmor,

    /// <summary>The security module Smack, which labels sockets.</summary>
    Smack,

    /// <summary>The security module TOMOYO, which rules by path names.</summary>
    Tomoyo,

    /// <summary>Landlock: a program's own restriction of the TCP ports that it binds (landlock(7), ABI 4). No file tells of it.</summary>
    Landlock,

    /// <summary>A BPF program as a security module (BPF_PROG_TYPE_LSM).</summary>
    BpfLsm,
}

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

    /// <summary>A BPF program may have the kernel bind something else.</summary>
    internal bool MayRewriteBind => Found.Any(static found => found is { Hook: PolicyHook.Bind, Denies: Fact.Unknown });

    /// <summary>Kinds that are not in force, as the system told.</summary>
    public ImmutableArray<PolicyKind> Absent { get => _absent; init => _absent = value; }

    /// <summary>What could not be asked, each in a few words, as "BPF programs on the cgroup (EPERM)".</summary>
    public ImmutableArray<string> Unread { get => _unread; init => _unread = value; }
}
