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
            new Blocker
            {
                Socket = Tunnel,
                Owners = [],
                Rule = RuleBook.UdpHeld,
                Kernel = new KernelOwner
                {
                    Kind = KernelServiceKind.Vxlan,
                    Names = ["v0", "v\u001b[1m"],
                    Label = "the VXLAN interfaces v0 and v\u001b[1m",
                    Source = "rtnetlink (ip -d link)",
                    Handler = "vxlan_rcv [vxlan]",
                },
            },
            new Blocker
            {
                Socket = Tunnel with { Local = new IpEndpoint(IpAddress.AnyIPv6, 4789), Family = IpFamily.IPv6, Inode = 819, Cookie = 10 },
                Owners = [],
                Rule = RuleBook.UdpHeld,
                Kernel = new KernelOwner
                {
                    Kind = KernelServiceKind.Other,
                    Names = [],
                    Label = "the kernel itself",
                    Source = "",
                    Handler = null,
                },
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
            new Policy
            {
                Kind = PolicyKind.CgroupBpf,
                Name = "sd_bind4",
                Where = "/system.slice/web.service",
                Detail = "cgroup/bind4, id 7",
                IsCertain = true,
            },
            new Policy { Kind = PolicyKind.Landlock, Name = "", Where = null, Detail = null, IsCertain = false },
        ],
        TakenAt = Samples.TakenAt,
    };
}
