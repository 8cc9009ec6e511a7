using Bindwise.Linux.KernelServices;

namespace Bindwise.Linux.Tests.KernelServices;

/// <summary>Services that tell by files: the text is that of the kernel's documentation and sources, since this machine has none of them.</summary>
public sealed class ServiceFileTests
{
    [Theory]
    [InlineData("tcp 2049\ntcp 2049\nudp 2049\nrdma 20049\n", Protocol.Tcp, "2049 2049")]
    [InlineData("tcp 2049\nudp 2049\n", Protocol.Udp, "2049")]
    [InlineData("ipv4 tcp 0.0.0.0 2049\nipv6 tcp :: 2049\n", Protocol.Tcp, "2049 2049")]
    [InlineData("rdma 20049\n", Protocol.Tcp, "")]
    [InlineData("tcp\ntcp x\ntcp 99999\n\n", Protocol.Tcp, "")]
    public void NfsPortList_Lines_AreThePorts(string text, Protocol protocol, string expected)
    {
        var services = new List<KernelService>();
        NfsServices.AddPortList(text, protocol, services);
        Assert.Equal(expected, string.Join(' ', services.Select(static s => s.Port)));
        Assert.All(services, static s => Assert.Equal(KernelServiceKind.NfsServer, s.Kind));
    }

    [Fact]
    public void Nfs_LockManagerAndCallback_AreTheirSettings()
    {
        using var root = new ServiceRoot().With("/proc/sys/fs/nfs/nlm_tcpport", "32803\n").With("/proc/sys/fs/nfs/nlm_udpport", "32769\n")
            .With("/proc/sys/fs/nfs/nfs_callback_tcpport", "0\n").With("/proc/fs/nfsd/portlist", "tcp 2049\n");
        var services = new List<KernelService>();
        NfsServices.Read(root.Files, Protocol.Tcp, services);
        Assert.Equal([(KernelServiceKind.NfsServer, 2049), (KernelServiceKind.NfsLocks, 32803)], services.Select(static s => (s.Kind, (int)s.Port!)));
        services.Clear();
        NfsServices.Read(root.Files, Protocol.Udp, services);
        Assert.Equal([(KernelServiceKind.NfsLocks, 32769)], services.Select(static s => (s.Kind, (int)s.Port!)));
    }

    [Fact]
    public void Mounts_OfNetworkFileSystems_AreToldByTheOtherEnd()
    {
        const string Lines =
            "22 1 0:20 / / rw - ext4 /dev/vda1 rw\n"
            + "310 22 0:52 / /data rw,relatime shared:160 - nfs4 nas:/export/data rw,vers=4.2,rsize=1048576,namlen=255,hard,proto=tcp,timeo=600,retrans=2,sec=sys,clientaddr=192.0.2.1,local_lock=none,addr=192.0.2.9\n"
            + "311 22 0:53 / /old\\040data rw,relatime - nfs nas:/old rw,vers=3,port=20490,proto=udp,mountaddr=192.0.2.9,mountport=20048,mountproto=udp,addr=192.0.2.9\n"
            + "312 22 0:54 / /share rw,relatime - cifs //nas/share rw,vers=3.1.1,username=alice,uid=0,addr=2001:db8::9,file_mode=0755\n"
            + "313 22 0:55 / /ceph rw,relatime - ceph 192.0.2.21:6789,192.0.2.22:6789:/ rw,name=admin,secret=<hidden>,acl\n"
            + "314 22 0:56 / /host rw,relatime - 9p 192.0.2.7 rw,trans=tcp,port=5640\n"
            + "315 22 0:57 / /vm rw,relatime - 9p hostshare rw,trans=virtio\n";
        using var root = new ServiceRoot().With("/proc/self/mountinfo", Lines);
        var services = new List<KernelService>();
        NetworkMounts.Read(root.Files, Protocol.Tcp, services);
        Assert.Equal(
            ["NfsMount /data 192.0.2.9:2049", "SmbMount /share [2001:db8::9]:445", "CephMount /ceph 192.0.2.21:6789", "CephMount /ceph 192.0.2.22:6789", "PlanNineMount /host 192.0.2.7:5640"],
            services.Select(static s => $"{s.Kind} {s.Name} {s.Remote}"));
        services.Clear();
        NetworkMounts.Read(root.Files, Protocol.Udp, services);
        Assert.Contains("/old data 192.0.2.9:20490", services.Select(static s => $"{s.Name} {s.Remote}"));
    }

    [Fact]
    public void Iscsi_Portals_AreFoldersByTheirAddress()
    {
        const string Target = "/sys/kernel/config/target/iscsi/iqn.2003-01.org.linux-iscsi.nas.x8664:sn.8a4c/tpgt_1/np/";
        using var root = new ServiceRoot().Folder(Target + "0.0.0.0:3260").Folder(Target + "[::0]:3261").Folder("/sys/kernel/config/target/iscsi/discovery_auth").Folder("/sys/kernel/config/target/iscsi/lio_version");
        var services = new List<KernelService>();
        StorageTargets.Read(root.Files, services);
        Assert.Equal(["0.0.0.0 3260", ":: 3261"], services.Select(static s => $"{s.Address} {s.Port}"));
        Assert.All(services, static s => Assert.Equal("iqn.2003-01.org.linux-iscsi.nas.x8664:sn.8a4c", s.Name));
    }

