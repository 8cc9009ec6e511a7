namespace Bindwise.Linux.Tests.Containers;

/// <summary>What real engines answered and wrote, shortened by fields that are not read: Docker 20.10.24 and Podman 4.3.1 on Debian 12, containerd 1.6.</summary>
internal static class Captured
{
    public const string DockerId = "f5fc1db0664159715650b9269b50fdbd88db36e7e02cf987d6ff14eb49d8ca66";
    public const string PodmanId = "cc7834bb2012fb2b7f1494cf866d5fadf27649d053e79d9fa2920a4ff216552e";

    public const string DockerList = """
        [{"Id":"f5fc1db0664159715650b9269b50fdbd88db36e7e02cf987d6ff14eb49d8ca66","Names":["/shop-web-1"],"Image":"pause:1","ImageID":"sha256:9caacf49dd75",
        "Command":"/bin/pause","Created":1795186468,"Ports":[{"IP":"127.0.0.1","PrivatePort":53,"PublicPort":5353,"Type":"udp"},
        {"IP":"0.0.0.0","PrivatePort":80,"PublicPort":8080,"Type":"tcp"},{"IP":"::","PrivatePort":80,"PublicPort":8080,"Type":"tcp"}],
        "Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"web"},"State":"running","Status":"Up 1 second","HostConfig":{"NetworkMode":"default"},
        "NetworkSettings":{"Networks":{"bridge":{"IPAMConfig":null,"Links":null,"Aliases":null,"NetworkID":"a7105a15b595","Gateway":"172.17.0.1","IPAddress":"172.17.0.2",
        "IPPrefixLen":16,"IPv6Gateway":"","GlobalIPv6Address":"","GlobalIPv6PrefixLen":0,"MacAddress":"02:42:ac:11:00:02","DriverOpts":null}}},"Mounts":[]}]
        """;

    public const string DockerFile = """
        {"StreamConfig":{},"State":{"Running":true,"Pid":219},"ID":"f5fc1db0664159715650b9269b50fdbd88db36e7e02cf987d6ff14eb49d8ca66","Path":"/bin/pause","Args":[],
        "Config":{"Hostname":"f5fc1db06641","Env":null,"Cmd":["/bin/pause"],"Image":"pause:1","Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"web"}},
        "Image":"sha256:9caacf49dd75","NetworkSettings":{"Networks":{"bridge":{"Gateway":"172.17.0.1","IPAddress":"172.17.0.2","IPPrefixLen":16,"GlobalIPv6Address":"","IPAMOperational":false}},
        "Service":null,"Ports":{"53/udp":[{"HostIp":"127.0.0.1","HostPort":"5353"}],"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"},{"HostIp":"::","HostPort":"8080"}]}},
        "LogPath":"/var/lib/docker/x.log","Name":"/shop-web-1","Driver":"vfs"}
        """;

    public const string PodmanList = """
        [{"Id":"1302d7e0dcbc87e8a191e59d4e1cdb3a8f609cc87b26b9d3b26b4ad4571f6cb2","Names":["/slirp-web"],"Image":"","ImageID":"sha256:","Ports":[{"PrivatePort":80,"PublicPort":8081,"Type":"tcp"}],
        "Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"web"},"State":"running","NetworkSettings":{"Networks":null},"Mounts":[],"Config":null},
        {"Id":"cc7834bb2012fb2b7f1494cf866d5fadf27649d053e79d9fa2920a4ff216552e","Names":["/shop-web"],"Image":"","ImageID":"sha256:","Ports":[{"PrivatePort":80,"PublicPort":8080,"Type":"tcp"}],
        "Labels":{},"State":"running","NetworkSettings":{"Networks":{"podman":{"IPAMConfig":null,"Gateway":"10.88.0.1","IPAddress":"10.88.0.2","GlobalIPv6Address":""}}},"Config":null}]
        """;

    public const string PodmanStorage = """
        [{"id":"cc7834bb2012fb2b7f1494cf866d5fadf27649d053e79d9fa2920a4ff216552e","names":["shop-web"],"image":"","layer":"b2ad99fb1803",
        "metadata":"{\"image-name\":\"docker.io/library/nginx:1.25\",\"image-id\":\"\",\"name\":\"shop-web\",\"created-at\":1795186431}","created":"2026-11-20T14:53:51.022961818Z","flags":{"MountLabel":"","ProcessLabel":""}}]
        """;

    /// <summary>By the annotations that containerd's CRI plugin documents (pkg/cri/annotations), not captured: no Kubernetes ran.</summary>
    public const string ContainerdBundle = """
        {"ociVersion":"1.0.2-dev","process":{"args":["nginx"]},"annotations":{"io.kubernetes.cri.container-name":"nginx","io.kubernetes.cri.container-type":"container",
        "io.kubernetes.cri.image-name":"docker.io/library/nginx:1.25","io.kubernetes.cri.sandbox-id":"01","io.kubernetes.cri.sandbox-name":"web-0",
        "io.kubernetes.cri.sandbox-namespace":"shop","io.kubernetes.cri.sandbox-uid":"2a1c0de0-1111-2222-3333-444455556666"}}
        """;
}
