using Bindwise.Model.Rules;

namespace Bindwise.Model.Tests.Rules;

/// <summary>One row, one rule: the asking socket, the held one, the outcome, the rule that decides.</summary>
public sealed class ConflictRulesTests
{
    [Theory]
    // Plain binds: any overlapping member conflicts.
    [InlineData("tcp 127.0.0.1", "tcp 127.0.0.1 LISTEN", Outcome.Blocked, "BW004")]
    [InlineData("tcp 127.0.0.1", "tcp 0.0.0.0 LISTEN", Outcome.Blocked, "BW004")]
    [InlineData("tcp 0.0.0.0", "tcp 127.0.0.1 LISTEN", Outcome.Blocked, "BW004")]
    [InlineData("tcp 127.0.0.2", "tcp 127.0.0.1 LISTEN", Outcome.Allowed, "BW002")]
    [InlineData("tcp 127.0.0.1", "tcp 127.0.0.1 BOUND", Outcome.Blocked, "BW005")]
    [InlineData("tcp 127.0.0.1", "tcp 127.0.0.1 ESTABLISHED", Outcome.Blocked, "BW005")]
    [InlineData("tcp 127.0.0.1", "tcp 127.0.0.1 TIME_WAIT ra? rp? uid?", Outcome.Blocked, "BW005")]
    // SO_REUSEADDR needs both, and no listener.
    [InlineData("tcp 127.0.0.1 ra", "tcp 127.0.0.1 TIME_WAIT", Outcome.Blocked, "BW005")]
    [InlineData("tcp 127.0.0.1 ra", "tcp 127.0.0.1 TIME_WAIT ra", Outcome.Allowed, "BW006")]
    [InlineData("tcp 127.0.0.1 ra", "tcp 127.0.0.1 TIME_WAIT ra? rp? uid?", Outcome.Undetermined, "BW005")]
    [InlineData("tcp 127.0.0.1 ra", "tcp 127.0.0.1 TIME_WAIT ra? uid1000", Outcome.Undetermined, "BW005")]
    [InlineData("tcp 127.0.0.1", "tcp 127.0.0.1 TIME_WAIT ra", Outcome.Blocked, "BW005")]
    [InlineData("tcp 127.0.0.1 ra", "tcp 127.0.0.1 ESTABLISHED ra", Outcome.Allowed, "BW006")]
    [InlineData("tcp 127.0.0.1 ra", "tcp 127.0.0.1 BOUND ra uid1000", Outcome.Allowed, "BW006")]
    [InlineData("tcp 127.0.0.1 ra", "tcp 127.0.0.1 LISTEN ra", Outcome.Blocked, "BW004")]
    [InlineData("tcp 127.0.0.1 ra", "tcp 127.0.0.1 LISTEN ra? rp?", Outcome.Blocked, "BW004")]
    // SO_REUSEPORT needs both and one user, but for TIME_WAIT.
    [InlineData("tcp 127.0.0.1 rp", "tcp 127.0.0.1 LISTEN rp", Outcome.Allowed, "BW007")]
    // What the port remembers (BW011) may let SO_REUSEPORT pass, whatever the sockets of today say.
    [InlineData("tcp 127.0.0.1 rp", "tcp 127.0.0.1 LISTEN rp uid1000", Outcome.Undetermined, "BW009")]
    [InlineData("tcp 127.0.0.1 rp", "tcp 127.0.0.1 LISTEN", Outcome.Undetermined, "BW004")]
    [InlineData("tcp 127.0.0.1 rp", "tcp 127.0.0.1 TIME_WAIT rp uid?", Outcome.Allowed, "BW008")]
    [InlineData("tcp 127.0.0.1 ra", "tcp 127.0.0.1 BOUND rp", Outcome.Blocked, "BW005")]
    // Devices.
    [InlineData("tcp 0.0.0.0 dev1", "tcp 0.0.0.0 LISTEN dev2", Outcome.Allowed, "BW003")]
    [InlineData("tcp 0.0.0.0", "tcp 0.0.0.0 LISTEN dev2", Outcome.Blocked, "BW004")]
    [InlineData("tcp 0.0.0.0 dev2", "tcp 0.0.0.0 LISTEN", Outcome.Blocked, "BW004")]
    // Families.
    [InlineData("tcp 0.0.0.0", "tcp :: LISTEN", Outcome.Blocked, "BW004")]
    [InlineData("tcp 127.0.0.1", "tcp :: LISTEN", Outcome.Blocked, "BW004")]
    [InlineData("tcp 0.0.0.0", "tcp :: LISTEN v6only", Outcome.Allowed, "BW002")]
    [InlineData("tcp ::", "tcp 0.0.0.0 LISTEN", Outcome.Blocked, "BW004")]
    [InlineData("tcp ::", "tcp 127.0.0.1 LISTEN", Outcome.Blocked, "BW004")]
    [InlineData("tcp :: v6only", "tcp 0.0.0.0 LISTEN", Outcome.Allowed, "BW002")]
    [InlineData("tcp :: v6only", "tcp ::1 LISTEN v6only", Outcome.Blocked, "BW004")]
    [InlineData("tcp ::1", "tcp :: LISTEN v6only", Outcome.Blocked, "BW004")]
    [InlineData("tcp ::1", "tcp 0.0.0.0 LISTEN", Outcome.Allowed, "BW002")]
    [InlineData("tcp 0.0.0.0", "tcp ::1 LISTEN v6only", Outcome.Allowed, "BW002")]
    [InlineData("tcp ::ffff:127.0.0.1", "tcp 127.0.0.1 LISTEN", Outcome.Blocked, "BW004")]
    [InlineData("tcp 127.0.0.1", "tcp ::ffff:127.0.0.1 LISTEN", Outcome.Blocked, "BW004")]
    // The ghost: what a dual-stack socket leaves on a native address blocks the IPv4 wildcard, and only that.
    [InlineData("tcp 0.0.0.0", "tcp ::1 TIME_WAIT ra? rp? uid?", Outcome.Blocked, "BW005")]
    [InlineData("tcp 0.0.0.0", "tcp ::1 TIME_WAIT ra? rp? uid? v6only?", Outcome.Undetermined, "BW005")]
    [InlineData("tcp 127.0.0.1", "tcp ::1 TIME_WAIT ra? rp? uid?", Outcome.Allowed, "BW002")]
    [InlineData("tcp ::ffff:0.0.0.0", "tcp ::1 TIME_WAIT ra? rp? uid?", Outcome.Allowed, "BW002")]
    // TCP and UDP never meet.
    [InlineData("tcp 0.0.0.0", "udp 0.0.0.0 UNCONN", Outcome.Allowed, "BW001")]
    // UDP.
    [InlineData("udp 0.0.0.0", "udp 0.0.0.0 UNCONN", Outcome.Blocked, "BW022")]
    [InlineData("udp 0.0.0.0 ra", "udp 0.0.0.0 UNCONN ra uid1000", Outcome.Allowed, "BW020")]
    [InlineData("udp 0.0.0.0 ra", "udp 0.0.0.0 UNCONN", Outcome.Blocked, "BW022")]
    [InlineData("udp 0.0.0.0 rp", "udp 0.0.0.0 UNCONN rp", Outcome.Allowed, "BW021")]
    [InlineData("udp 0.0.0.0 rp", "udp 0.0.0.0 UNCONN rp uid1000", Outcome.Blocked, "BW009")]
    [InlineData("udp 127.0.0.1", "udp 127.0.0.2 UNCONN", Outcome.Allowed, "BW002")]
    [InlineData("udp 0.0.0.0", "udp :: UNCONN", Outcome.Blocked, "BW022")]
    internal void Bind_OneSocketOnThePort_IsDecidedByOneRule(string want, string held, Outcome outcome, string rule)
    {
        var decision = ConflictRules.Decide(SocketLine.Want(want), [SocketLine.Held(held)]);

        Assert.Equal((outcome, rule), (decision.Outcome, decision.Rule.Id.Value));
    }

