using Bindwise.Dashboard.Metrics;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Fleet.Tests;

public class BoundedCountersTests
{
    private const int Most = 3;
    private const string Other = "(other)";

    /// <summary>Whatever comes and is read when: no series falls or ends, none is lost, and there are no more than the bound and the rest.</summary>
    [Fact]
    [Trait("Seed", "any")]
    public void Read_OfAnyArrivals_NeverFalls() =>
        Prop.ForAll(Gen.Choose(0, 8).Zip(Gen.Choose(0, 5)).ListOf().ToArbitrary(), static arrivals =>
        {
            var counters = new BoundedCounters(Most, labels: 1);
            var total = 0;
            Dictionary<string, double> last = [];
            foreach (var (program, count) in arrivals)
            {
                if (count == 0)
                {
                    var now = Values(counters);
                    Assert.All(last, one => Assert.True(now[one.Key] >= one.Value, $"{one.Key} fell from {one.Value} to {now[one.Key]}"));
                    Assert.Equal(total, now.Values.Sum());
                    Assert.True(now.Keys.Count(static one => one != Other) <= Most);
                    last = now;
                }
                else
                {
                    counters.Add([$"p{program}"], count);
                    total += count;
                }
            }
        }).Check(Seed.Config.WithMaxTest(1000));

    [Fact]
    public void BindFailures_ThatCameTooFastToBeTold_AreCounted()
    {
        var counter = new BindFailureCounter(Most);
        foreach (var one in new PortEvent[]
        {
            new() { Time = default, Kind = PortEventKind.BindFailed, Cause = "listener", Program = "go", Count = 2 },
            new() { Time = default, Kind = PortEventKind.Lost, UserId = 1000, Count = 500 },
            new() { Time = default, Kind = PortEventKind.Lost, Count = 7 },
            new() { Time = default, Kind = PortEventKind.Closed },
        })
            counter.Happened(one);
        Assert.Equal([("(unknown)", "(unknown)", 500.0), ("listener", "go", 2)], counter.Read().Select(static one => (one.Labels[0], one.Labels[1], one.Value)));
    }

    [Fact]
    public void Read_GivesTheLargestASeriesOfTheirOwn_AndKeepsThemThere()
    {
        var counters = new BoundedCounters(2, labels: 2);
        foreach (var (name, count) in new[] { ("a", 1), ("b", 5), ("c", 2) })
            counters.Add([name, "x"], count);
        Assert.Equal("b,x=5 c,x=2 (other),(other)=1", Shown(counters));
        counters.Add(["a", "x"], 100);
        counters.Add(["c", "x"], 10);
        Assert.Equal("c,x=12 b,x=5 (other),(other)=101", Shown(counters));
    }

    /// <summary>As of listeners: each has a series, those that drop nothing make room for one that does, and those that are gone for anyone.</summary>
    [Fact]
    public void Read_OfSeriesThatStandAtNothing_MakesRoomForOnesThatCount()
    {
        var counters = new BoundedCounters(2, labels: 1);
        foreach (var name in new[] { "a", "b", "c" })
            counters.Add([name], 0);
        Assert.Equal("a=0 b=0 (other)=0", Shown(counters));
        counters.Add(["c"], 7);
        counters.Add(["a"], 1);
        Assert.Equal("c=7 a=1 (other)=0", Shown(counters));
        counters.Add(["b"], 2);
        Assert.Equal("c=7 a=1 (other)=2", Shown(counters));
        counters.Keep(["a", "b"]);
        counters.Add(["b"], 1);
        Assert.Equal("a=1 b=1 (other)=2", Shown(counters));
    }

    /// <summary>Programs that are named at will take no more memory than the bound.</summary>
    [Fact]
    public void Add_OfEndlessNames_IsBounded()
    {
        var counters = new BoundedCounters(Most, labels: 1);
        for (var i = 0; i < 100_000; i++)
            counters.Add([$"p{i}"], 1);
        var all = counters.Read();
        Assert.Equal((Most + 1, 100_000), (all.Length, all.Sum(static one => one.Value)));
    }

    private static Dictionary<string, double> Values(BoundedCounters counters) =>
        counters.Read().ToDictionary(static one => one.Labels[0], static one => one.Value);

    private static string Shown(BoundedCounters counters) =>
        string.Join(' ', counters.Read().Select(static one => FormattableString.Invariant($"{string.Join(',', one.Labels)}={one.Value}")));
}