    [Fact]
    public void NvmeTarget_PortWithASubsystem_IsOpen()
    {
        const string Ports = "/sys/kernel/config/nvmet/ports/";
        using var root = new ServiceRoot()
            .With(Ports + "1/addr_trtype", "tcp\n").With(Ports + "1/addr_trsvcid", "4420\n").With(Ports + "1/addr_traddr", "192.0.2.1\n").Folder(Ports + "1/subsystems/nqn.2026-01.org.example:disk")
            .With(Ports + "2/addr_trtype", "tcp\n").With(Ports + "2/addr_trsvcid", "4421\n").Folder(Ports + "2/subsystems")
            .With(Ports + "3/addr_trtype", "rdma\n").With(Ports + "3/addr_trsvcid", "4422\n").Folder(Ports + "3/subsystems/x")
            .With("/sys/class/nvme/nvme0/transport", "tcp\n").With("/sys/class/nvme/nvme0/address", "traddr=192.0.2.30,trsvcid=4420,src_addr=192.0.2.1\n")
            .With("/sys/class/nvme/nvme1/transport", "pcie\n").With("/sys/class/nvme/nvme1/address", "0000:01:00.0\n");
        var services = new List<KernelService>();
        StorageTargets.Read(root.Files, services);
        Assert.Equal(["NvmeTarget 1 192.0.2.1 4420 ", "NvmeHost nvme0   192.0.2.30:4420"], services.Select(static s => $"{s.Kind} {s.Name} {s.Address} {s.Port} {s.Remote}"));
    }

    [Fact]
    public void Clusters_ThatAreConfigured_HaveTheirPorts()
    {
        using var root = new ServiceRoot()
            .With("/sys/kernel/config/dlm/cluster/protocol", "0\n").With("/sys/kernel/config/dlm/cluster/tcp_port", "21064\n").Folder("/sys/kernel/config/dlm/cluster/comms/1")
            .With("/sys/kernel/config/cluster/web/node/a/local", "1\n").With("/sys/kernel/config/cluster/web/node/a/ipv4_port", "7777\n").With("/sys/kernel/config/cluster/web/node/a/ipv4_address", "192.0.2.1\n")
            .With("/sys/kernel/config/cluster/web/node/b/local", "0\n").With("/sys/kernel/config/cluster/web/node/b/ipv4_port", "7778\n");
        var services = new List<KernelService>();
        ClusterServices.Read(root.Files, services);
        Assert.Equal(["Dlm  21064", "Ocfs2Cluster 192.0.2.1 7777"], services.Select(static s => $"{s.Kind} {s.Address} {s.Port}"));
    }

    [Theory]
    [InlineData("[global]\n\ttcp port = 4450\n", 4450)]
    [InlineData("[global]\n  tcp  port=4451\n", 4451)]
    [InlineData("[global]\n  server string = x\n", 445)]
    public void SmbServer_WithItsModule_HasThePortOfItsConfiguration(string configuration, int port)
    {
        using var root = new ServiceRoot().With("/etc/ksmbd/ksmbd.conf", configuration);
        var services = new List<KernelService>();
        OtherServices.Read(root.Files, Protocol.Tcp, services);
        Assert.Empty(services);
        root.Folder("/sys/class/ksmbd-control");
        OtherServices.Read(root.Files, Protocol.Tcp, services);
        Assert.Equal((ushort?)port, Assert.Single(services).Port);
    }

    [Fact]
    public void RxRpcAndSctpAndRoce_AreToldByTheirFiles()
    {
        using var root = new ServiceRoot()
            .With("/proc/net/rxrpc/locals", "Proto Local                                            Use Act RxQ\nUDP   [::]:7001                                         2   1   0\n")
            .With("/proc/sys/net/sctp/udp_port", "9899\n").Folder("/sys/class/infiniband/rxe0").Folder("/sys/class/infiniband/mlx5_0");
        var services = new List<KernelService>();
        OtherServices.Read(root.Files, Protocol.Udp, services);
        Assert.Equal(["RxRpc  7001", "SctpOverUdp  9899", "Rxe rxe0 4791"], services.Select(static s => $"{s.Kind} {s.Name} {s.Port}"));
    }

    [Fact]
    public void Read_HostWithNothing_FindsNothing()
    {
        using var root = new ServiceRoot();
        var services = new List<KernelService>();
        foreach (var protocol in new[] { Protocol.Tcp, Protocol.Udp })
        {
            NfsServices.Read(root.Files, protocol, services);
            NetworkMounts.Read(root.Files, protocol, services);
            OtherServices.Read(root.Files, protocol, services);
        }
        StorageTargets.Read(root.Files, services);
        ClusterServices.Read(root.Files, services);
        Assert.Empty(services);
    }
}
