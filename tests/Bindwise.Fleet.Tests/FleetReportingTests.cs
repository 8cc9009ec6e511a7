using System.Collections.Immutable;
using Bindwise.Dashboard.Fleet;

namespace Bindwise.Fleet.Tests;

public class FleetReportingTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private static readonly FleetFacts Facts = new()
    {
        Now = Now,
        Present = [One(1, "instance=web1", "job=b"), One(1, "instance=web2", "job=b")],
        Before = [One(1, "instance=web1", "job=b"), One(1, "instance=web2", "job=b"), One(1, "instance=web3", "job=b")],
        Jobs = [One(1, "job=b"), One(1, "job=down")],
    };

    [Fact]
    public void Of_HostsThatAreSilentOrOfOtherJobs_AreDownOrLeftOut()
    {
        var report = FleetReporting.Of(Facts with
        {
            Up = [One(1, "instance=web1", "job=b"), One(0, "instance=web3", "job=b"), One(0, "instance=web4", "job=b"), One(0, "instance=web5", "job=down"), One(1, "instance=db1", "job=node")],
        });

        Assert.Equal(["web1 True", "web2 True", "web3 False", "web4 False", "web5 False"], report.Hosts.Select(static one => $"{one.Instance} {one.IsUp}"));
    }

    [Theory]
    [InlineData(10_000, 1, "2026-11-24T17:00:00Z")]
    [InlineData(10_000, -1, null)]
    [InlineData(10_000, 0.00001, null)]
    [InlineData(28_000, 0, "2026-11-24T12:00:00Z")]
    [InlineData(10_000, double.PositiveInfinity, null)]
    public void Of_Ephemeral_IsFullWhenTheLineOfSixHoursSays(double used, double perSecond, string? fullAt)
    {
        var report = FleetReporting.Of(Facts with
        {
            Present = [One(28_000, "instance=web1", "job=b"), One(28_000, "instance=web2", "job=b")],
            Fullest = [One(used, "instance=web1", "destination=10.0.0.5:5432")],
            Growth = [One(perSecond, "instance=web1", "destination=10.0.0.5:5432"), One(9, "instance=web1", "destination=other:1")],
        });

        Assert.Equal(new FleetEphemeral("10.0.0.5:5432", (long)used, 28_000, fullAt is null ? null : DateTimeOffset.Parse(fullAt, null)), report.Hosts[0].Ephemeral);
        Assert.Null(report.Hosts[1].Ephemeral);
    }

    [Fact]
    public void Of_EphemeralOfASizeThatCannotBe_IsFullInAHundredYears()
    {
        var report = FleetReporting.Of(Facts with
        {
            Present = [One(1e300, "instance=web1", "job=b")],
            Fullest = [One(1, "instance=web1", "destination=10.0.0.5:5432")],
            Growth = [One(1, "instance=web1", "destination=10.0.0.5:5432")],
        });

        Assert.Equal(Now.AddDays(36_525), report.Hosts[0].Ephemeral!.FullAt);
    }

    [Fact]
    public void Of_Failures_AreThoseOfTheDay_AlsoWhereTheCountBeganAnew()
    {
        string[] grown = ["instance=web1", "cause=listener", "program=nginx"], young = ["instance=web1", "cause=time-wait", "program=java"],
            anew = ["instance=web2", "cause=listener", "program=go"], still = ["instance=web2", "cause=listener", "program=php"];
        var report = FleetReporting.Of(Facts with
        {
            Failures = [One(12, grown), One(3, young), One(4, anew), One(5, still)],
            FailuresBefore = [One(10, grown), One(100, anew), One(5, still)],
            FailuresOfInterrupted = [One(6.9, [.. anew, "of=grown"])],
        });

        Assert.Equal([new("time-wait", "java", 3), new("listener", "nginx", 2)], report.Hosts[0].Failures.ToArray());
        Assert.Equal([new FleetFailures("listener", "go", 7)], report.Hosts[1].Failures.ToArray());
    }

    // What began since has no value 24 hours ago, and an increase leaves out what it began with.
    [Theory]
    [InlineData("a silent host, new today", null, null, 0, 5, 5, 5)]
    [InlineData("a silent host", null, 4, 6, 10, 10, 6)]
    [InlineData("began anew, none since", null, null, 0, 5, 5, 5)]
    [InlineData("began anew, fewer since", 2, null, 2, 5, 2, 7)]
    [InlineData("began anew, more since", 9, null, 9, 9, 9, 9)]
    [InlineData("began anew, and is known from before", 4, 1, 9, 6, 4, 9)]
    [InlineData("silent for a day", null, 4, null, null, null, null)]
    public void Of_FailuresOfInterrupted_AreThoseOfTheDay(string why, int? now, int? before, int? grown, int? highest, int? last, int? count)
    {
        string[] labels = ["instance=web3", "cause=listener", "program=go"];
        var report = FleetReporting.Of(Facts with
        {
            Failures = Of(now, labels),
            FailuresBefore = Of(before, labels),
            FailuresOfInterrupted = [.. Of(grown, [.. labels, "of=grown"]), .. Of(highest, [.. labels, "of=highest"]), .. Of(last, [.. labels, "of=last"])],
        });

        Assert.True(count == report.Hosts[2].Failures.SingleOrDefault()?.Count, why);

        static ImmutableArray<PrometheusSample> Of(int? value, string[] labels) => value is { } known ? [One(known, labels)] : [];
    }

    [Fact]
    public void Of_Changes_OnlyWhereBothListsAreWhole()
    {
        var report = FleetReporting.Of(Facts with
        {
            Changes =
            [
                One(1, "instance=web1", "port=8080", "program=java"), One(1, "instance=web2", "port=81", "program=a"), One(1, "instance=web1", "port=x", "program=a"),
                One(2, "instance=web1", "port=80", "program=nginx"), One(2, "instance=web3", "port=80", "program=nginx"), One(2, "instance=web2", "port=82", "program=b"),
            ],
            Unlisted = [One(1900, "instance=web2")],
            UnlistedBefore = [One(1800, "instance=web2")],
        });

        Assert.Equal([new("web1", 80, "nginx", false), new FleetChange("web1", 8080, "java", true)], report.Changes.ToArray());
        Assert.Equal(("fewer-listeners", "web2 lists 1900 fewer listeners than it has: give its bindwise serve a larger --metrics-top."),
            (Assert.Single(report.Remarks).Id, report.Remarks[0].Text));
    }

    [Fact]
    public void Of_HostWithoutAYesterday_SaysSo() =>
        Assert.Equal("no-day", Assert.Single(FleetReporting.Of(Facts with { Before = [One(1, "instance=web1", "job=b")] }).Remarks).Id);

    [Fact]
    public void AnyOf_MatchesTheWordsAlone() =>
        Assert.Equal("""
            "10\\.0\\.0\\.5\\:80|a\\\"\\|b"
            """, FleetQueries.AnyOf(["10.0.0.5:80", "a\"|b", "", "10.0.0.5:80"]));

    private static PrometheusSample One(double value, params string[] labels) =>
        new(labels.ToImmutableDictionary(static one => one[..one.IndexOf('=', StringComparison.Ordinal)], static one => one[(one.IndexOf('=', StringComparison.Ordinal) + 1)..]), value);
}
