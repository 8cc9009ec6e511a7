namespace Bindwise.Rendering.Tests;

/// <summary>Samples in which no process is to blame: the kernel's own socket, and a policy.</summary>
internal static class BesideProcesses
{
    private static readonly HeldSocket Tunnel = new()
    {
        Protocol = Protocol.Udp,
        State = TcpSocketState.Close,
        Local = new IpEndpoint(IpAddress.AnyIPv4, 4789),
        UserId = 0,
        Inode = 818,
        Cookie = 9,
    };

    public static Diagnosis KernelSocket() => new()
    {
        Target = new Target { Text = "4789/udp", Protocol = Protocol.Udp, Port = 4789 },
        Port = 4789,
        Verdict = Verdict.Blocked,
        Errno = "EADDRINUSE",
        Cause = Cause.KernelSocket,
        Factors = [Cause.UdpSocket],
        Rule = RuleBook.UdpHeld,
        Summary = "4789/udp is taken (EADDRINUSE): the VXLAN interfaces v0 and v\u001b[1m share a UDP socket on 0.0.0.0:4789.",
        Why = ["A UDP socket keeps its address and port."],
        Blockers =
        [
            new Blocker(Tunnel, [], RuleBook.UdpHeld)
            {
                Kernel = new KernelOwner(KernelServiceKind.Vxlan, ["v0", "v\u001b[1m"], "the VXLAN interfaces v0 and v\u001b[1m", "rtnetlink (ip -d link)", "vxlan_rcv [vxlan]"),
            },
            new Blocker(Tunnel with { Local = new IpEndpoint(IpAddress.AnyIPv6, 4789), Family = IpFamily.IPv6, Inode = 819, Cookie = 10 }, [], RuleBook.UdpHeld)
            {
                Kernel = new KernelOwner(KernelServiceKind.Other, [], "the kernel itself", "", null),
            },
        ],
        TakenAt = Samples.TakenAt,
    };

    public static Diagnosis Policies() => new()
    {
        Target = new Target { Text = "8080", Protocol = Protocol.Tcp, Port = 8080 },
        Port = 8080,
        Verdict = Verdict.Blocked,
        Errno = "EPERM",
        Cause = Cause.DeniedByPolicy,
        Rule = RuleBook.DeniedByPolicy,
        Summary = "8080/tcp cannot be bound (EPERM): systemd's SocketBindDeny= of web.service refuses it.",
        Policies =
        [
            new Policy(PolicyKind.CgroupBpf, "sd_bind4", "/system.slice/web.service", "cgroup/bind4, id 7", true),
            new Policy(PolicyKind.Landlock, "", null, null, false),
        ],
        TakenAt = Samples.TakenAt,
    };
}
