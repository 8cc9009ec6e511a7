using Bindwise.Lab.Kernel;
using Bindwise.Lab.Playing;
using Bindwise.Model.Scenarios;

namespace Bindwise.Fuzz.Tests;

/// <summary>What random scenarios reach on the model: a rule that none of a hundred thousand meets is one that nobody proves.</summary>
[Trait("Lane", "second")]
public class CoverageTests
{
    private static readonly Lazy<FuzzReport> Report = new(static () =>
        new FuzzRun(ScenarioHosts.OfModel, new StreamLimits(), new FuzzPlan(3) { Count = 100_000, Duration = TimeSpan.FromMinutes(30) }).Play(CancellationToken.None));

    [Fact]
    public void Play_AHundredThousand_MeetEveryRule()
    {
        Assert.Equal(100_000, Report.Value.Coverage.Scenarios);
        Assert.True(Report.Value is { IsGood: true, Unmet.IsEmpty: true, TooShortFor.IsEmpty: true }, FuzzReportText.Render(Report.Value, "none", "under test"));
    }

    [Theory]
    [InlineData(CoverageKind.Op)]
    [InlineData(CoverageKind.Option)]
    [InlineData(CoverageKind.Sysctl)]
    [InlineData(CoverageKind.State)]
    internal void Play_AHundredThousand_MeetAllOfAKind(CoverageKind kind)
    {
        // An expectation is the player's and no call.
        var unmet = Report.Value.Coverage.Of(kind).Where(static count => count.Value.Model == 0 && count.Key != "expect").Select(static count => count.Key);
        Assert.Empty(unmet);
    }

    [Fact]
    public void Play_AHundredThousand_MeetEveryResultThatARuleCanGive()
    {
        string[] results = [StepResult.Ok, "EACCES", "EADDRINUSE", "EADDRNOTAVAIL", "EAFNOSUPPORT", "EAGAIN", "ECONNREFUSED", "ECONNRESET", "EINVAL", "EISCONN", "ENETUNREACH", "ENODEV", "ENOTCONN", "EPERM", "EPIPE"];
        Assert.Empty(results.Except(Report.Value.Coverage.Of(CoverageKind.Result).Select(static count => count.Key)));
    }
}
