using Bindwise.Model.Platforms;

namespace Bindwise.Model.Tests.Platforms;

/// <summary>The BSD family's table of other-systems, row by row: one rule, TCP and UDP alike; then what each system does otherwise.</summary>
public class BsdTableTests
{
    private static readonly IpAddress Loopback = IpAddress.LoopbackIPv4;

    [Theory]
    // plain: in use in both columns
    [InlineData("127.0.0.1 listening", "127.0.0.1", "EADDRINUSE BSD-B")]
    [InlineData("0.0.0.0 bound", "127.0.0.1", "EADDRINUSE BSD-B")]
    [InlineData("reuseaddr 127.0.0.1 bound", "0.0.0.0", "EADDRINUSE BSD-B")]
    [InlineData("127.0.0.1 connected", "127.0.0.1", "EADDRINUSE BSD-B")]
    [InlineData("reuseaddr 127.0.0.1 time-wait", "0.0.0.0", "EADDRINUSE BSD-B")]
    [InlineData("127.0.0.1 time-wait", "127.0.0.2", "ok BSD-0")]
    // RA, same address: in use for a listener, ok over a connection; the other's SO_REUSEADDR is never read
    [InlineData("reuseaddr 127.0.0.1 listening", "reuseaddr 127.0.0.1", "EADDRINUSE BSD-C")]
    [InlineData("127.0.0.1 bound", "reuseaddr 127.0.0.1", "EADDRINUSE BSD-C")]
    [InlineData("127.0.0.1 connected", "reuseaddr 127.0.0.1", "ok BSD-C")]
    [InlineData("127.0.0.1 time-wait", "reuseaddr 127.0.0.1", "ok BSD-C")]
    // RA, wildcard and specific in either order: ok
    [InlineData("0.0.0.0 listening", "reuseaddr 127.0.0.1", "ok BSD-C")]
    [InlineData("127.0.0.1 listening", "reuseaddr 0.0.0.0", "ok BSD-C")]
    [InlineData("127.0.0.1 time-wait", "reuseaddr 0.0.0.0", "ok BSD-C")]
    // RP both, same address: ok
    [InlineData("reuseport 127.0.0.1 listening", "reuseport 127.0.0.1", "ok BSD-C")]
    [InlineData("reuseport 127.0.0.1 connected", "reuseport 127.0.0.1", "ok BSD-C")]
    // RP on the new one only: as RA
    [InlineData("127.0.0.1 listening", "reuseport 127.0.0.1", "EADDRINUSE BSD-C")]
    [InlineData("0.0.0.0 listening", "reuseport 127.0.0.1", "ok BSD-C")]
    // IPv6 alike
    [InlineData("[::1] listening", "reuseaddr v6only [::]", "ok BSD-C")]
    [InlineData("v6only [::] listening", "[::1]", "EADDRINUSE BSD-B")]
    public void Bind_SameUser_IsAllBsdsTable(string first, string second, string told)
    {
        foreach (var system in (string[])["freebsd", "macos", "openbsd", "netbsd"])
            Assert.Equal((system, told), (system, Ask.Pair(system, first, second)));
    }

    [Theory]
    [InlineData("udp 127.0.0.1", "udp 127.0.0.1", "EADDRINUSE BSD-B")]
    [InlineData("udp reuseaddr 127.0.0.1", "udp reuseaddr 127.0.0.1", "EADDRINUSE BSD-C")]
    [InlineData("udp 0.0.0.0", "udp reuseaddr 127.0.0.1", "ok BSD-C")]
    [InlineData("udp reuseport 127.0.0.1", "udp reuseport 127.0.0.1", "ok BSD-C")]
    [InlineData("udp 127.0.0.1 connected", "udp reuseaddr 127.0.0.1", "ok BSD-C")]
    // Multicast: SO_REUSEADDR counts as SO_REUSEPORT
    [InlineData("udp reuseaddr 224.0.0.251", "udp reuseaddr 224.0.0.251", "ok BSD-M")]
    [InlineData("udp reuseport 224.0.0.251", "udp reuseaddr 224.0.0.251", "ok BSD-M")]
    [InlineData("udp 224.0.0.251", "udp reuseaddr 224.0.0.251", "EADDRINUSE BSD-C")]
    [InlineData("udp reuseaddr 224.0.0.251", "udp user 1001 reuseaddr 224.0.0.251", "ok BSD-M")]
    public void Bind_Udp_IsTheSameRule(string first, string second, string told)
    {
        foreach (var system in (string[])["freebsd", "macos", "openbsd", "netbsd"])
            Assert.Equal((system, told), (system, Ask.Pair(system, first, second)));
    }