    [Fact]
    public void Bind_SpecificTcpAddressIgnoresTheIPv4ViewOfNativeAddresses_ButUdpDoesNot()
    {
        Assert.Equal(Outcome.Allowed, ConflictRules.Decide(SocketLine.Want("tcp 127.0.0.6"), [SocketLine.Held("tcp ::1 ESTABLISHED")]).Outcome);
        Assert.Equal(Outcome.Blocked, ConflictRules.Decide(SocketLine.Want("udp 127.0.0.6"), [SocketLine.Held("udp ::1 ESTABLISHED")]).Outcome);
    }

    [Theory]
    [InlineData("udp 127.0.0.1 UNCONN", "udp 127.0.0.2 UNCONN rp", Outcome.Blocked)]
    [InlineData("udp 127.0.0.2 UNCONN rp", "udp 127.0.0.1 UNCONN", Outcome.Allowed)]
    // The kernel lists one family after the other: which of the two is the first is not known.
    [InlineData("udp 127.0.0.2 UNCONN rp", "udp :: UNCONN", Outcome.Undetermined)]
    [InlineData("udp 127.0.0.2 UNCONN", "udp :: UNCONN rp", Outcome.Undetermined)]
    [InlineData("udp 127.0.0.2 UNCONN rp", "udp :: UNCONN rp", Outcome.Allowed)]
    [InlineData("udp 127.0.0.2 UNCONN", "udp :: UNCONN", Outcome.Blocked)]
    [InlineData("udp 127.0.0.2 UNCONN", "udp :: UNCONN rp v6only", Outcome.Blocked)]
    internal void UdpBind_TheFirstSocketThatIsNotPassedOver_Decides(string first, string second, Outcome outcome)
    {
        var decision = ConflictRules.Decide(SocketLine.Want("udp 0.0.0.0 rp"), [SocketLine.Held(first), SocketLine.Held(second)]);

        Assert.Equal(outcome, decision.Outcome);
    }

