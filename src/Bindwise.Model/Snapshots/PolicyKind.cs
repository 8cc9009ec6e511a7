namespace Bindwise.Diagnostics;

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