    [Theory]
    // Another user, not root: in use but for rule A's exemptions.
    [InlineData("reuseport 127.0.0.1 listening", "user 1001 reuseport 127.0.0.1", "EADDRINUSE", "EADDRINUSE", "EADDRINUSE", "EADDRINUSE")]
    [InlineData("0.0.0.0 listening", "user 1001 reuseaddr 127.0.0.1", "EADDRINUSE", "EADDRINUSE", "EADDRINUSE", "EADDRINUSE")]
    [InlineData("reuseport 0.0.0.0 listening", "user 1001 reuseport 0.0.0.0", "EADDRINUSE", "ok", "EADDRINUSE", "ok")]
    [InlineData("0.0.0.0 listening", "user 1001 reuseport 0.0.0.0", "EADDRINUSE", "EADDRINUSE", "EADDRINUSE", "EADDRINUSE")]
    [InlineData("reuseport v6only [::] listening", "user 1001 reuseport v6only [::]", "EADDRINUSE", "ok", "EADDRINUSE", "ok")]
    [InlineData("reuseaddr v6only [::] listening", "user 1001 reuseport v6only [::]", "EADDRINUSE", "EADDRINUSE", "EADDRINUSE", "EADDRINUSE")]
    // FreeBSD: a TCP socket with a peer passes.
    [InlineData("127.0.0.1 connected", "user 1001 reuseaddr 127.0.0.1", "ok", "EADDRINUSE", "EADDRINUSE", "EADDRINUSE")]
    [InlineData("127.0.0.1 time-wait", "user 1001 reuseaddr 0.0.0.0", "ok", "EADDRINUSE", "EADDRINUSE", "EADDRINUSE")]
    [InlineData("127.0.0.1 connected", "user 1001 127.0.0.1", "EADDRINUSE", "EADDRINUSE", "EADDRINUSE", "EADDRINUSE")]
    [InlineData("udp 127.0.0.1 connected", "udp user 1001 reuseaddr 127.0.0.1", "EADDRINUSE", "EADDRINUSE", "EADDRINUSE", "EADDRINUSE")]
    // Root is not asked.
    [InlineData("reuseport 127.0.0.1 listening", "root reuseport 127.0.0.1", "ok", "ok", "ok", "ok")]
    public void Bind_OtherUser_PassesOnlyByRuleAsExemptions(string first, string second, string freebsd, string macos, string openbsd, string netbsd)
    {
        Assert.Equal(
            (freebsd, macos, openbsd, netbsd),
            (Result("freebsd"), Result("macos"), Result("openbsd"), Result("netbsd")));
        string Result(string system) => Ask.Cell(system, first, second).Ruling.Text;
    }

