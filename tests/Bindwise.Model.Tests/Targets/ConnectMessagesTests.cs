using Bindwise.Model.Targets;

namespace Bindwise.Model.Tests.Targets;

/// <summary>Errors of connect() that found no port of its own: the destination is read, and the question is about the ports of this side.</summary>
public sealed class ConnectMessagesTests
{
    [Theory]
    [InlineData("dial tcp 10.0.0.5:443: connect: cannot assign requested address", "10.0.0.5:443", "Go")]
    [InlineData("2024/01/02 15:04:05 Get \"http://db.example:8080/x\": dial tcp [2001:db8::5]:8080: connect: cannot assign requested address", "[2001:db8::5]:8080", "Go")]
    [InlineData("Error: connect EADDRNOTAVAIL 10.0.0.5:443 - Local (0.0.0.0:0)", "10.0.0.5:443", "Node.js")]
    [InlineData("Cannot assign requested address - connect(2) for \"10.0.0.5\" port 8080 (Errno::EADDRNOTAVAIL)", "10.0.0.5:8080", "Ruby")]
    [InlineData("Failed to open TCP connection to localhost:8080 (Cannot assign requested address - connect(2) for \"localhost\" port 8080)", "localhost:8080", "Ruby")]
    [InlineData("PHP Warning:  stream_socket_client(): Unable to connect to tcp://127.0.0.1:8080 (Cannot assign requested address) in /app/c.php on line 3", "127.0.0.1:8080", "PHP")]
    [InlineData("connect() to 127.0.0.1:8080 failed (99: Cannot assign requested address) while connecting to upstream, client: 10.0.0.9, server: _, upstream: \"http://127.0.0.1:8080/\"", "127.0.0.1:8080", null)]
    [InlineData("curl: (7) Failed to connect to 10.0.0.5 port 443 after 0 ms: Cannot assign requested address", "10.0.0.5:443", null)]
    [InlineData("org.apache.http.conn.HttpHostConnectException: Connect to localhost:8080 [localhost/127.0.0.1] failed: Cannot assign requested address (connect failed)", "localhost:8080", null)]
    [InlineData("System.Net.Http.HttpRequestException: Cannot assign requested address (10.0.0.5:443)\n ---> System.Net.Sockets.SocketException (99): Cannot assign requested address", "10.0.0.5:443", ".NET")]
    [InlineData("Could not connect to Redis at 127.0.0.1:6379: Cannot assign requested address", "127.0.0.1:6379", null)]
    [InlineData("connect 10.0.0.5:443", "10.0.0.5:443", null)]
    [InlineData("client: connect 10.0.0.5:443: Cannot assign requested address", "10.0.0.5:443", null)]
    [InlineData("cannot bind 10.9.9.9:443, reconnect 10.0.0.5:443: Cannot assign requested address", null, null)]
    [InlineData("connect [::1]:5432", "[::1]:5432", null)]
    [InlineData("dial tcp 10.0.0.5:443: connect: connection refused", null, null)]
    [InlineData("dial tcp 10.9.9.9:0->10.0.0.5:443: bind: cannot assign requested address", null, "Go")]
    [InlineData("dial tcp 127.0.0.1:5000->127.0.0.1:7777: connect: cannot assign requested address", "127.0.0.1:7777", "Go")]
    [InlineData("connect 127.0.0.1:5000->nowhere:99999", null, null)]
    [InlineData("dial tcp 127.0.0.1:5000->127.0.0.1:99999: connect: cannot assign requested address", null, null)]
    [InlineData("listen tcp 10.9.9.9:443: bind: cannot assign requested address", null, "Go")]
    public void Parse_AFailedConnect_AsksForPortsToItsDestination(string text, string? destination, string? runtime)
    {
        var target = TargetParser.Parse(text).Value;

        Assert.Equal(destination, target?.Destination?.ToString());
        Assert.Equal(runtime, target?.Pasted?.Runtime);
        if (destination is not null)
            Assert.Equal((Protocol.Tcp, (ushort?)0, (string?)null), (target!.Protocol, target.Port, target.Host));
    }

    // Node.js tells the address that the routes gave, whose port is 0 unless the program bound one.
    [Theory]
    [InlineData("dial tcp 127.0.0.1:5000->127.0.0.1:7777: connect: cannot assign requested address", "127.0.0.1:5000")]
    [InlineData("dial tcp 10.0.0.2:0->10.0.0.5:443: connect: cannot assign requested address", "10.0.0.2:0")]
    [InlineData("dial tcp 0.0.0.0:0->10.0.0.5:443: connect: cannot assign requested address", null)]
    [InlineData("dial tcp [::1]:5000->[::1]:443: connect: cannot assign requested address", "[::1]:5000")]
    [InlineData("dial tcp 10.0.0.5:443: connect: cannot assign requested address", null)]
    [InlineData("Error: connect EADDRNOTAVAIL 127.0.0.1:7777 - Local (127.0.0.1:5000)", "127.0.0.1:5000")]
    [InlineData("Error: connect EADDRNOTAVAIL 127.0.0.1:7777 - Local (127.0.0.1:0)", null)]
    [InlineData("connect 127.0.0.1:5000->127.0.0.1:7777", "127.0.0.1:5000")]
    public void Parse_AFailedConnect_KeepsWhatTheProgramBound(string text, string? source) =>
        Assert.Equal(source, TargetParser.Parse(text).Value!.Destination!.Source?.ToString());

    [Theory]
    [InlineData("dial tcp 10.0.0.5:443: connect: cannot assign requested address")]
    [InlineData("dial tcp 127.0.0.1:5000->127.0.0.1:7777: connect: cannot assign requested address")]
    [InlineData("connect 127.0.0.1:53/udp")]
    public void Text_OfADestination_IsReadBack(string text)
    {
        var target = TargetParser.Parse(text).Value!;
        var again = TargetParser.Parse(target.Text).Value!;

        Assert.Equal((target.Destination, target.Protocol), (again.Destination, again.Protocol));
        Assert.Equal(text.EndsWith("/udp", StringComparison.Ordinal) ? Protocol.Udp : Protocol.Tcp, target.Protocol);
    }
}
