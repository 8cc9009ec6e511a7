using System.Net;

namespace Bindwise.Tests.Listening;

/// <summary>Misuse gets the framework's own exceptions, before any socket is opened.</summary>
public sealed class RequestCheckTests
{
    private static readonly ListenRequest Fine = ListenRequest.On(IPAddress.Loopback, 8080);

    public static TheoryData<string, ListenRequest, Type, string> Misuse => new()
    {
        { "nothing", new ListenRequest(), typeof(ArgumentException), "neither an address nor a UNIX path" },
        { "a default array", Fine with { Addresses = default }, typeof(ArgumentException), "neither an address nor a UNIX path" },
        { "a null address", Fine with { Addresses = [null!] }, typeof(ArgumentException), "Address 1 of the request is null" },
        { "an address twice", Fine with { Addresses = [IPAddress.Loopback, IPAddress.IPv6Loopback, IPAddress.Loopback] }, typeof(ArgumentException), "names 127.0.0.1 twice" },
        { "a wildcard over an address", Fine with { Addresses = [IPAddress.Any, IPAddress.Loopback] }, typeof(ArgumentException), "overlap" },
        { "a dual-stack wildcard over IPv4", ListenRequest.OnAny(1) with { Addresses = [IPAddress.IPv6Any, IPAddress.Any], Settings = new() { V6Only = false } }, typeof(ArgumentException), "set V6Only = true" },
        { "a mapped address over IPv4", Fine with { Addresses = [IPAddress.Loopback, IPAddress.Loopback.MapToIPv6()] }, typeof(ArgumentException), "overlap" },
        { "no transport", Fine with { Transports = 0 }, typeof(ArgumentException), "Transports is 0" },
        { "an unknown transport", Fine with { Transports = (Transports)4 }, typeof(ArgumentException), "Transports is 4" },
        { "no settings", Fine with { Settings = null! }, typeof(ArgumentNullException), "Settings" },
        { "no port", Fine with { Port = null! }, typeof(ArgumentNullException), "Port" },
        { "no retry", Fine with { Retry = null! }, typeof(ArgumentNullException), "Retry" },
        { "a backlog of 0", Fine with { Settings = new() { Backlog = 0 } }, typeof(ArgumentOutOfRangeException), "Backlog must be 1 or more" },
        { "an empty device", Fine with { Settings = new() { Device = "" } }, typeof(ArgumentException), "name of an interface" },
        { "a long device", Fine with { Settings = new() { Device = "sixteen-bytes-ab" } }, typeof(ArgumentException), "1 to 15 bytes" },
        { "a negative wait", Fine with { Retry = new() { Timeout = TimeSpan.FromTicks(-1) } }, typeof(ArgumentOutOfRangeException), "Retry.Timeout" },
        { "no pause", Fine with { Retry = new() { InitialDelay = TimeSpan.Zero } }, typeof(ArgumentOutOfRangeException), "Retry.InitialDelay" },
        { "pauses that shrink", Fine with { Retry = new() { MaxDelay = TimeSpan.FromTicks(1) } }, typeof(ArgumentOutOfRangeException), "Retry.MaxDelay" },
        { "an unknown cause", Fine with { Retry = new() { RetryOn = (BindRetryReasons)1024 } }, typeof(ArgumentException), "Retry.RetryOn" },
        { "an address and a path", Fine with { UnixPath = "/run/x" }, typeof(ArgumentException), "addresses and a UNIX path" },
        { "UDP over UNIX", ListenRequest.OnUnixSocket("/run/x") with { Transports = Transports.Udp }, typeof(ArgumentException), "stream socket" },
        { "a port of a path", ListenRequest.OnUnixSocket("/run/x") with { Port = PortPolicy.Exactly(80) }, typeof(ArgumentException), "no port" },
        { "an option of a path", ListenRequest.OnUnixSocket("/run/x") with { Settings = new() { ReusePort = true } }, typeof(ArgumentException), "have no effect on a UNIX socket" },
        { "an empty path", new ListenRequest { UnixPath = "" }, typeof(ArgumentException), "UnixPath must be" },
        { "a path with NUL", ListenRequest.OnUnixSocket("/run/x\0y"), typeof(ArgumentException), "UnixPath must be" },
        { "an empty abstract name", ListenRequest.OnUnixSocket("@"), typeof(ArgumentException), "UnixPath must be" },
        { "a long path", ListenRequest.OnUnixSocket("/" + new string('x', 107)), typeof(ArgumentException), "107 bytes" },
        { "an abstract name elsewhere", ListenRequest.OnUnixSocket("@x") with { IsPortable = true }, typeof(PlatformNotSupportedException), "work only on Linux" },
    };

    [Theory]
    [MemberData(nameof(Misuse))]
    public void Request_ThatContradictsItself_IsRefused(string what, ListenRequest request, Type exception, string message)
    {
        var thrown = Assert.Throws(exception, () => RequestCheck.Check(request));
        Assert.True(thrown.Message.Contains(message, StringComparison.Ordinal), $"{what}: {thrown.Message}");
    }

    public static TheoryData<ListenRequest> FineRequests => new()
    {
        Fine,
        Fine with { Addresses = [IPAddress.IPv6Any, IPAddress.Any], Settings = new() { V6Only = true } },
        Fine with { Addresses = [IPAddress.Any, IPAddress.Loopback], Settings = new() { ReusePort = true } },
        Fine with { Addresses = [IPAddress.Any, IPAddress.IPv6Loopback], Transports = Transports.TcpAndUdp },
        ListenRequest.OnUnixSocket("/" + new string('x', 106)),
        Fine with { Retry = BindRetryOptions.For(TimeSpan.MaxValue) },
    };

