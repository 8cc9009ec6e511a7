using System.Globalization;
using Bindwise.Model.Diagnosing.Freeing;
using Bindwise.Model.Targets;
using Bindwise.Model.Tests.Rules;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>What would be done, from a snapshot: no process and no kernel.</summary>
public class FreePlannerTests
{
    // The first line and the plan speak of the same seconds: who gives what is told there is not refused.
    [Theory]
    [InlineData(59_900, 59)]
    [InlineData(60_000, 60)]
    [InlineData(1_200, 1)]
    public void TimeWait_IsWaitedForAsLongAsTheFirstLineSays(int left, int told)
    {
        var plan = Plan(left, TimeSpan.FromSeconds(told));

        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{told} s"), plan.Diagnosis.Summary, StringComparison.Ordinal);
        Assert.Null(plan.Refusal);
        Assert.Equal(FreeActionKind.Wait, Assert.Single(plan.Actions).Kind);
    }

    [Fact]
    public void TimeWait_LongerThanTheWait_IsRefusedWithTheSameSeconds()
    {
        var plan = Plan(59_900, TimeSpan.FromSeconds(58));

        Assert.Equal("wait-too-short", plan.Refusal?.Reason);
        Assert.Contains("for up to 59 s more", plan.Refusal!.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, false, "Its 1 open connection will keep the port in TIME_WAIT for about a minute more.")]
    [InlineData(true, false, null)]
    [InlineData(true, true, "Its 1 open connection will keep the port in TIME_WAIT for about a minute more.")]
    public void ConnectionsOfTheListener_StayAfterIt_UnlessBothSidesSetSoReuseaddr(bool reuses, bool isPlain, string? leftover)
    {
        var option = reuses ? " ra" : "";
        var options = isPlain ? new ProgramOptions { ReuseAddress = false, ReusePort = false } : ProgramOptions.None;
        var connection = SocketLine.Held("tcp 127.0.0.1 ESTABLISHED" + option) with { Inode = 8, Remote = new IpEndpoint(IpAddress.LoopbackIPv4, 40000) };
        var host = Of(SocketLine.Held("tcp 127.0.0.1 LISTEN" + option), connection).HeldBy(Process(5, "srv"));

        var plan = FreePlanner.Of(PortTarget("127.0.0.1"), options, host, new FreeRights());

        Assert.Equal(leftover, plan.Leftover);
        Assert.Equal(leftover is null ? 0 : 1, plan.Notes.Count(static note => note.EndsWith("--wait 70s waits for that.", StringComparison.Ordinal)));
        Assert.Null(FreePlanner.Of(PortTarget("127.0.0.1"), options, host, new FreeRights { Wait = TimeSpan.FromSeconds(70) }).Leftover);
        // The same is told by why.
        Assert.Equal(leftover is not null, plan.Diagnosis.Remedies.First(static remedy => remedy.Id == "end-process").Text.Contains("TIME_WAIT", StringComparison.Ordinal));
    }

    // What only a retransmission ends stays as long as the other end answers.
    [Theory]
    [InlineData("FinWait1")]
    [InlineData("LastAck")]
    public void Orphan_WithoutATimer_IsPromisedNoTime(string state)
    {
        var orphan = TimeWait() with { State = Enum.Parse<TcpSocketState>(state), MillisecondsLeft = null, ReuseAddress = Fact.No, ReusePort = Fact.No };

        var refusal = FreePlanner.Of(PortTarget("127.0.0.1"), new ProgramOptions { ReuseAddress = false, ReusePort = false }, Of(orphan), new FreeRights()).Refusal!;

        Assert.Equal("orphan", refusal.Reason);
        Assert.DoesNotContain("--wait", refusal.Text, StringComparison.Ordinal);
        Assert.EndsWith("End the program at the other end, or as root use --destroy.", refusal.Text, StringComparison.Ordinal);
    }

    private static FreePlan Plan(int left, TimeSpan wait) =>
        FreePlanner.Of(PortTarget("127.0.0.1"), new ProgramOptions { ReuseAddress = false, ReusePort = false }, Of(TimeWait(left) with { ReuseAddress = Fact.No }), new FreeRights { Wait = wait });
}
