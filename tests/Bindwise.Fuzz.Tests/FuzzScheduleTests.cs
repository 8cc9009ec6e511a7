using Bindwise.Fuzz.Generating;

namespace Bindwise.Fuzz.Tests;

public class FuzzScheduleTests
{
    [Theory]
    [InlineData(8, 0, 0)]
    [InlineData(9, 100, 0)]
    [InlineData(92, 1_200, 0)]
    [InlineData(93, 1_200, 2_000)]
    [InlineData(170, 2_300, 2_000)]
    [InlineData(190, 2_500, 4_000)]
    public void Numbers_OnTheKernel_WaitInBatchesThatEndInTime(int seconds, int finWait2, int timeWait)
    {
        var numbers = Play(seconds, onKernel: true, perSecond: 500);
        Assert.InRange(numbers.Count(number => number.Profile == ScenarioProfile.FinWait2), finWait2, finWait2 + 100);
        Assert.Equal(timeWait, numbers.Count(number => number.Profile == ScenarioProfile.TimeWait));
        Assert.Equal(seconds * 500, numbers.Count);
    }

    [Fact]
    public void Numbers_OnTheModel_WaitAsOftenAsTheyCome()
    {
        var numbers = Play(1, onKernel: false, perSecond: 1_000);
        Assert.Equal((900, 50, 50), (Count(ScenarioProfile.Quick), Count(ScenarioProfile.FinWait2), Count(ScenarioProfile.TimeWait)));
        int Count(ScenarioProfile profile) => numbers.Count(number => number.Profile == profile);
    }

    [Fact]
    public void Numbers_OfAProfile_CountFromZero()
    {
        var numbers = Play(200, onKernel: true, perSecond: 100);
        Assert.All(numbers.GroupBy(number => number.Profile), profile => Assert.Equal(Enumerable.Range(0, profile.Count()), profile.Select(number => (int)number.Index)));
    }

    [Theory]
    [InlineData(ScenarioProfile.Quick, 100, 100)]
    [InlineData(ScenarioProfile.FinWait2, 100, 94)]
    [InlineData(ScenarioProfile.TimeWait, 100, 34)]
    internal void Numbers_OneProfile_EndWhenItsWaitNoLongerFits(ScenarioProfile profile, int seconds, int begun) =>
        Assert.InRange(Play(seconds, onKernel: true, perSecond: 1, new FuzzPlan(1) { Profile = profile }).Count, begun, begun + 1);

    [Fact]
    public void Numbers_FewMayWait_HaveSmallerBatches() =>
        Assert.InRange(Play(100, onKernel: true, perSecond: 500, mostWaiting: 60).Count(number => number.Profile == ScenarioProfile.TimeWait), 1, 59);

    private static List<ScenarioNumber> Play(int seconds, bool onKernel, int perSecond, FuzzPlan? plan = null, int mostWaiting = 2_500)
    {
        var count = 0;
        var schedule = new FuzzSchedule(
            (plan ?? new FuzzPlan(1)) with { Duration = TimeSpan.FromSeconds(seconds) }, onKernel, mostWaiting, () => TimeSpan.FromSeconds((double)count++ / perSecond));
        return [.. schedule.Numbers()];
    }
}
