using Bindwise.Model.Events;

namespace Bindwise.Model.Tests.Events;

public sealed class DiagnosisAllowanceTests
{
    private const uint Quiet = 1000, Loud = 666;

    [Fact]
    public void Take_ByOneUserAsFastAsCanBe_GivesTheBurstAndThenTheRate()
    {
        var allowance = new DiagnosisAllowance();
        Assert.Equal(DiagnosisAllowance.BurstOfNetwork, Taken(allowance, TimeSpan.Zero, Loud, static _ => 1));
        Assert.Equal(DiagnosisAllowance.RateOfNetwork, Taken(allowance, TimeSpan.FromSeconds(1), Loud, static _ => 1));
        Assert.Equal(DiagnosisAllowance.BurstOfNetwork, Taken(allowance, TimeSpan.FromHours(1), Loud, static _ => 1));
    }

    [Fact]
    public void Take_ByOneUserInManyNetworks_GivesTheUsersShareAndNoMore() => Assert.Equal(DiagnosisAllowance.BurstOfUser,
        Taken(new DiagnosisAllowance(), TimeSpan.Zero, Loud, static turn => (ulong)turn));

    [Fact]
    public void Take_ByAQuietUser_WorksHoweverLoudOthersAre()
    {
        var allowance = new DiagnosisAllowance();
        for (var second = 0; second < 120; second++)
        {
            var now = TimeSpan.FromSeconds(second);
            for (var turn = 0; turn < 1000; turn++)
                allowance.TryTake(Loud + (uint)(turn % 20), (ulong)turn, now);
            if (second % 30 == 29)
                Assert.True(allowance.TryTake(Quiet, 1, now), $"second {second}");
        }
    }

    [Fact]
    public void Take_ByAnyNumberOfUsers_IsBoundedInRateAndMemory()
    {
        var allowance = new DiagnosisAllowance();
        var taken = 0;
        for (var second = 0; second < 60; second++)
        {
            for (var user = 0u; user < 3 * DiagnosisAllowance.Limit; user++)
                taken += allowance.TryTake(user, user, TimeSpan.FromSeconds(second)) ? 1 : 0;
        }
        Assert.InRange(taken, DiagnosisAllowance.BurstOfAll, DiagnosisAllowance.BurstOfAll
            + DiagnosisAllowance.BurstOfQuiet + (60 * (DiagnosisAllowance.RateOfAll + DiagnosisAllowance.RateOfQuiet)));
    }

    [Fact]
    public void Take_WithAClockThatStands_GivesNoMore()
    {
        var allowance = new DiagnosisAllowance();
        Taken(allowance, TimeSpan.FromSeconds(5), Loud, static _ => 1);
        Assert.Equal(0, Taken(allowance, TimeSpan.FromSeconds(5), Loud, static _ => 1));
        Assert.Equal(0, Taken(allowance, TimeSpan.FromSeconds(4), Loud, static _ => 1));
    }

    private static int Taken(DiagnosisAllowance allowance, TimeSpan now, uint user, Func<int, ulong> network) =>
        Enumerable.Range(0, 1000).Count(turn => allowance.TryTake(user, network(turn), now));
}