    [Theory]
    // A new dual-stack :: never meets a 0.0.0.0 that is there; a new 0.0.0.0 meets a dual-stack ::, unless both have SO_REUSEPORT.
    [InlineData("0.0.0.0", "dual [::]", "ok")]
    [InlineData("dual [::]", "0.0.0.0", "EADDRINUSE")]
    [InlineData("reuseaddr dual [::]", "reuseaddr 0.0.0.0", "EADDRINUSE")]
    [InlineData("reuseport dual [::]", "reuseport 0.0.0.0", "ok")]
    // :: against a specific IPv4 address, either way: in use only for a plain new one.
    [InlineData("127.0.0.1", "dual [::]", "EADDRINUSE")]
    [InlineData("127.0.0.1", "reuseaddr dual [::]", "ok")]
    [InlineData("dual [::]", "127.0.0.1", "EADDRINUSE")]
    [InlineData("dual [::]", "reuseaddr 127.0.0.1", "ok")]
    // IPv6 only: the families never meet.
    [InlineData("0.0.0.0", "v6only [::]", "ok")]
    [InlineData("v6only [::]", "0.0.0.0", "ok")]
    [InlineData("[::1]", "0.0.0.0", "ok")]
    // A v4-mapped address is one of IPv4.
    [InlineData("127.0.0.1", "dual [::ffff:127.0.0.1]", "EADDRINUSE")]
    [InlineData("dual [::ffff:127.0.0.1]", "127.0.0.1", "EADDRINUSE")]
    [InlineData("dual [::ffff:127.0.0.1]", "v6only [::]", "ok")]
    [InlineData("127.0.0.1", "dual [::ffff:0.0.0.0]", "unknown")]
    public void Bind_DualStack_IsDecidedByTheOrder(string first, string second, string told)
    {
        Assert.Equal(told, Ask.Cell("freebsd", first, second).Ruling.Text);
        Assert.Equal(told, Ask.Cell("macos", first, second).Ruling.Text);
    }

    [Theory]
    // Rule A of a new dual-stack :: looks at IPv4 too; on macOS not at 0.0.0.0, and not at sockets with SO_REUSEPORT.
    [InlineData("127.0.0.1", "user 1001 reuseaddr dual [::]", "EADDRINUSE", "EADDRINUSE")]
    [InlineData("0.0.0.0", "user 1001 reuseaddr dual [::]", "EADDRINUSE", "ok")]
    [InlineData("reuseport 127.0.0.1", "user 1001 reuseport dual [::]", "EADDRINUSE", "ok")]
    public void Bind_DualStackOfAnotherUser_MeetsIPv4(string first, string second, string freebsd, string macos) =>
        Assert.Equal((freebsd, macos), (Ask.Cell("freebsd", first, second).Ruling.Text, Ask.Cell("macos", first, second).Ruling.Text));

    [Theory]
    [InlineData("openbsd", "0.0.0.0", "v6only [::]", "ok OBSD-FAMILY")]
    [InlineData("openbsd", "0.0.0.0", "dual [::]", "no option OBSD-FAMILY")]
    [InlineData("openbsd", "127.0.0.1", "[::ffff:127.0.0.1]", "unknown OBSD-MAPPED")]
    [InlineData("netbsd", "0.0.0.0", "dual [::]", "ok NBSD-FAMILY")]
    [InlineData("netbsd", "dual [::]", "0.0.0.0", "unknown NBSD-DUAL")]
    [InlineData("netbsd", "dual [::ffff:127.0.0.1]", "127.0.0.1", "EADDRINUSE BSD-B")]
    [InlineData("netbsd", "127.0.0.1", "dual [::ffff:127.0.0.1]", "unknown NBSD-DUAL")]
    [InlineData("freebsd", "reuseport_lb 127.0.0.1 listening", "reuseport_lb 127.0.0.1", "ok BSD-C")]
    [InlineData("freebsd", "reuseport 127.0.0.1 listening", "reuseport_lb 127.0.0.1", "EADDRINUSE BSD-C")]
    [InlineData("macos", "reuseport_lb 127.0.0.1 listening", "127.0.0.1", "no option NO-OPTION")]
    public void Bind_OneSystem_HasItsOwn(string system, string first, string second, string told) => Assert.Equal(told, Ask.Pair(system, first, second));

    [Theory]
    // FreeBSD, macOS, NetBSD: EINVAL, EADDRNOTAVAIL, EACCES, in use. OpenBSD tells in use before EACCES.
    [InlineData("freebsd", "EINVAL BSD-BOUND", "EADDRNOTAVAIL BSD-ADDR", "EACCES FBSD-PORT")]
    [InlineData("macos", "EINVAL BSD-BOUND", "EADDRNOTAVAIL BSD-ADDR", "EACCES XNU-PORT")]
    [InlineData("openbsd", "EINVAL BSD-BOUND", "EADDRNOTAVAIL BSD-ADDR", "EADDRINUSE BSD-B")]
    [InlineData("netbsd", "EINVAL BSD-BOUND", "EADDRNOTAVAIL BSD-ADDR", "EACCES NBSD-PORT")]
    public void Bind_SeveralErrors_TellsTheFirst(string system, string bound, string foreign, string privileged)
    {
        var want = new PlatformSocket { Address = Loopback };
        var held = new PlatformHeld(want, PlatformState.Listening);
        Assert.Equal(bound, Ask.Bind(system, want, 80, isBound: true, isLocal: false, held));
        Assert.Equal(foreign, Ask.Bind(system, want, 80, isBound: false, isLocal: false, held));
        Assert.Equal(privileged, Ask.Bind(system, want, 80, isBound: false, isLocal: true, held));
    }

