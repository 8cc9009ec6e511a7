using System.Text;
using Bindwise.Linux.Accounts;
using Bindwise.Linux.Cgroups;
using Bindwise.Linux.Containers;
using Bindwise.Linux.KernelServices;
using Bindwise.Linux.Names;
using Bindwise.Linux.NetworkNamespaces;
using Bindwise.Linux.Policies;
using Bindwise.Linux.Proc;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Processes.PendingUses;
using Bindwise.Linux.Processes.StartedFrom;
using Bindwise.Linux.Sysctls;
using Bindwise.Linux.Text;
using Bindwise.Linux.Units;
using Bindwise.Linux.UnixPaths;
using Bindwise.Portable;

namespace Bindwise.Parsers.Tests;

/// <summary>Files: those of procfs, of systemd, of container engines, and lists of names.</summary>
internal static class FileTargets
{
    public static IEnumerable<ParserTarget> All =>
    [
        ParserTarget.OfLines("/proc/net/tcp", static bytes => NetFile.Parse(bytes, Protocol.Tcp, 8080, []), NetTcp, NetTcp6),
        ParserTarget.OfLines("/proc/net/udp", static bytes => NetFile.Parse(bytes, Protocol.Udp, 53, []), NetTcp.Replace("1F90", "0035", StringComparison.Ordinal)),
        ParserTarget.OfLines("/proc/net/unix", static bytes => UnixNetFile.Parse(bytes, "/run/a.sock"u8, []),
            "Num       RefCount Protocol Flags    Type St Inode Path\n0000000000000000: 00000002 00000000 00010000 0001 01 12345 /run/a.sock\n0000000000000000: 00000003 00000000 00000000 0001 03 777 @abstract\n"),
        ParserTarget.OfLines("/proc/PID/stat", static bytes => _ = StatLine.TryParse(bytes, out _),
            "4711 (ngin x) (y) S 1 4711 4711 34816 4711 4194304 1 0 0 0 2 3 0 0 20 0 1 0 123456 1000000 200 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n"),
        ParserTarget.OfLines("/proc/PID/status", static bytes =>
        {
            ProcessStatus.Parse(bytes);
            ProcessStatus.TryFindIds(bytes, out _, out _);
        }, "Name:\tnginx\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t4711\nNgid:\t0\nPid:\t4711\nPPid:\t1\nUid:\t0\t33\t0\t0\nGid:\t0\t33\t0\t0\nGroups:\t0 4 33 \nNSpid:\t4711\t12\t1\nThreads:\t1\nCapInh:\t0000000000000000\nCapEff:\t000001ffffffffff\nNoNewPrivs:\t0\nSeccomp:\t2\nSeccomp_filters:\t1\n"),
        ParserTarget.OfLines("/proc/PID/cmdline", static bytes => { CommandLine.Parse(bytes, isCut: false); CommandLine.Parse(bytes, isCut: true); },
            "nginx: worker process\0\0\0\0\0", "node\0server.js\0--port=8080\0", "a\0\0b\0é\u202e\0"),
        ParserTarget.OfLines("/proc/PID/cgroup", static bytes =>
        {
            foreach (var path in CgroupFile.Parse(bytes).Paths)
                CgroupPath.Container(path);
        }, "0::/system.slice/nginx.service\n", "12:cpu,cpuacct:/docker/0f9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b3a2f1e0d9c8b7a6f5e4d3c2b1a0f9e\n0::/system.slice/docker-0f9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b3a2f1e0d9c8b7a6f5e4d3c2b1a0f9e.scope\n",
            "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice/cri-containerd-0f9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b3a2f1e0d9c8b7a6f5e4d3c2b1a0f9e.scope\n"),
        ParserTarget.OfLines("/proc/PID/maps", static bytes => SocketMappings.SocketOf(bytes), "7f00-7f01 rw-s 00000000 00:08 4711                     socket:[4711]", "7f00-7f01 r-xp 00000000 08:01 12 /usr/bin/x y"),
        ParserTarget.OfLines("/proc/PID/mountinfo", static bytes => { MountInfo.Parse(bytes); MountInfo.Parse(bytes, "nfs4"); HiddenProcesses.HidesOthers(bytes); },
            "22 27 0:21 / /proc rw,nosuid - proc proc rw,hidepid=invisible\n36 35 98:0 /mnt1 /mnt\\0402 rw,noatime master:1 - nfs4 h:/x rw,addr=10.0.0.7,clientaddr=10.0.0.8\n"),
        ParserTarget.OfLines("/proc/PID/fdinfo", static bytes => { DescriptorInfo.CloseOnExec(bytes); DescriptorInfo.WaitingDescriptors(bytes); DescriptorInfo.RegisteredSockets(bytes); },
            "pos:\t0\nflags:\t02000002\nmnt_id:\t15\nino:\t4711\nscm_fds: 2\ntfd:        5 events:       19 data: 5  pos:0 ino:4711 sdev:8\n", "SqMask:\t0x3f\nUserFiles:\t2\n    0: socket:[4711]\n    1: socket:[12]\nUserBufs:\t0\n"),
        ParserTarget.OfLines("/proc/PID/task/TID/syscall", static bytes => SystemCall.Parse(bytes), "43 0x3 0x7ffd 0x7ffe 0x0 0x0 0x0 0x7ffc 0x7f12\n", "running\n", "-1 0x7ffc 0x7f12\n"),
        ParserTarget.OfText("walk over wait queues", static text => _ = WaitQueues.Parse(text).Count(), "4711 12 12 0 0 0 0 0 autoremove_wake_function\n4711 0 0 13 13 0 0 0 pollwake.isra.0\n4711 0 0 0 0 0 0 99 aio_poll_wake\n"),
        ParserTarget.OfLines("link to a socket", static bytes => _ = SocketLink.TryParse(bytes, out _), "socket:[4711]", "socket:[18446744073709551615]", "pipe:[1]"),
        ParserTarget.OfLines("sysctl of ports", static bytes => HostSettingsReader.ParsePorts(bytes), "8080,9148-9200,65535\n", "32768\t60999\n"),
        ParserTarget.OfLines("text of the kernel", static bytes => KernelText.Decode(bytes), "eth0", "a\u202eb"),
        ParserTarget.OfLines("unit file", static bytes => UnitFile.Read(bytes, "Socket"),
            "[Unit]\nDescription=x\n\n[Socket]\nListenStream=0.0.0.0:8080\nListenStream=\\\n  /run/a.sock\n# c\n; d\nBindIPv6Only=both\n[Install]\nWantedBy=sockets.target\n"),
        ParserTarget.OfText("socket bind rule", static text => SocketBindText.Parse(true, text), "ipv4:tcp:8080", "tcp:8000-8100", "any", "ipv6"),
        ParserTarget.OfText("unit name", static text => UnitName.Read(text), "a.socket", "getty@tty1.socket", "a\\x2db@x\\x20y.socket", "@.socket"),
        ParserTarget.OfLines("engine's list", static bytes => HostileJson.Read(bytes, static list => ContainerForms.OfList(list, "docker", null).Length.ToString()), EngineList),
        ParserTarget.OfLines("Docker's file", static bytes => HostileJson.Read(bytes, static file => ContainerForms.OfDockerFile(file)?.ToString()), DockerFile),
        ParserTarget.OfLines("OCI bundle", static bytes => HostileJson.Read(bytes, static file => ContainerForms.OfBundle(file, "0f9e", "containerd").ToString()), """{"ociVersion":"1.0","annotations":{"io.kubernetes.cri.container-name":"web","io.kubernetes.cri.sandbox-name":"p"}}"""),
        ParserTarget.OfLines("Podman's storage", static bytes => HostileJson.Read(bytes, static list => ContainerForms.OfStorage(list, "0f9e", 1000)?.ToString()), """[{"id":"0f9e","names":["web"],"metadata":"{\"image-name\":\"nginx\"}"}]"""),
        ParserTarget.OfLines("answer of an engine", static bytes => EngineClient.BodyOf(bytes), "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n", "HTTP/1.1 404 Not Found\r\n\r\n"),
        ParserTarget.OfLines("/etc/services", static bytes => { ServiceNames.FindPort(bytes, "http", Protocol.Tcp); ServicesFile.FindPort(Encoding.UTF8.GetString(bytes).Split('\n'), "http", Protocol.Tcp); },
            "# x\nhttp\t80/tcp\twww # WorldWideWeb\nhttp 80/udp\ndomain 53/udp\n"),
        ParserTarget.OfLines("/etc/hosts", static bytes => HostNames.FindListed(bytes, "db"), "127.0.0.1 localhost\n10.0.0.7\tdb db.example # x\n::1 localhost ip6-localhost\nfe80::1%eth0 db\n"),
        ParserTarget.OfLines("/proc/self/uid_map", static bytes => new UserMap(bytes, bytes).IsOutside(65534), "         0          0 4294967295\n", "0 1000 1\n1 100000 65536\n"),
        ParserTarget.OfLines("/etc/passwd", static bytes => { var users = new UserNames(bytes); users.Find(1000); users.FindId("joe"); GroupList.OfUser(1000, bytes, bytes); },
            "root:x:0:0:root:/root:/bin/bash\njoe:x:1000:1000:Joe,,,:/home/joe:/bin/sh\nusers:x:100:joe,ann\n"),
        ParserTarget.OfLines("HEAD of a repository", static bytes => GitBranch.Understand(bytes), "ref: refs/heads/feature/a-b\n", "0123456789abcdef0123456789abcdef01234567\n"),
        ParserTarget.OfText("security modules", static text => SecurityModules.ParseFile(text), "lockdown,capability,landlock,yama,apparmor,bpf\n"),
        ParserTarget.OfText("address of a service", static text => _ = ServiceAddress.TryParse(text, out _), "127.0.0.1:2049", "[::1]:3260", "0.0.0.0:0"),
        ParserTarget.OfText("ports of nfsd", static text => NfsServices.AddPortList(text, Protocol.Tcp, []), "rdma 20049\ntcp 2049\nudp 2049\n"),
    ];

    private const string NetTcp = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000   101        0 4711 1 0000000000000000 100 0 0 10 0\n   1: 0100007F:1F90 0100007F:C001 06 00000000:00000000 03:00000E10 00000000     0        0 0 3 0000000000000000\n";

    private const string NetTcp6 = "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0\n";

    private const string EngineList = """[{"Id":"0f9e8d7c","Names":["/web"],"Image":"nginx:1.25","Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"web"},"Ports":[{"IP":"0.0.0.0","PrivatePort":80,"PublicPort":8080,"Type":"tcp"},{"PrivatePort":443,"Type":"tcp"}],"NetworkSettings":{"Networks":{"bridge":{"IPAddress":"172.17.0.2","GlobalIPv6Address":""}}}}]""";

    private const string DockerFile = """{"ID":"0f9e8d7c","Name":"/web","RestartCount":2,"Config":{"Image":"nginx","Labels":{"com.docker.compose.project":"shop"}},"NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"}],"443/tcp":null},"Networks":{"bridge":{"IPAddress":"172.17.0.2"}}}}""";
}
