using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using IsolatedProcess;

namespace Bindwise.Tests.Listening;

/// <summary>A socket has the options that were asked for, and no others: read back from the kernel.</summary>
[SupportedOSPlatform("linux")]
public sealed class OptionTests
{
    private const int CloseOnExec = 0x80000;

    [IsolatedFact]
    public Task PlainDotNet_SetsMoreThanWasAsked_SoThatTheTestsBelowMeanSomething() => Body.RunAsync(static () =>
    {
        using var plain = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ExclusiveAddressUse = true };
        plain.Bind(new IPEndPoint(IPAddress.Loopback, 8080));
        Assert.Equal(1, KernelOption.ReuseAddress(plain));
        using var shared = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        shared.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        Assert.Equal(1, KernelOption.ReusePort(shared));
        using var six = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        Assert.Equal(1, KernelOption.V6Only(six));
        return Task.CompletedTask;
    });

    [IsolatedTheory]
    [InlineData("tcp", "", "", "1", "0")]
    [InlineData("tcp", "false", "", "0", "0")]
    [InlineData("tcp", "true", "", "1", "0")]
    [InlineData("tcp", "false", "true", "0", "1")]
    [InlineData("tcp", "true", "true", "1", "1")]
    [InlineData("udp", "", "", "0", "0")]
    [InlineData("udp", "true", "", "1", "0")]
    [InlineData("udp", "", "true", "0", "1")]
    public Task Reuse_IsWhatWasAsked(string transport, string reuseAddress, string reusePort, string address, string port) => Body.RunAsync(
        static async words =>
        {
            var settings = new SocketSettings
            {
                ReuseAddress = words[1].Length == 0 ? null : bool.Parse(words[1]),
                ReusePort = words[2].Length > 0 && bool.Parse(words[2]),
            };
            foreach (var where in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback, IPAddress.IPv6Any])
            {
                using var listener = Listener.Bind(ListenRequest.On(where, 8080) with
                {
                    Settings = settings,
                    Transports = words[0] == "tcp" ? Transports.Tcp : Transports.Udp,
                });
                var (socket, inEffect) = (listener.Sockets[0].Socket, listener.Sockets[0].InEffect);
                Check();
                if (words[0] == "tcp")
                {
                    using var client = new TcpClient(where.AddressFamily);
                    await client.ConnectAsync(where.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : where, 8080);
                    using var accepted = await listener.AcceptAsync();
                    Check();
                    // The side that closes first would keep TIME_WAIT; a reset leaves nothing for the next address.
#pragma warning disable BWC004 // As the line above says: nothing may stay of the connection.
                    accepted.LingerState = new LingerOption(true, 0);
#pragma warning restore BWC004
                }

                void Check()
                {
                    Assert.Equal((words[3], words[4]), ($"{KernelOption.ReuseAddress(socket)}", $"{KernelOption.ReusePort(socket)}"));
                    Assert.Equal((words[3] == "1", words[4] == "1"), (inEffect.ReuseAddress == true, inEffect.ReusePort));
                    Assert.Equal(CloseOnExec, KernelOption.Flags(socket) & CloseOnExec);
                }
            }
        },
        [transport, reuseAddress, reusePort, address, port]);

    [IsolatedTheory]
    [InlineData("0")]
    [InlineData("1")]
    public Task V6Only_NotAsked_IsTheSystems(string system) => Body.RunAsync(static system =>
    {
        KernelOption.WriteSysctl("net/ipv6/bindv6only", system);
        using var listener = Listener.Bind(ListenRequest.On(IPAddress.IPv6Any, 8080));
        Assert.Equal(int.Parse(system, System.Globalization.CultureInfo.InvariantCulture), KernelOption.V6Only(listener.Sockets[0].Socket));
        Assert.Equal(system == "1", listener.Sockets[0].InEffect.V6Only);
        using var only = Listener.Bind(ListenRequest.On(IPAddress.IPv6Any, 8081) with { Settings = new SocketSettings { V6Only = true } });
        Assert.Equal(1, KernelOption.V6Only(only.Sockets[0].Socket));
        using var four = Listener.Bind(ListenRequest.On(IPAddress.Any, 8081));
        Assert.Null(four.Sockets[0].InEffect.V6Only);
        using var dual = Listener.Bind(ListenRequest.OnAny(8082));
        Assert.Equal(0, KernelOption.V6Only(dual.Sockets[0].Socket));
        Assert.Throws<BindException>(static () => Listener.Bind(ListenRequest.On(IPAddress.Any, 8082)));
        return Task.CompletedTask;
    }, system);

    [IsolatedFact]
    public Task Device_Freebind_Backlog_AreSet() => Body.RunAsync(static () =>
    {
        using var device = Listener.Bind(ListenRequest.On(IPAddress.Any, 8080) with { Settings = new SocketSettings { Device = "lo", Backlog = 7 } });
        Assert.Equal("lo", device.Sockets[0].InEffect.Device);
        Span<byte> name = stackalloc byte[16];
        Assert.Equal("lo\0", System.Text.Encoding.ASCII.GetString(name[..device.Sockets[0].Socket.GetRawSocketOption(1, 25, name)]));
        var seen = Assert.Throws<BindException>(static () => Listener.Bind(ListenRequest.On(IPAddress.Any, 8080)));
        Assert.Equal(7u, seen.Diagnosis!.Blockers[0].Socket.SendQueue);

        var absent = IPAddress.Parse("192.0.2.7");
        var refused = Assert.Throws<BindException>(() => Listener.Bind(ListenRequest.On(absent, 8081)));
        Assert.Equal(SocketError.AddressNotAvailable, refused.SocketErrorCode);
        using var free = Listener.Bind(ListenRequest.On(absent, 8081) with { Settings = new SocketSettings { Freebind = true } });
        Assert.True(free.Sockets[0].InEffect.Freebind);
        Assert.Equal(1, KernelOption.Read(free.Sockets[0].Socket, 0, 15));
        using var six = Listener.Bind(ListenRequest.On(IPAddress.Parse("2001:db8::7"), 8081) with { Settings = new SocketSettings { Freebind = true } });
        Assert.Equal(1, KernelOption.Read(six.Sockets[0].Socket, 41, 78));
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task Device_ThatIsNotThere_SaysSo() => Body.RunAsync(static () =>
    {
        var request = ListenRequest.On(IPAddress.Any, 8080) with { Settings = new SocketSettings { Device = "eth77" } };
        var exception = Assert.Throws<BindException>(() => Listener.Bind(request));
        Assert.Contains("there is no interface eth77", exception.Message, StringComparison.Ordinal);
        Assert.Same(request, exception.Request);
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task Scope_OfALinkLocalAddress_IsBound() => Body.RunAsync(static async () =>
    {
        KernelOption.Run("ip", "link add d0 type veth peer name d1");
        KernelOption.Run("ip", "link set d1 up");
        KernelOption.Run("ip", "link set d0 up");
        KernelOption.Run("ip", "-6 address add fe80::77/64 dev d0 nodad");
        var address = IPAddress.Parse("fe80::77%d0");
        Assert.NotEqual(0, address.ScopeId);
        using var listener = Listener.Bind(ListenRequest.On(new IPEndPoint(address, 8080)));
        Assert.Equal(new IPEndPoint(address, 8080), listener.Sockets[0].LocalEndPoint);
        using var client = new TcpClient(AddressFamily.InterNetworkV6);
        await client.ConnectAsync(address, 8080);
        using var accepted = await listener.AcceptAsync();
        var taken = Assert.Throws<BindException>(() => Listener.Bind(ListenRequest.On(new IPEndPoint(address, 8080))));
        Assert.Contains($"pid {Environment.ProcessId}", taken.Message, StringComparison.Ordinal);
        var without = Assert.Throws<BindException>(static () => Listener.Bind(ListenRequest.On(IPAddress.Parse("fe80::77"), 8080)));
        Assert.Contains("needs its interface", without.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void Options_ThatTheKernelChanged_AreAnError()
    {
        var asked = new ListenSocketOptions(ReuseAddress: false, ReusePort: false, V6Only: true, Device: null, Freebind: false);
        ReadBack.Check(asked, asked with { Device = "eth0" }, IPAddress.Loopback, 80);
        Assert.Contains("IPV6_V6ONLY = 0 although 1", Complaint(asked with { V6Only = false }), StringComparison.Ordinal);
        Assert.Contains("SO_REUSEADDR = 1 although 0", Complaint(asked with { ReuseAddress = true }), StringComparison.Ordinal);
        Assert.Contains("SO_REUSEPORT = 1 although 0", Complaint(asked with { ReusePort = true }), StringComparison.Ordinal);

        string Complaint(ListenSocketOptions inEffect)
        {
            Action check = () => ReadBack.Check(asked, inEffect, IPAddress.IPv6Any, 80);
            return Assert.Throws<InvalidOperationException>(check).Message;
        }
    }
}
