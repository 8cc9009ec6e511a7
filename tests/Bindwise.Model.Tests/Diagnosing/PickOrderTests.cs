using Bindwise.Model.Diagnosing.Planning;

namespace Bindwise.Model.Tests.Diagnosing;

public class PickOrderTests
{
    private static readonly HostSettings Usual = new() { UnprivilegedPortStart = 1024, LocalPortFirst = 32768, LocalPortLast = 60999, ReservedPorts = [new PortRange(8001, 8002)] };

    [Fact]
    public void Ports_WithoutAWish_AreAllUsableOnesOnceTheHighFirst()
    {
        var ports = Order(new PickWish()).Ports().ToList();
        Assert.Equal(ports.Count, ports.Distinct().Count());
        Assert.DoesNotContain(ports, static port => port is < 1024 or (>= 32768 and <= 60999) or 8001 or 8002 or 6000 or 10080);
        Assert.Equal(65536 - 1024 - 28232 - 2 - Enumerable.Range(1024, 64512).Count(BrowserPorts.IsBlocked), ports.Count);
        Assert.Equal(ports.Count(static port => port >= 10000), ports.TakeWhile(static port => port >= 10000).Count());
    }

    [Fact]
    public void Ports_OfTwoChances_BeginApartAndAreTheSame()
    {
        var one = Order(new PickWish()).Ports().ToList();
        var other = Order(new PickWish(), (123_456_789, 987_654_321)).Ports().ToList();
        Assert.NotEqual(one[0], other[0]);
        Assert.Equal(one.Order(), other.Order());
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, uint.MaxValue)]
    [InlineData(uint.MaxValue, 11)]
    public void Ports_OfARange_AreEachOfItOnce(uint start, uint step) =>
        Assert.Equal(Enumerable.Range(9000, 11), Order(new PickWish { Range = new PortRange(9000, 9010) }, (start, step)).Ports().Select(static port => (int)port).Order());

    [Fact]
    public void Ports_OfARangeThatReachesIntoTheEphemeralOnes_HaveThoseLast()
    {
        var ports = Order(new PickWish { Range = new PortRange(32764, 32771) }).Ports().ToList();
        Assert.Equal([32764, 32765, 32766, 32767], ports.Take(4).Select(static port => (int)port).Order());
        Assert.Equal([32768, 32769, 32770, 32771], ports.Skip(4).Select(static port => (int)port).Order());
    }

    [Theory]
    [InlineData(8000, "8000 7999 7998 8003")]
    [InlineData(65535, "65535 65534 65533 65532")]
    [InlineData(32767, "32767 32766 32765 32764")]
    [InlineData(32768, "32768 32769 32767 32770")]
    [InlineData(1024, "1024 1025 1026 1027")]
    public void Ports_NearOne_AreTheNearestFirst(int near, string ports) =>
        Assert.Equal(ports, string.Join(' ', Order(new PickWish { Near = near }).Ports().Take(4)));

    [Fact]
    public void Ports_NearOneOfARange_StayInTheRange() =>
        Assert.Equal("8005 8004 8003 8000", string.Join(' ', Order(new PickWish { Near = 9000, Range = new PortRange(8000, 8005) }).Ports()));

    [Theory]
    [InlineData(8080, 8080)]
    [InlineData(40000, 40000)]
    [InlineData(8001, 9000)]
    [InlineData(6000, 9000)]
    [InlineData(80, 9000)]
    public void Ports_WithAPreferredOne_HaveItFirstUnlessItIsOutOfTheQuestion(int prefer, int first)
    {
        var ports = Order(new PickWish { Prefer = prefer, Near = 9000 }).Ports().ToList();
        Assert.Equal(first, ports[0]);
        Assert.Equal(ports.Count, ports.Distinct().Count());
    }

    [Fact]
    public void Ports_BelowThePrivilegedOnes_NeedTheRightAndAWish()
    {
        var wish = new PickWish { Range = new PortRange(80, 90) };
        Assert.Empty(Order(wish).Ports());
        Assert.Equal(10, new PickOrder(wish, Usual, mayBindPrivileged: true, (0, 1)).Ports().Count());
        Assert.All(new PickOrder(new PickWish(), Usual, mayBindPrivileged: true, (0, 1)).Ports(), static port => Assert.True(port >= 1024));
        Assert.Equal([80, 81, 82], new PickOrder(new PickWish { Near = 80 }, Usual, mayBindPrivileged: true, (0, 1)).Ports().Take(3).Select(static port => (int)port).Order());
    }

    [Fact]
    public void Objections_AreCountedWhereTheyKeepPortsOut()
    {
        var some = Order(new PickWish { Range = new PortRange(1000, 8010) });
        Assert.Equal((24, 2, 0), (some.CountOf(PortObjection.Privileged), some.CountOf(PortObjection.Reserved), some.CountOf(PortObjection.Ephemeral)));
        Assert.Equal(28232, Order(new PickWish()).CountOf(PortObjection.Ephemeral));
        Assert.Equal(0, Order(new PickWish { Near = 40000 }).CountOf(PortObjection.Ephemeral));
    }

    private static PickOrder Order(PickWish wish, (uint Start, uint Step)? chance = null) => new(wish, Usual, mayBindPrivileged: false, chance ?? (7, 13));
}
