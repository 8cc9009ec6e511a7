using Bindwise.Model.Targets;

namespace Bindwise.Model.Tests.Targets;

public sealed class UnknownServiceTests
{
    [Theory]
    [InlineData("ntp", Protocol.Tcp, "'ntp' is a UDP service here, not a TCP one: name its protocol, as in ntp/udp")]
    [InlineData("shell", Protocol.Udp, "'shell' is a TCP service here, not a UDP one: name its protocol, as in shell/tcp")]
    [InlineData("nowhere", Protocol.Tcp, "unknown service 'nowhere': give its port number, or a name from /etc/services")]
    public void Explain_AServiceOfTheOtherProtocol_NamesIt(string service, Protocol protocol, string expected) =>
        Assert.Equal(expected, UnknownService.Explain(service, protocol, Find, "/etc/services"));

    private static ushort? Find(string service, Protocol protocol) => (service, protocol) switch
    {
        ("ntp", Protocol.Udp) => 123,
        ("shell", Protocol.Tcp) => 514,
        _ => null,
    };
}
