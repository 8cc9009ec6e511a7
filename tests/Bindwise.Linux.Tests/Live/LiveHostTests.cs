using Bindwise.Linux.Tests.Kernel;

namespace Bindwise.Linux.Tests.Live;

/// <summary>Steps and what the kernel answers to them, as linux-bind-rules and the man pages tell.</summary>
[Collection(AloneCollection.Name)]
public sealed class LiveHostTests
{
    [KernelTheory]
    // bind(2): the rules between two sockets.
    [InlineData("tcp4 a; bind a 127.0.0.1 8000; tcp4 b; bind b 127.0.0.1 8000 -> EADDRINUSE; bind b 127.0.0.2 8000")]
    [InlineData("tcp4 a; set a SO_REUSEADDR 1; bind a 0.0.0.0 8000; tcp4 b; set b SO_REUSEADDR 1; bind b 127.0.0.1 8000; listen a; listen b -> EADDRINUSE; close a; listen b")]
    [InlineData("tcp6 a; set a IPV6_V6ONLY 1; bind a :: 8000; tcp4 b; bind b 0.0.0.0 8000; tcp6 c; bind c :: 8000 -> EADDRINUSE")]
    [InlineData("tcp6 a; bind a ::ffff:127.0.0.1 8000; tcp4 b; bind b 127.0.0.1 8000 -> EADDRINUSE; set a IPV6_V6ONLY 1 -> EINVAL")]
    [InlineData("udp4 a; bind a 0.0.0.0 8000; tcp4 b; bind b 0.0.0.0 8000; udp4 c; bind c 127.0.0.1 8000 -> EADDRINUSE")]
    // The order of errors.
    [InlineData("tcp6 a; bind a 127.0.0.1 8000 -> EINVAL; tcp4 b; bind b ::1 8000 -> EAFNOSUPPORT; bind b 203.0.113.9 8000 -> EADDRNOTAVAIL")]
    [InlineData("tcp4 a; set a IP_FREEBIND 1; bind a 203.0.113.9 8000; bind a 203.0.113.9 8001 -> EINVAL")]
    [InlineData("tcp6 a; bind a fe80::1 8000 -> EINVAL; bind a fe80::1%nowhere 8000 -> ENODEV; bind a fe80::1%lo 8000 -> EADDRNOTAVAIL")]
    // Options.
    [InlineData("tcp4 a; set a IPV6_V6ONLY 1 -> ENOPROTOOPT; set a SO_LINGER 5; set a SO_LINGER -1; set a IP_LOCAL_PORT_RANGE 40000-41000; set a IP_LOCAL_PORT_RANGE 5-4 -> EINVAL")]
    [InlineData("tcp4 a; set a IP_BIND_ADDRESS_NO_PORT 1; bind a 127.0.0.1 0; bind a 127.0.0.1 8000; set a IP_TRANSPARENT 1; set a IPV6_FREEBIND 1 -> ENOPROTOOPT")]
    // Connections.
    [InlineData("tcp4 a; bind a 127.0.0.1 8000; listen a; tcp4 c; connect c @a; accept a s; send c 100; receive s 50; receive s 100; receive s 1 -> EAGAIN; close c; receive s 1; close s")]
    [InlineData("tcp4 a; connect a 127.0.0.1 8000 -> ECONNREFUSED; bind a 127.0.0.1 8000; tcp4 b; bind b 127.0.0.1 8000 -> EADDRINUSE")]
    [InlineData("tcp4 a; bind a 127.0.0.1 8000; listen a; connect a 127.0.0.1 8000 -> EISCONN; accept a s -> EAGAIN")]
    [InlineData("tcp4 a; send a 1 -> EPIPE; receive a 1 -> ENOTCONN; shutdown a both -> ENOTCONN; accept a s -> EINVAL; disconnect a")]
    [InlineData("tcp6 a; bind a :: 8000; listen a; tcp4 c; connect c @a; tcp6 d; connect d @a; accept a s; accept a t; accept a u -> EAGAIN")]
    [InlineData("tcp4 a; bind a 127.0.0.1 8000; connect a 127.0.0.1 8000; send a 5; receive a 5; disconnect a; bind a 127.0.0.1 8001 -> EINVAL")]
    [InlineData("tcp4 a; bind a 127.0.0.1 8000; listen a; tcp4 c; connect c @a; abort c; accept a s; receive s 1 -> ECONNRESET; send s 1 -> EPIPE")]
    [InlineData("tcp4 a; bind a 127.0.0.1 8000; listen a; tcp4 c; connect c @a; shutdown a read; receive c 1 -> ECONNRESET; accept a s -> EINVAL; listen a")]
    // UDP.
    [InlineData("udp4 a; bind a 127.0.0.1 8000; udp4 c; send c 10 127.0.0.1 8000; receive a 3; receive a 3 -> EAGAIN; send c 1 -> EDESTADDRREQ; connect c @a; send c 0; receive a 5")]
    [InlineData("udp4 a; connect a 127.0.0.1 8000; send a 1; send a 1 -> ECONNREFUSED; receive a 1 -> EAGAIN; listen a -> EOPNOTSUPP; accept a s -> EOPNOTSUPP")]
    [InlineData("udp4 a; connect a 127.0.0.1 8000; send a 1; receive a 1 -> ECONNREFUSED; shutdown a both; receive a 1")]
    // Names.
    [InlineData("bind a 127.0.0.1 8000 -> ENOSOCK; close a -> ENOSOCK; tcp4 a; connect a @b -> ENOSOCK; close a; listen a -> ENOSOCK; accept a s -> ENOSOCK")]
    [InlineData("tcp4 a; bind a 127.0.0.1 8000; tcp4 a; bind a 127.0.0.1 8000")]
    [InlineData("tcp4 a; bind a 127.0.0.1 8000; listen a; tcp4 c; connect c @a; accept a c; receive c 1; tcp4 d; connect d @a; accept a d; receive d 1")]
    public void Steps_OnTheKernel_GiveItsAnswers(string text) => PoolThread.Check(text);

