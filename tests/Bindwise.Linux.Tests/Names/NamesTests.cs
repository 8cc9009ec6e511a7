using System.Text;
using Bindwise.Linux.Accounts;
using Bindwise.Linux.Names;
using Bindwise.Linux.Tests.Processes;

namespace Bindwise.Linux.Tests.Names;

public sealed class NamesTests
{
    private const string Services = """
        # comment
        tcpmux		1/tcp				# TCP port service multiplexer
        http		80/tcp		www		# WorldWideWeb HTTP
        domain		53/udp
        domain		53/tcp
        broken
        bad		99999/tcp
        last 7/tcp
        """;

    [Theory]
    [InlineData("http", Protocol.Tcp, 80)]
    [InlineData("www", Protocol.Tcp, 80)]
    [InlineData("http", Protocol.Udp, null)]
    [InlineData("domain", Protocol.Udp, 53)]
    [InlineData("domain", Protocol.Tcp, 53)]
    [InlineData("HTTP", Protocol.Tcp, null)]
    [InlineData("bad", Protocol.Tcp, null)]
    [InlineData("broken", Protocol.Tcp, null)]
    [InlineData("WorldWideWeb", Protocol.Tcp, null)]
    [InlineData("last", Protocol.Tcp, 7)]
    [InlineData("", Protocol.Tcp, null)]
    public void Service_InTheFile_HasItsPort(string name, Protocol protocol, int? expected) =>
        Assert.Equal((ushort?)expected, ServiceNames.FindPort(Encoding.UTF8.GetBytes(Services), name, protocol));

    [LinuxFact]
    public void Service_ThatEveryHostKnows_HasItsPort() => Assert.Equal((ushort)80, ServiceNames.FindPort("http", Protocol.Tcp));

    [Theory]
    [InlineData("127.0.0.1 localhost\n", "127.0.0.1")]
    [InlineData("127.0.0.1\tx LOCALHOST # y\n::1 localhost ip6-localhost\n", "::1 127.0.0.1")]
    [InlineData("127.0.0.1 other # localhost\n", "")]
    [InlineData("nonsense localhost\n127.0.0.1 localhost\n127.0.0.1 localhost\n", "127.0.0.1")]
    [InlineData("localhost", "")]
    public void Host_InTheFile_HasItsAddresses(string lines, string expected) =>
        Assert.Equal(expected, string.Join(' ', HostNames.FindListed(Encoding.UTF8.GetBytes(lines), "localhost")));

    [LinuxFact]
    public void Localhost_OnAnyHost_IsLoopback() =>
        Assert.All(HostNames.Find("localhost", TimeSpan.FromSeconds(5)), address => Assert.True(address.IsLoopback));

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void Host_ThatIsNoName_IsUnknown(string name) => Assert.Empty(HostNames.Find(name, TimeSpan.FromSeconds(5)));

    [Fact]
    public void Host_LongerThanAnyName_IsUnknown() => Assert.Empty(HostNames.Find(new string('a', 2000), TimeSpan.FromSeconds(5)));

    [Theory]
    [InlineData(0u, "root")]
    [InlineData(33u, "www-data")]
    [InlineData(34u, null)]
    [InlineData(35u, null)]
    [InlineData(36u, "caf\\xe9")]
    [InlineData(4294967294u, "far")]
    public void User_InTheFile_HasTheFirstName(uint id, string? expected)
    {
        byte[] lines =
        [
            .. "root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/:\nwww-data:x:33:33:a:b:c\n:x:34:34::\nnobreak:x:35\n"u8,
            .. "caf"u8, 0xe9, .. ":x:36:36:::\nfar:x:4294967294:0:::\nfarther:x:4294967296:0:::"u8,
        ];

        Assert.Equal(expected, new UserNames(lines).Find(id));
    }
}
