using System.Globalization;
using System.Text;
using Bindwise.Model.Targets;
using Bindwise.Model.Targets.Errors;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Model.Tests.Targets;

[Trait("Lane", "second")]
[Trait("Seed", "any")]
public class TargetProperties
{
    private static readonly string[] Pieces =
    [
        "bind", "listen", "port", " ", ":", "::", ":::", "[", "]", "(", ")", "{", "}", "'", "\"", "/", "//", "unix:", "@", "%", "*", "+", "-", ".", ",",
        "127.0.0.1", "0.0.0.0", "::1", "localhost", "8080", "70000", "EADDRINUSE", "address already in use", "Errno 98", "failed", "\n", "\\n", "\\u001b[", "\u001b[",
        "\u001b]", "\\", "\\\\", "tcp", "udp", "http://", "<null>", "nil", "on", "for", "to", "address", "{AF=2 ", "bind(3, ", "= -1 E", "sun_path=", "_port=htons(",
        "ServerConnector@1", "}{", "Connector[", "ProtocolHandler [", "{port,", "{ip,{", "eaddrinuse", "syscall: 'listen'", "port: ", "address: ", ".js:5", "\0", "\ud800", "é", "\u202e",
    ];

    [Fact]
    public void Parse_AnyText_GivesATargetOrOneHarmlessLine() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>().Filter(text => text is not null), IsSound).Holds();

    [Fact]
    public void Parse_AnyPiecesOfMessages_GivesATargetOrOneHarmlessLine() =>
        Prop.ForAll(Gen.Elements(Pieces).ListOf().Select(string.Concat).ToArbitrary(), IsSound)
            .Check(Seed.Config.WithMaxTest(3000).WithEndSize(60));

    [Fact]
    public void Parse_AnyBytes_GivesATargetOrOneHarmlessLine() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => IsSound(Encoding.Latin1.GetString(bytes)) && IsSound(Encoding.UTF8.GetString(bytes)))
            .Holds();

    [Fact]
    public void Parse_AnEndpointAsPrinted_IsReadBack() =>
        Prop.ForAll(EndpointArbitrary(), endpoint =>
        {
            var target = TargetParser.Parse(endpoint.ToString()).Value!;
            return target.Address == endpoint.Address && target.Port == endpoint.Port && target.Protocol == Protocol.Tcp;
        }).Holds();

    [Fact]
    public void Read_AnEndpointInAnyMessage_IsReadBack() =>
        Prop.ForAll(EndpointArbitrary(), AssertReadBack).Holds();

    private static void AssertReadBack(IpEndpoint endpoint)
    {
        var family = endpoint.Address.Family.ToString();
        string[] texts =
        [
            $"listen tcp {endpoint}: bind: address already in use",
            $"bind() to {endpoint} failed (98: Address already in use)",
            $"Error: listen EADDRINUSE: address already in use {endpoint.Address}:{endpoint.Port.ToString(CultureInfo.InvariantCulture)}",
            $"[Errno 98] error while attempting to bind on address ('{endpoint.Address}', {endpoint.Port}): address already in use",
            $"Failed to bind to address http://{endpoint}: address already in use.",
            $"Address already in use - bind(2) for \"{endpoint.Address}\" port {endpoint.Port} (Errno::EADDRINUSE)",
            $"Bind to port {endpoint.Port} on {endpoint.Address} failed: Address already in use.",
            $"Binding [/x.cfg:34] for proxy p: cannot bind socket (Address already in use) for [{endpoint.Address}:{endpoint.Port}]",
            $"could not bind {family} address \"{endpoint.Address}\": Address already in use\nIs another postmaster already running on port {endpoint.Port}?",
        ];

        Assert.All(texts, text =>
        {
            var target = ErrorTextReader.Read(text).Value!;
            Assert.Equal((endpoint.Address, endpoint.Port), (target.Address, target.Port));
        });
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{")]
    [InlineData("\"")]
    [InlineData("'\"")]
    [InlineData("(")]
    [InlineData(":")]
    [InlineData("bind ")]
    [InlineData("bind (")]
    [InlineData("port 1")]
    [InlineData("address already in use [")]
    [InlineData("EADDRINUSE 1.2.3.4/")]
    [InlineData("a.b/")]
    [InlineData("listen tcp ")]
    [InlineData("\\")]
    [InlineData("\u001b]")]
    [InlineData("\u001b[")]
    [InlineData("\n")]
    [InlineData("1\n")]
    [InlineData("= -1 E bind(3, {sa_family\n")]
    [InlineData("= -1 E listen(3\n")]
    [InlineData("Failed to set up listener 1\n")]
    [InlineData("port: 1\n")]
    [InlineData("x.py:1 ")]
    [InlineData("[Errno 98] bind cannot bind socket Starting [ ")]
    public void Read_AMebibyteOfTheSame_Ends(string piece)
    {
        var text = "address already in use EADDRINUSE failed " + string.Concat(Enumerable.Repeat(piece, (1 << 20) / piece.Length));

        Assert.True(IsSound(text));
    }

    [Fact]
    public void Read_ATextOverTheLimit_ReadsItsEnd()
    {
        var log = string.Concat(Enumerable.Repeat("GET / 200\n", 200_000)) + "listen tcp :8080: bind: address already in use\n";

        Assert.Equal("tcp -:8080", TargetText.Of(TargetParser.Parse(log)));
    }

    private static bool IsSound(string text)
    {
        var result = TargetParser.Parse(text);
        return result.IsSuccess
            ? result.Value is { Text: not null } target && (target.Protocol == Protocol.Unix ? target.Path is not null : target.Port is not null || target.Service is not null)
            : result.Value is null && result.Error is { Length: > 0 and < 600 } error && !error.Any(char.IsControl) && result.Column >= 0 && result.Column <= text.Length + 1;
    }

    private static Arbitrary<IpEndpoint> EndpointArbitrary() =>
        (from bits in ArbMap.Default.GeneratorFor<ulong>()
         from high in ArbMap.Default.GeneratorFor<ulong>()
         from shape in Gen.Choose(0, 4)
         from port in Gen.Choose(0, 65535)
         select new IpEndpoint(
             shape switch
             {
                 0 => IpAddress.AnyIPv6,
                 1 => IpAddress.LoopbackIPv6,
                 2 => new IpAddress(IpFamily.IPv6, new UInt128(high, bits)),
                 _ => new IpAddress(IpFamily.IPv4, (uint)(bits & uint.MaxValue)),
             },
             (ushort)port)).ToArbitrary();
}
