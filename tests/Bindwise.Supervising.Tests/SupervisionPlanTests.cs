using Bindwise.Supervising.Calls;

namespace Bindwise.Supervising.Tests;

public sealed class SupervisionPlanTests
{
    private static readonly IpAddress Nine = Address("127.0.0.9");

    public static IEnumerable<object[]> Plans => new TheoryData<SupervisionPlan>(
        new SupervisionPlan(),
        new SupervisionPlan { ReuseAddress = false },
        new SupervisionPlan { Wait = TimeSpan.FromMilliseconds(1500), Columns = 80 },
        new SupervisionPlan { Wait = Timeout.InfiniteTimeSpan, Report = "watch", Events = "-" },
        new SupervisionPlan { Report = "a file", Ports = [new PortMove(8080, 9090), new PortMove(1, 65535)], Addresses = [new AddressMove(IpAddress.AnyIPv4, Nine), new AddressMove(IpAddress.AnyIPv6, IpAddress.LoopbackIPv6)] });

    [Theory]
    [MemberData(nameof(Plans))]
    internal void Words_AreReadAsTheyWereWritten(SupervisionPlan plan)
    {
        var read = SupervisionPlan.FromWords([.. plan.ToWords()]);
        Assert.NotNull(read);
        Assert.Equal(plan.ToWords(), read.ToWords());
        Assert.Equal((plan.ReuseAddress, plan.Wait, plan.Report, plan.Events, plan.Columns), (read.ReuseAddress, read.Wait, read.Report, read.Events, read.Columns));
        Assert.Equal(plan.Ports.AsEnumerable(), read.Ports);
        Assert.Equal(plan.Addresses.AsEnumerable(), read.Addresses);
    }

    [Theory]
    [InlineData("wait")]
    [InlineData("wait", "-2")]
    [InlineData("wait", "soon")]
    [InlineData("report")]
    [InlineData("port", "1")]
    [InlineData("port", "1", "65536")]
    [InlineData("address", "127.0.0.1", "localhost")]
    [InlineData("columns", "-1")]
    [InlineData("other")]
    [InlineData("")]
    public void Words_OfAnybodyElse_AreNoPlan(params string[] words) => Assert.Null(SupervisionPlan.FromWords(words));

    [Theory]
    [InlineData("127.0.0.1", 8080, "127.0.0.1", 9090)]
    [InlineData("127.0.0.1", 9090, "127.0.0.1", 9090)]
    [InlineData("0.0.0.0", 8080, "127.0.0.9", 9090)]
    [InlineData("0.0.0.0", 80, "127.0.0.9", 80)]
    [InlineData("::", 0, "::", 0)]
    public void Move_ChangesWhatWasNamedAndNothingElse(string address, ushort port, string toAddress, ushort toPort)
    {
        // A port is moved once: what another one is moved to stays.
        var plan = new SupervisionPlan { Ports = [new PortMove(8080, 9090), new PortMove(9090, 9090)], Addresses = [new AddressMove(IpAddress.AnyIPv4, Nine)] };
        Assert.Equal(new IpEndpoint(Address(toAddress), toPort), plan.Moved(new IpEndpoint(Address(address), port), takesIPv4: false));
    }

    [Fact]
    public void Refusals_AreToldOnceAndAgainAfterASuccess()
    {
        var memory = new RefusalMemory();
        var one = new IpEndpoint(Nine, 8080);
        Assert.True(memory.IsNew(one, "EADDRINUSE"));
        Assert.False(memory.IsNew(one, "EADDRINUSE"));
        Assert.True(memory.IsNew(one, "EACCES"));
        memory.Forget(one);
        Assert.True(memory.IsNew(one, "EADDRINUSE"));
    }

    [Fact]
    public void Refusals_OfManyPorts_AreBounded()
    {
        var memory = new RefusalMemory();
        Assert.Equal(RefusalMemory.Limit, Enumerable.Range(1, 5000).Count(port => memory.IsNew(new IpEndpoint(Nine, (ushort)port), "EADDRINUSE")));
    }

    [Theory]
    [InlineData("0.0.0.0", 8080, false, true)]
    [InlineData("::ffff:0.0.0.0", 8080, true, true)]
    [InlineData("::", 8080, true, true)]
    [InlineData("::", 8080, false, false)]
    [InlineData("127.0.0.1", 3000, false, true)]
    [InlineData("127.0.0.9", 3000, false, false)]
    [InlineData("127.0.0.1", 3001, false, false)]
    [InlineData("127.0.0.1", 8080, false, false)]
    public void Closed_IsWhatMovesAwayAndNothingMovesTo(string address, int port, bool takesIPv4, bool isClosed)
    {
        var plan = new SupervisionPlan { Ports = [new PortMove(3000, 3001), new PortMove(3001, 3002)], Addresses = [new AddressMove(IpAddress.AnyIPv4, Nine)] };
        Assert.True(plan.HasMoves);
        Assert.Equal(isClosed, plan.Closes(new IpEndpoint(Address(address), (ushort)port), takesIPv4));
    }

    [Fact]
    public void Moved_MappedAddress_MovesAsTheIPv4AddressDoes()
    {
        var plan = new SupervisionPlan { Addresses = [new AddressMove(IpAddress.AnyIPv4, Nine)] };
        Assert.Equal(Nine.AsIPv6, plan.Moved(new IpEndpoint(IpAddress.AnyIPv4.AsIPv6, 80), takesIPv4: true).Address);
    }

    // Node.js and Java bind [::] where people mean every address.
    [Theory]
    [InlineData("0.0.0.0=127.0.0.9", true, "::ffff:127.0.0.9")]
    [InlineData("0.0.0.0=127.0.0.9", false, "::")]
    [InlineData("0.0.0.0=127.0.0.9 ::=::1", true, "::1")]
    [InlineData("::=::1 0.0.0.0=127.0.0.9", true, "::1")]
    [InlineData("127.0.0.1=127.0.0.9", true, "::")]
    public void Moved_EveryAddressOfBothFamilies_MovesAsThatOfIPv4UnlessItIsNamed(string moves, bool takesIPv4, string there)
    {
        var plan = new SupervisionPlan { Addresses = [.. moves.Split(' ').Select(static move => move.Split('=')).Select(static move => new AddressMove(Address(move[0]), Address(move[1])))] };
        Assert.Equal(Address(there), plan.Moved(new IpEndpoint(IpAddress.AnyIPv6, 80), takesIPv4).Address);
    }

    [Theory]
    [InlineData("Udp", 0, false)]
    [InlineData("Udp", 53, true)]
    [InlineData("Tcp", 0, true)]
    public void Moved_SourceOfDatagrams_StaysWhereItReachesOtherHosts(string protocol, ushort port, bool isMoved)
    {
        var plan = new SupervisionPlan { Addresses = [new AddressMove(IpAddress.AnyIPv4, Address("127.0.0.9"))] };
        Assert.Equal(isMoved, plan.Moved(new IpEndpoint(IpAddress.AnyIPv4, port), takesIPv4: false, Enum.Parse<Protocol>(protocol)).Address == Address("127.0.0.9"));
    }

    private static IpAddress Address(string text) => IpAddress.TryParse(text, out var address) ? address : throw new ArgumentException(text);
}
