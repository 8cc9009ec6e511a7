using Bindwise.Linux.Units;

namespace Bindwise.Linux.Tests.Units;

public class UnitSettingTextTests
{
    private const ulong BindService = 1UL << 10;
    private const ulong Chown = 1;

    [Theory]
    [InlineData(new string[0], Chown | BindService)]
    [InlineData(new[] { "CAP_NET_BIND_SERVICE" }, BindService)]
    [InlineData(new[] { "cap_chown", "CAP_NET_BIND_SERVICE CAP_NO_SUCH" }, Chown | BindService)]
    [InlineData(new[] { "CAP_CHOWN CAP_NET_BIND_SERVICE", "~CAP_CHOWN" }, BindService)]
    [InlineData(new[] { "CAP_CHOWN", "" }, 0ul)]
    [InlineData(new[] { "", "10" }, BindService)]
    public void Of_ListsOfCapabilities_AddTakeAwayAndReset(string[] assignments, ulong expected) =>
        Assert.Equal(expected, CapabilitySets.Of([.. assignments], unassigned: Chown | BindService));

    [Theory]
    [InlineData("yes", true)]
    [InlineData("True", true)]
    [InlineData("ON", true)]
    [InlineData("1", true)]
    [InlineData("No", false)]
    [InlineData("F", false)]
    [InlineData("self", null)]
    public void Boolean_IsReadAsSystemdDoes(string text, bool? expected) => Assert.Equal(expected, UnitFile.Boolean(text));

    [Fact]
    public void Of_OnlyWhatIsTakenAway_LeavesTheRest()
    {
        var set = CapabilitySets.Of(["~CAP_NET_BIND_SERVICE"], unassigned: 0);
        Assert.Equal((0ul, true), (set & BindService, (set & Chown) != 0));
    }

    [Theory]
    [InlineData("any", null, null, null, null)]
    [InlineData("8080", null, null, 8080, 8080)]
    [InlineData("tcp:8000-8100", null, Protocol.Tcp, 8000, 8100)]
    [InlineData("ipv6:udp:53", IpFamily.IPv6, Protocol.Udp, 53, 53)]
    [InlineData("ipv4:tcp", IpFamily.IPv4, Protocol.Tcp, null, null)]
    [InlineData("ipv4:any", IpFamily.IPv4, null, null, null)]
    internal void Parse_SocketBindRule_IsUnderstood(string text, IpFamily? family, Protocol? protocol, int? first, int? last)
    {
        PortRange? ports = first is { } from ? new PortRange(from, last!.Value) : null;
        Assert.Equal(new SocketBindRule(false, family, protocol, ports, "SocketBindDeny=" + text), SocketBindText.Parse(false, text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("70000")]
    [InlineData("90-80")]
    [InlineData("sctp:80")]
    [InlineData("tcp:80:90")]
    [InlineData("tcp:ipv4")]
    public void Parse_OtherText_IsNoRule(string text) => Assert.Null(SocketBindText.Parse(true, text));
}
