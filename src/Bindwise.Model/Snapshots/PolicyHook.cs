namespace Bindwise.Diagnostics;

/// <summary>When a BPF program on a cgroup runs (enum bpf_attach_type, include/uapi/linux/bpf.h).</summary>
internal enum PolicyHook : byte
{
    /// <summary>It is no program on a cgroup.</summary>
    None,

    /// <summary>At socket(), which it may refuse (BPF_CGROUP_INET_SOCK_CREATE).</summary>
    SocketCreate,

    /// <summary>
    /// At bind(), before the kernel looks at other sockets; it may also rewrite the address and
    /// the port (BPF_CGROUP_INET4_BIND, INET6_BIND).
    /// </summary>
    Bind,

    /// <summary>At bind(), once the port is taken; it may refuse it (BPF_CGROUP_INET4_POST_BIND, INET6_POST_BIND).</summary>
    PostBind,
}
