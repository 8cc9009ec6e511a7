using Bindwise.Model.Scenarios;

namespace Bindwise.Model.Tests.Scenarios;

/// <summary>Where connect goes that names a socket.</summary>
public sealed class ConnectTargetTests
{
    [Theory]
    [InlineData("127.0.0.2", false, IpFamily.IPv4, "127.0.0.2")]
    [InlineData("0.0.0.0", false, IpFamily.IPv4, "127.0.0.1")]
    [InlineData("0.0.0.0", false, IpFamily.IPv6, "127.0.0.1")]
    [InlineData("::", false, IpFamily.IPv6, "::1")]
    [InlineData("::", false, IpFamily.IPv4, "127.0.0.1")]
    [InlineData("::", true, IpFamily.IPv4, "::1")]
    [InlineData("::ffff:0:0", false, IpFamily.IPv6, "::ffff:0.0.0.0")]
    internal void Target_OfAName_IsItsAddressOrLoopback(string name, bool isV6Only, IpFamily connecting, string target)
    {
        Assert.True(IpAddress.TryParse(name, out var address));
        var endpoint = ConnectTarget.Of(new IpEndpoint(address, 8000), isV6Only, connecting);
        Assert.Equal((target, 8000), (endpoint.Address.ToString(), endpoint.Port));
    }
}
