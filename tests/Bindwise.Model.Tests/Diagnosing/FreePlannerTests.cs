using System.Globalization;
using Bindwise.Model.Diagnosing.Freeing;
using Bindwise.Model.Targets;
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

    private static FreePlan Plan(int left, TimeSpan wait) =>
        FreePlanner.Of(PortTarget("127.0.0.1"), new ProgramOptions { ReuseAddress = false, ReusePort = false }, Of(TimeWait(left) with { ReuseAddress = Fact.No }), new FreeRights { Wait = wait });
}
