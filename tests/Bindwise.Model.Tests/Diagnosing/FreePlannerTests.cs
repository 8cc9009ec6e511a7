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
        Assert.Equal(leftover is null ? 0 : 1, plan.Notes.Count(note => note.EndsWith(": bindwise free 127.0.0.1:8080" + (isPlain ? " --plain" : "") + " --wait 70s waits for that.", StringComparison.Ordinal)));
        Assert.Null(FreePlanner.Of(PortTarget("127.0.0.1"), options, host, new FreeRights { Wait = TimeSpan.FromSeconds(70) }).Leftover);
        // The same is told by why.
        Assert.Equal(leftover is not null, plan.Diagnosis.Remedies.First(static remedy => remedy.Id == "end-process").Text.Contains("TIME_WAIT", StringComparison.Ordinal));
    }

    // If the peer closes just before its end, TIME_WAIT follows: the wait that is named covers both.
    [Fact]
    public void FinWait2_IsToldToLastAtLeastSoLong_AndTheWaitCoversTheTimeWaitAfterIt()
    {
        var options = new ProgramOptions { ReuseAddress = false, ReusePort = false };
        var orphan = TimeWait() with { State = TcpSocketState.FinWait2, MillisecondsLeft = 58_900, ReuseAddress = Fact.No, ReusePort = Fact.No };
        var host = Of(orphan);
        host = host with { Settings = host.Settings with { TimerSlackMilliseconds = 2_048 } };

        var plan = FreePlanner.Of(PortTarget("127.0.0.1"), options, host, new FreeRights());
        Assert.Contains("(EADDRINUSE) for at least another 58 s: ", plan.Diagnosis.Summary, StringComparison.Ordinal);
        Assert.Equal(host.TakenAt.AddMilliseconds(58_900 + 2_048 + 60_000 + 2_048), plan.Diagnosis.FreeAt);
        Assert.Matches(@"^Wait at least 58 s, until [0-9:]+ \(at most 3 s longer\); if the peer closes before that, 60 s from then\.$",
            plan.Diagnosis.Remedies.Single(static remedy => remedy.Id == "wait").Text);
        Assert.Contains("for at least 58 s more, or, if the peer closes before that, for 60 s from then (FIN_WAIT2). Wait for it with --wait 118s,", plan.Refusal!.Text, StringComparison.Ordinal);
        plan = FreePlanner.Of(PortTarget("127.0.0.1"), options, host, new FreeRights { Wait = TimeSpan.FromSeconds(70) });
        Assert.StartsWith("wait up to 70 s for ", Assert.Single(plan.Actions).Text, StringComparison.Ordinal);
        Assert.EndsWith("--wait 118s waits for that too.", Assert.Single(plan.Notes), StringComparison.Ordinal);
        plan = FreePlanner.Of(PortTarget("127.0.0.1"), options, host, new FreeRights { Wait = TimeSpan.FromSeconds(118) });
        Assert.Equal(("wait up to 118 s for ", 0), (Assert.Single(plan.Actions).Text[..21], plan.Notes.Length));
    }

    [Theory]
    [InlineData(true, "owner-hidden", "The bind() would be refused (EACCES) whoever holds the port, and the process that holds it is not visible here; root sees it (sudo bindwise free 81).")]
    [InlineData(false, "not-in-use", "The bind() would be refused (EACCES) whoever holds the port, so ending that would not free it; bindwise why 81 says what helps.")]
    public void PrivilegedPortThatIsHeldToo_IsNotSaidToHaveNoSocket(bool isHidden, string reason, string text)
    {
        var host = With("tcp 0.0.0.0 LISTEN");
        host = host with
        {
            Sockets = [host.Sockets[0] with { Local = new IpEndpoint(IpAddress.AnyIPv4, 81) }],
            Caller = new Caller { UserId = 1000, MayBindPrivilegedPorts = Fact.No },
            Coverage = host.Coverage with { UnreadableProcesses = 1 },
        };

        var plan = FreePlanner.Of(PortTarget(port: 81), ProgramOptions.None, isHidden ? host : host.HeldBy(Process(5, "srv")), new FreeRights());

        Assert.Contains("it is also taken", plan.Diagnosis.Summary, StringComparison.Ordinal);
        Assert.Equal((reason, text), (plan.Refusal!.Reason, plan.Refusal.Text));
    }

    [Fact]
    public void WorkersWhoseMakerIsGone_AreAllSaidToHaveInheritedTheSocket()
    {
        var host = With("tcp 0.0.0.0 LISTEN").HeldBy(Process(11, "srv", parent: 1, group: 10), Process(12, "srv", parent: 1, group: 10), Process(13, "srv", parent: 1, group: 10));

        var plan = FreePlanner.Of(PortTarget("127.0.0.1"), ProgramOptions.None, host, new FreeRights());

        Assert.Equal([11, 12, 13], plan.Actions.Select(static action => action.Process!.Id));
        Assert.All(plan.Actions, static action => Assert.True(action.IsAskedSeparately && action.Text.EndsWith(", which only inherited the socket", StringComparison.Ordinal), action.Text));
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
        Assert.EndsWith("End the program at the other end, or use --destroy.", refusal.Text, StringComparison.Ordinal);
    }

    // A row of watch shows one of two servers: the other, and its connections, are left alone and named.
    [Fact]
    public void Shown_OfTwoServersInTheWay_OnlyTheOneThatWasShownIsEnded()
    {
        var connection = SocketLine.Held("tcp 127.0.0.2 ESTABLISHED ra") with { Inode = 8, Cookie = 3, Remote = new IpEndpoint(IpAddress.LoopbackIPv4, 40000) };
        var host = Of(SocketLine.Held("tcp 0.0.0.0 LISTEN ra") with { Inode = 6, Cookie = 1 }, SocketLine.Held("tcp 127.0.0.2 LISTEN ra") with { Inode = 7, Cookie = 2 }, connection) with
        {
            Processes = [Process(5, "srv"), Process(6, "other")],
            Holders = [new Holder(6, 5, 3), new Holder(7, 6, 3), new Holder(8, 6, 4)],
        };

        var plan = FreePlanner.Of(PortTarget(), ProgramOptions.None, host, new FreeRights());
        Assert.Equal([5, 6], plan.Actions.Select(static action => action.Process!.Id).Order());

        plan = FreePlanner.Of(PortTarget(), ProgramOptions.None, host, new FreeRights { Shown = [1] });
        Assert.Equal(5, Assert.Single(plan.Actions).Process!.Id);
        Assert.Equal(("Left running: other (pid 6) on 127.0.0.2:8080.", plan.Leftover), (Assert.Single(plan.Notes), plan.Notes[0]));
        // The one that was shown has ended.
        plan = FreePlanner.Of(PortTarget(), ProgramOptions.None, host, new FreeRights { Shown = [9] });
        Assert.Empty(plan.Actions);
        Assert.Equal("still-held", plan.Refusal?.Reason);
    }

    [Fact]
    public void Shown_OfManyOthers_SomeAreNamedAndTheRestAreCounted()
    {
        var numbers = Enumerable.Range(10, 7).ToList();
        var host = Of([.. numbers.Select(static number =>
            SocketLine.Held($"tcp {(number == 10 ? "0.0.0.0" : $"127.0.0.{number}")} LISTEN ra") with { Inode = (uint)number, Cookie = (ulong)number })]) with
        {
            Processes = [.. numbers.Select(static number => Process(number, "srv"))],
            Holders = [.. numbers.Select(static number => new Holder((uint)number, number, 3))],
        };

        var plan = FreePlanner.Of(PortTarget(), ProgramOptions.None, host, new FreeRights { Shown = [10] });

        Assert.EndsWith("srv (pid 14) on 127.0.0.14:8080 and 2 more.", plan.Leftover, StringComparison.Ordinal);
    }

    private static FreePlan Plan(int left, TimeSpan wait) =>
        FreePlanner.Of(PortTarget("127.0.0.1"), new ProgramOptions { ReuseAddress = false, ReusePort = false }, Of(TimeWait(left) with { ReuseAddress = Fact.No }), new FreeRights { Wait = wait });
}
