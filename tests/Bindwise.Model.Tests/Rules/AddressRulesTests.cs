using Bindwise.Model.Rules;
using Bindwise.Model.Tests.Diagnosing;

namespace Bindwise.Model.Tests.Rules;

/// <summary>Which addresses may be bound: each row was seen on a 6.18 kernel, with va up or down and a socket on lo, va or neither.</summary>
public sealed class AddressRulesTests
{
    [Theory]
    [InlineData("10.9.9.1", true, null, null)]
    [InlineData("10.9.9.1", true, "lo", null)]            // the device of an IPv4 socket does not matter here
    [InlineData("10.9.9.1", false, null, null)]           // an IPv4 address outlives its interface's going down,
    [InlineData("10.9.9.255", true, null, null)]
    [InlineData("10.9.9.255", false, null, "EADDRNOTAVAIL")] // its broadcast address does not
    [InlineData("10.9.9.2", true, null, "EADDRNOTAVAIL")]
    [InlineData("127.9.9.9", true, null, null)]
    [InlineData("fd00::5", true, null, null)]
    [InlineData("fd00::5", true, "lo", null)]             // global scope: any interface will do
    [InlineData("fd00::6", true, null, "EADDRNOTAVAIL")]
    [InlineData("::1", true, "va", "EADDRNOTAVAIL")]      // host scope: the bound one
    [InlineData("::1", true, "lo", null)]
    [InlineData("fe80::aa", true, "lo", "EADDRNOTAVAIL")] // link scope: the bound one
    [InlineData("fe80::aa", true, "va", null)]
    public void Bind_OfAnAddress_AnswersAsTheKernel(string address, bool isUp, string? device, string? errno)
    {
        var host = Hosts.With();
        var link = new[] { (Hosts.Address("10.9.9.1"), 24), (Hosts.Address("fd00::5"), 64), (Hosts.Address("fe80::aa"), 64) };
        var there = link.Where(own => isUp || own.Item1.Family == IpFamily.IPv4).Select(own => new InterfaceAddress(own.Item1, own.Item2));
        host = host with { Interfaces = host.Interfaces.Plus("va", isUp, [.. there]) };

        var decision = BindRules.Decide(Hosts.Request(address) with { Device = device }, host);

        Assert.Equal(errno, decision.Errno);
    }
}
