using Bindwise.Model.Listing;

namespace Bindwise.Model.Tests.Listing;

public sealed class PortFilterTests
{
    private static readonly ListedPort Web = new()
    {
        Protocol = Protocol.Tcp,
        Port = 8080,
        Sockets = [new HeldSocket { Protocol = Protocol.Tcp, State = TcpSocketState.Listen, Local = new IpEndpoint(IpAddress.LoopbackIPv4, 8080) }],
        Name = "server.js",
        Owners = [new Owner
        {
            Process = new ProcessRecord { Id = 4121, Name = "node", Arguments = ["node", "server.js", "--mode=Development"], UserId = 1000 },
            Role = OwnerRole.Creator,
            Descriptors = [3],
        }],
        UserId = 1000,
        UserName = "ann",
        ProjectFolder = "/home/ann/shop",
        Warnings = [new Remark { Id = "executable-deleted", Text = "executable deleted" }],
    };

    private static readonly ListedPort Dns = new() { Protocol = Protocol.Udp, Port = 53, Name = "dnsmasq", UserId = 0, UserName = "root", Unit = "dnsmasq.service" };

    private static readonly ListedPort Docker = new()
    {
        Protocol = Protocol.Unix,
        Sockets = [new HeldSocket { Protocol = Protocol.Unix, State = TcpSocketState.Listen, Path = "/run/docker.sock", SocketType = 1 }],
        Name = "dockerd",
    };

    [Theory]
    [InlineData("", "8080/tcp 53/udp /run/docker.sock")]
    [InlineData("tcp", "8080/tcp")]
    [InlineData("UDP", "53/udp")]
    [InlineData("tcp udp", "8080/tcp 53/udp")]
    [InlineData("unix", "/run/docker.sock")]
    [InlineData(":8080", "8080/tcp")]
    [InlineData("8080", "8080/tcp")]
    [InlineData("53/udp", "53/udp")]
    [InlineData("53/tcp", "")]
    [InlineData("8000-9000", "8080/tcp")]
    [InlineData(":8000-9000/tcp", "8080/tcp")]
    [InlineData(":53 :8080", "8080/tcp 53/udp")]
    [InlineData("4121", "8080/tcp")]
    [InlineData(":4121", "")]
    [InlineData("mine", "8080/tcp")]
    [InlineData("mine udp", "")]
    [InlineData("ann", "8080/tcp")]
    [InlineData("ANN shop", "8080/tcp")]
    [InlineData("ann dnsmasq", "")]
    [InlineData("development", "8080/tcp")]
    [InlineData("executable-deleted", "8080/tcp")]
    [InlineData("127.0.0.1", "8080/tcp")]
    [InlineData("listen", "8080/tcp /run/docker.sock")]
    [InlineData("dnsmasq.service", "53/udp")]
    [InlineData("docker.sock", "/run/docker.sock")]
    public void Matches_Words_ShowsWhatHasThem(string words, string shown)
    {
        var filter = PortFilter.Parse(words.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Value!;
        Assert.Equal(shown, string.Join(' ', new[] { Web, Dns, Docker }.Where(port => filter.Matches(port, 1000)).Select(PortColumns.Target)));
    }

    [Theory]
    [InlineData(":70000", "70000 is out of range: ports are 0 to 65535")]
    [InlineData("99999", "99999 is out of range: ports are 0 to 65535; for the ports of a process: bindwise ls tcp udp 99999")]
    [InlineData("99999/tcp", "99999 is out of range: ports are 0 to 65535")]
    [InlineData("9000-8000", "the range 9000-8000 ends before it begins: write 8000-9000")]
    [InlineData("1-99999999999", "the range 1-99999999999 is out of range: ports are 0 to 65535")]
    [InlineData(" ", "a filter is empty: give a port, a range such as 8000-9000, tcp, udp, unix, mine, or part of a name")]
    public void Parse_WrongWord_SaysWhatIsRight(string word, string error) => Assert.Equal((null, error), (PortFilter.Parse([word]).Value, PortFilter.Parse([word]).Error));

    [Theory]
    [InlineData("8080", (ushort)8080)]
    [InlineData("0", null)]
    [InlineData(":8080", null)]
    [InlineData("70000", null)]
    [InlineData("http", null)]
    public void OnlyNumber_OneWord_IsAPortAlone(string word, object? port) => Assert.Equal((ushort?)port, PortFilter.OnlyNumber([word]));

    [Theory]
    [InlineData("", "Tcp Udp")]
    [InlineData("nginx", "Tcp Udp")]
    [InlineData("unix tcp tcp", "Tcp Unix")]
    [InlineData("/run/", "Tcp Udp Unix")]
    [InlineData("@name", "Tcp Udp Unix")]
    public void ReadProtocols_Words_ReadOnlyWhatIsWanted(string words, string protocols) =>
        Assert.Equal(protocols, string.Join(' ', PortFilter.Parse(words.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Value!.ReadProtocols));
}