    [Theory]
    [InlineData("freebsd", "EACCES", "EACCES")]
    [InlineData("macos", "EACCES", "ok")]
    [InlineData("openbsd", "EACCES", "EACCES")]
    [InlineData("netbsd", "EACCES", "EACCES")]
    public void Bind_PrivilegedPort_IsOpenToAllOnMacOsWildcards(string system, string specific, string wildcard)
    {
        Assert.StartsWith(specific, Ask.Bind(system, new() { Address = Loopback }, 80), StringComparison.Ordinal);
        Assert.StartsWith(wildcard, Ask.Bind(system, new() { Address = IpAddress.AnyIPv4 }, 80), StringComparison.Ordinal);
        Assert.StartsWith(wildcard, Ask.Bind(system, new() { Address = IpAddress.AnyIPv6, V6Only = true }, 80), StringComparison.Ordinal);
        Assert.StartsWith("ok", Ask.Bind(system, new() { Address = Loopback, IsPrivileged = true }, 80), StringComparison.Ordinal);
        Assert.StartsWith("ok", Ask.Bind(system, new() { Address = Loopback }, 1024), StringComparison.Ordinal);
    }

    [Fact]
    public void Bind_TcpMulticast_IsNoFamilyForIt()
    {
        var group = new PlatformSocket { Address = new IpAddress(IpFamily.IPv4, 0xe00000fb) };
        Assert.Equal("EAFNOSUPPORT XNU-MCAST", Ask.Bind("macos", group, 80, isBound: true, isLocal: false));
        Assert.Equal("EAFNOSUPPORT FBSD-MCAST", Ask.Bind("freebsd", group, 80, isBound: true, isLocal: false));
        Assert.Equal("EAFNOSUPPORT XNU-MCAST", Ask.Bind("macos", new() { Address = new IpAddress(IpFamily.IPv4, 0xffffffff) }, 8080));
        Assert.Equal("ok BSD-0", Ask.Bind("macos", group with { Protocol = Protocol.Udp }, 8080));
    }

    [Fact]
    public void Bind_SeveralSockets_TheBestMatchDecides()
    {
        var mine = new PlatformSocket { Address = Loopback, ReuseAddress = true };
        // Rule A: one's own socket at the very address comes before another user's wildcard.
        var own = new PlatformHeld(mine, PlatformState.Connected);
        var foreign = new PlatformHeld(new() { Address = IpAddress.AnyIPv4, UserId = 1001 }, PlatformState.Listening);
        Assert.Equal("EADDRINUSE BSD-A", Ask.Bind("openbsd", mine, 8080, false, true, foreign));
        Assert.Equal("unknown BSD-TIE", Ask.Bind("openbsd", mine, 8080, false, true, foreign, own));
        var listener = own with { State = PlatformState.Bound };
        Assert.Equal("EADDRINUSE BSD-C", Ask.Bind("openbsd", mine, 8080, false, true, foreign, listener));
    }

    [Fact]
    public void Listen_AmongOthers_AsksNothing()
    {
        foreach (var (system, rule) in ((string, string)[])[("freebsd", "FBSD-LISTEN"), ("macos", "XNU-LISTEN"), ("openbsd", "OBSD-LISTEN"), ("netbsd", "NBSD-LISTEN")])
            Assert.Equal($"ok {rule}", Ask.Pair(system, "0.0.0.0 listening", "reuseaddr 127.0.0.1 listen"));
    }
}