    [Fact]
    public void UdpBind_WildcardOverACrowdedSlotOfSpecificAddresses_IsLeftToTheProbe()
    {
        var crowd = Enumerable.Range(1, 11).Select(n => SocketLine.Held($"udp 127.0.0.{n} UNCONN")).ToList();

        Assert.Equal(Outcome.Undetermined, ConflictRules.Decide(SocketLine.Want("udp 0.0.0.0"), crowd).Outcome);
        Assert.Equal(Outcome.Blocked, ConflictRules.Decide(SocketLine.Want("udp 0.0.0.0"), crowd[..10]).Outcome);
    }

    [Theory]
    [InlineData(8, Outcome.Allowed)]
    [InlineData(9, Outcome.Blocked)]
    internal void UdpBind_SpecificAddressInACrowdedSlot_MustPassItsOwnListAndTheWildcards(int others, Outcome outcome)
    {
        // The joined group at 127.0.0.1 ends the walk of the port's list, but not that of the wildcards.
        var crowd = Enumerable.Range(1, others).Select(n => SocketLine.Held($"udp 127.0.1.{n} UNCONN ra"))
            .Append(SocketLine.Held("udp 127.0.0.1 UNCONN ra rp")).Append(SocketLine.Held("udp 0.0.0.0 UNCONN ra")).ToList();

        Assert.Equal(outcome, ConflictRules.Decide(SocketLine.Want("udp 127.0.0.1 rp"), crowd).Outcome);
    }

    [Fact]
    public void Bind_SeveralSocketsInTheWay_NamesTheListenerFirst()
    {
        var decision = ConflictRules.Decide(
            SocketLine.Want("tcp 0.0.0.0"),
            [SocketLine.Held("tcp 127.0.0.1 TIME_WAIT ra? rp? uid?"), SocketLine.Held("tcp 127.0.0.1 ESTABLISHED"), SocketLine.Held("tcp 0.0.0.0 LISTEN")]);

        Assert.Equal("BW004", decision.Rule.Id.Value);
        Assert.Equal(3, decision.Blockers.Length);
    }

    [Fact]
    public void Bind_ReusePortBesideOneThatMayHaveIt_IsOpenBecauseOfTheBucketsHistory()
    {
        var decision = ConflictRules.Decide(SocketLine.Want("tcp 0.0.0.0 rp"), [SocketLine.Held("tcp 0.0.0.0 BOUND"), SocketLine.Held("tcp 0.0.0.0 BOUND rp")]);

        Assert.Equal(Outcome.Undetermined, decision.Outcome);
    }
}