    /// <summary>What is left of a connection, by who closed it and how.</summary>
    [KernelTheory]
    [InlineData("close s; close c; close a", "EADDRINUSE")]
    [InlineData("close c; close s; close a", "ok")]
    [InlineData("close a; shutdown s write; shutdown c write; close c; close s", "EADDRINUSE")]
    [InlineData("close a; shutdown s write; close s", "EADDRINUSE")]
    [InlineData("abort s; close a", "ok")]
    [InlineData("abort c; close a", "ok")]
    [InlineData("close a; close c", "EADDRINUSE")]
    [InlineData("send c 1; close s; close a", "ok")]
    [InlineData("close s; send c 1; send c 1 -> EPIPE; close a", "ok")]
    public void Closing_InAnOrder_LeavesWhatItLeaves(string closing, string result) => PoolThread.Check(
        $"tcp4 a; bind a 127.0.0.1 8000; listen a; tcp4 c; connect c @a; accept a s; {closing}; tcp4 b; bind b 127.0.0.1 8000 -> {result}");

    [KernelTheory]
    [InlineData("tcp4 a user=1000; bind a 127.0.0.1 80 -> EACCES; set a IP_TRANSPARENT 1 -> EPERM; bind a 127.0.0.1 8000; tcp4 b; bind b 127.0.0.1 80; set b IP_TRANSPARENT 1")]
    [InlineData("tcp4 a user=1000; set a SO_REUSEPORT 1; bind a 127.0.0.1 8000; tcp4 b user=1001; set b SO_REUSEPORT 1; bind b 127.0.0.1 8000 -> EADDRINUSE; tcp4 c user=1000; set c SO_REUSEPORT 1; bind c 127.0.0.1 8000")]
    [InlineData("tcp4 a user=0; bind a 127.0.0.1 80")]
    public void User_OfASocket_MakesEveryCallOnIt(string text) => PoolThread.Check(text);

    [KernelTheory]
    [InlineData("tcp4 a device=v0; bind a 0.0.0.0 8000; tcp4 b device=v1; bind b 0.0.0.0 8000; tcp4 c; bind c 0.0.0.0 8000 -> EADDRINUSE; tcp4 d device=lo; bind d 0.0.0.0 8000")]
    [InlineData("tcp4 a device=nowhere -> ENODEV; bind a 127.0.0.1 8000 -> ENOSOCK")]
    [InlineData("tcp4 a; bind a 192.0.2.1 8000 -> EADDRNOTAVAIL")]
    [InlineData("tcp4 a; set a SO_BINDTODEVICE v0; set a SO_BINDTODEVICE none; bind a 192.0.2.1 8000; listen a; tcp4 c; connect c @a; accept a s; close s; close c")]
    [InlineData("tcp6 a device=v1; bind a 2001:db8:1::1 8000; tcp6 b; bind b 2001:db8::1 8000; listen b; tcp6 c; connect c @b; accept b s")]
    public void Device_OfASocket_IsThere(string text) => PoolThread.Check(text);

    [KernelTheory]
    [InlineData("sysctl net.ipv4.ip_unprivileged_port_start 80; tcp4 a user=1000; bind a 127.0.0.1 80; bind a 127.0.0.1 79 -> EACCES")]
    [InlineData("sysctl net.ipv4.tcp_tw_reuse 7 -> EINVAL; sysctl net.ipv6.bindv6only 1; tcp6 a; bind a :: 8000; tcp4 b; bind b 0.0.0.0 8000")]
    [InlineData("sysctl net.ipv4.ip_local_port_range 40000 40001; tcp4 a; bind a 127.0.0.1 0; tcp4 b; bind b 127.0.0.1 0; tcp4 c; bind c 127.0.0.1 0 -> EADDRINUSE; tcp4 d; connect d 127.0.0.1 9 -> EADDRNOTAVAIL")]
    [InlineData("sysctl net.ipv4.ip_local_reserved_ports 40000; sysctl net.ipv4.ip_local_port_range 40000 40001; sysctl net.ipv4.ip_local_reserved_ports; tcp4 a; bind a 127.0.0.1 0; tcp4 b; bind b 127.0.0.1 0")]
    public void Sysctl_OfAScenario_HoldsInItsOwnNamespace(string text) => PoolThread.Check(text);
}