    [Theory]
    [MemberData(nameof(FineRequests))]
    public void Request_ThatIsFine_Passes(ListenRequest request) => RequestCheck.Check(request);

    public static TheoryData<ListenRequest, ListenRequest, string?> Pairs => new()
    {
        { Fine, Fine, "127.0.0.1:8080" },
        { Fine, ListenRequest.On(IPAddress.Any, 8080), "port 8080 of 127.0.0.1 and 0.0.0.0" },
        { ListenRequest.On(IPAddress.IPv6Any, 8080) with { Settings = new() { V6Only = false } }, Fine, "port 8080 of :: and 127.0.0.1" },
        { ListenRequest.On(IPAddress.IPv6Any, 8080) with { Settings = new() { V6Only = true } }, Fine, null },
        { Fine, ListenRequest.On(IPAddress.Loopback, 8081), null },
        { Fine, Fine with { Transports = Transports.Udp }, null },
        { Fine, Fine with { Transports = Transports.TcpAndUdp }, "127.0.0.1:8080" },
        { Fine, ListenRequest.On(IPAddress.Loopback, PortPolicy.Range(8080, 8081)), null },
        { ListenRequest.On(IPAddress.Loopback, 0), ListenRequest.On(IPAddress.Loopback, 0), null },
        { Fine with { Settings = new() { ReusePort = true } }, Fine with { Settings = new() { ReusePort = true } }, null },
        { Fine with { Settings = new() { Device = "a" } }, Fine with { Settings = new() { Device = "b" } }, null },
        { ListenRequest.OnUnixSocket("/run/x"), ListenRequest.OnUnixSocket("/run/x"), "/run/x" },
        { ListenRequest.OnUnixSocket("/run/x"), Fine, null },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Pair_ThatMeets_IsRefused(ListenRequest one, ListenRequest other, string? both)
    {
        if (both is null)
            RequestCheck.CheckAll([one, other]);
        else
            Assert.Contains(both, Assert.Throws<ArgumentException>(() => RequestCheck.CheckAll([one, other])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Request_IsEqualToOneThatAsksForTheSame_AndSaysWhatItAsksFor()
    {
        static ListenRequest Make(params IPAddress[] addresses) => new() { Addresses = [.. addresses], Port = PortPolicy.Parse("8080,8090-8099") };
        var one = Make(IPAddress.Loopback, IPAddress.IPv6Loopback);
        Assert.Equal(one, Make(IPAddress.Parse("127.0.0.1"), IPAddress.Parse("::1")));
        Assert.Equal(one.GetHashCode(), Make(IPAddress.Loopback, IPAddress.IPv6Loopback).GetHashCode());
        Assert.Equal("127.0.0.1, ::1 port 8080,8090-8099 (Tcp)", one.ToString());
        Assert.Equal("127.0.0.1 port of the system's choice (TcpAndUdp)", (ListenRequest.On(IPAddress.Loopback, 0) with { Transports = Transports.TcpAndUdp }).ToString());
        Assert.Equal("/run/a\\e[31m.sock", ListenRequest.OnUnixSocket("/run/a[31m.sock").ToString());
        ListenRequest[] others =
        [
            Make(IPAddress.IPv6Loopback, IPAddress.Loopback), Make(IPAddress.Loopback), one with { Port = PortPolicy.Exactly(8080) }, one with { Addresses = default },
            one with { Transports = Transports.Udp }, one with { UnixPath = "/a" }, one with { ReplaceStaleUnixPath = false }, one with { ExplainFailures = false },
            one with { Settings = new() { Backlog = 1 } }, one with { Retry = BindRetryOptions.For(TimeSpan.FromSeconds(1)) }, one with { IsPortable = true },
        ];
        Assert.All(others, other => Assert.NotEqual(one, other));
        Assert.True(PortPolicy.Parse("8080-8081") == PortPolicy.Range(8080, 8081));
        Assert.True(PortPolicy.Exactly(1) != PortPolicy.Exactly(2));
        Assert.True((PortPolicy?)null != PortPolicy.SystemChoice);
    }

    [Fact]
    public async Task List_ThatIsEmptyOrNull_IsRefused()
    {
        Assert.Throws<ArgumentException>(static () => Listener.BindAll());
        Assert.Throws<ArgumentNullException>(static () => Listener.Bind(null!));
        await Assert.ThrowsAsync<ArgumentNullException>(static async () => await Listener.BindAsync(null!));
        await Assert.ThrowsAsync<ArgumentNullException>(static async () => await Listener.BindAllAsync(null!));
        Assert.Throws<ArgumentNullException>(static () => RequestCheck.CheckAll([Fine, null!]));
        Assert.StartsWith("Request 2: Backlog must be 1 or more.", Assert.Throws<ArgumentException>(
            static () => RequestCheck.CheckAll([Fine, Fine with { Settings = Fine.Settings with { Backlog = 0 } }])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(static () => ListenRequest.On(new DnsEndPoint("localhost", 80)));
        Assert.StartsWith("A port is a number from 0 to 65535. (Parameter 'port')", Assert.Throws<ArgumentOutOfRangeException>(static () => ListenRequest.On(IPAddress.Loopback, 70000)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(static () => BindRetryOptions.For(TimeSpan.FromSeconds(-1)));
    }
}
