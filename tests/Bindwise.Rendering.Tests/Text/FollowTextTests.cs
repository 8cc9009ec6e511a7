using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Rendering.Text;

namespace Bindwise.Rendering.Tests.Text;

/// <summary>The line that counts down.</summary>
public sealed class FollowTextTests
{
    [Theory]
    [InlineData(0, "free in 40 s")]
    [InlineData(40, "free in 0 s")]
    [InlineData(42, "free any moment now")]
    public void Waiting_ForATimer_CountsDownAsSsDoes(int seconds, string text) =>
        Assert.Equal(text, FollowText.Waiting(Samples.All["time-wait"], Samples.TakenAt.AddSeconds(seconds), Samples.TakenAt));

    [Theory]
    [InlineData(0, "free in 40 s (up to 2 s more)")]
    [InlineData(40, "free in 0 s (up to 2 s more)")]
    [InlineData(41, "free within 2 s")]
    [InlineData(42, "free within 1 s")]
    [InlineData(43, "free any moment now")]
    public void Waiting_ForATimerThatMayFireLate_TellsTheSlackApart(int seconds, string text)
    {
        var sample = Samples.All["time-wait"];
        var late = sample with { FreeAt = sample.FreeAt!.Value.AddMilliseconds(1700) };

        Assert.Equal(text, FollowText.Waiting(late, Samples.TakenAt.AddSeconds(seconds), Samples.TakenAt));
    }

    [Theory]
    [InlineData("listener", 5, "waiting 5 s for server.js (node, pid 4121) to release [::]:8080")]
    [InlineData("workers", 130, "waiting 2 min for nginx (pid 100) and 200 more to release 0.0.0.0:80")]
    [InlineData("owner-hidden", 0, "waiting 0 s for the listening socket on 0.0.0.0:22 to close")]
    [InlineData("unix", 3, "waiting 3 s for the socket at /run/app.sock to go")]
    [InlineData("ports-exhausted", 7, "waiting 7 s for another answer")]
    public void Waiting_ForSomebody_SaysForWhom(string sample, int seconds, string text)
    {
        var diagnosis = Samples.All[sample];

        Assert.Equal(text, FollowText.Waiting(diagnosis, Samples.TakenAt.AddSeconds(seconds), Samples.TakenAt));
    }

    [Theory]
    [InlineData("  free in 41 s", 9, "  free in")]
    [InlineData("世界世界", 5, "世界")]
    [InlineData("a\u001bb", 10, "a\\eb")]
    [InlineData("x", 0, "")]
    public void Fit_NeverTakesMoreColumns(string text, int columns, string fitted) => Assert.Equal(fitted, FollowText.Fit(text, columns));

    [Fact]
    public void SocketToWatch_OfSeveralTimers_IsTheLastToGo()
    {
        var socket = FollowPlan.SocketToWatch(Samples.All["time-wait"]);

        Assert.Equal(1000 + (499 * 80), socket!.MillisecondsLeft);
    }

    [Fact]
    public void IsChange_OfTheSameAnswer_IsNone()
    {
        Assert.False(FollowPlan.IsChange(Samples.All["listener"], Samples.All["listener"]));
        Assert.True(FollowPlan.IsChange(Samples.All["listener"], Samples.All["free"]));
    }
}
