using ModelState = Bindwise.Diagnostics.TcpSocketState;
using State = System.Net.NetworkInformation.TcpState;

namespace Bindwise.Portable.Tests;

/// <summary>What .NET gives, in the model's words.</summary>
public sealed class ReadingTests
{
    private static readonly string[] Services =
    [
        "# Network services, Internet style",
        "echo\t\t7/tcp",
        "http            80/tcp     www www-http     # WorldWideWeb HTTP",
        "http            80/udp",
        "broken",
        "odd             many/tcp",
        "large           70000/tcp",
        "https 443/tcp",
    ];

    [Theory]
    [InlineData("http", Protocol.Tcp, 80)]
    [InlineData("www-http", Protocol.Tcp, 80)]
    [InlineData("https", Protocol.Tcp, 443)]
    [InlineData("echo", Protocol.Tcp, 7)]
    [InlineData("https", Protocol.Udp, null)]
    [InlineData("HTTP", Protocol.Tcp, null)]
    [InlineData("WorldWideWeb", Protocol.Tcp, null)]
    [InlineData("odd", Protocol.Tcp, null)]
    [InlineData("large", Protocol.Tcp, null)]
    public void FindPort_InAServicesFile_ReadsNamesAndAliases(string name, Protocol protocol, int? port) =>
        Assert.Equal(port, ServicesFile.FindPort(Services, name, protocol));

    [Fact]
    public void StateOf_EveryStateOfTheFramework_HasOneOfTheModel()
    {
        var told = Enum.GetValues<State>().ToDictionary(static state => state, SocketList.StateOf);
        Assert.Equal(ModelState.TimeWait, told[State.TimeWait]);
        Assert.Equal(ModelState.FinWait2, told[State.FinWait2]);
        // No two but those that mean "gone" share one.
        Assert.Equal([State.Unknown, State.Closed, State.DeleteTcb], told.Where(static pair => pair.Value == ModelState.Close).Select(static pair => pair.Key).Order());
        Assert.Equal(told.Count - 2, told.Values.Distinct().Count());
    }

    [Fact]
    public void Read_Path_TellsAFileAFolderAndNothing()
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-portable-");
        try
        {
            var file = Path.Combine(folder.FullName, "app.sock");
            Assert.Equal((false, 0), Facts(PortablePath.Read(file)));
            File.WriteAllText(file, "");
            Assert.Equal((true, 0), Facts(PortablePath.Read(file)));
            Assert.Equal("directory", PortablePath.Read(folder.FullName).Kind);
            Assert.Equal((false, 2), Facts(PortablePath.Read(Path.Combine(folder.FullName, "nowhere", "app.sock"))));
            Assert.Equal((false, 22), Facts(PortablePath.Read(Path.Combine(folder.FullName, new string('a', 110)))));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Read_AbstractName_HasNoFile() => Assert.Equal((false, 0), Facts(PortablePath.Read("@" + new string('a', 90))));

    private static (bool, int) Facts(UnixPathRecord record) => (record.Exists, record.ParentErrno);
}
