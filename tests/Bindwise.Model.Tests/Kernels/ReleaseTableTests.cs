using System.Reflection;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Simulation;
using Bindwise.Tests.Tables;

namespace Bindwise.Model.Tests.Kernels;

/// <summary>The table of scenarios/releases/ on the model of each release that it speaks of; eng/kernels plays the same on the kernels themselves.</summary>
public sealed class ReleaseTableTests
{
    private static readonly Dictionary<string, ReleaseRow> Rows = ReleaseTable.Read().ToDictionary(row => row.Row.At);

    // What was played, and each release that changes something with the one before it; and the documented one as some are built.
    private static readonly KernelRelease[] Releases =
    [
        .. KernelRelease.Played
            .Concat(KernelChanges.All.SelectMany(static change => change.Since is { } since ? (KernelRelease[])[since, Before(since), .. change.Backports] : []))
            .Distinct().Order(),
        KernelRelease.Documented with { HasOneTablePerSocket = true },
    ];

    public static TheoryData<string> All() => [.. Rows.Keys];

    [Theory]
    [MemberData(nameof(All))]
    public void Row_OnTheModelOfEachOfItsReleases_GivesItsResult(string at)
    {
        var ofReleases = Rows[at];
        var row = ofReleases.Row;
        Assert.Null(row.Parse.Fault);
        var releases = Releases.Where(ofReleases.IsOf).ToList();
        Assert.NotEmpty(releases);
        Assert.All(releases, release =>
        {
            using var host = new SimulatedHost(row.Scenario, release);
            Assert.Null(TableJudge.Fault(row, [.. row.Scenario.Steps.Where(static step => step is not ExpectStep).Select(host.Play)], knowsRules: true));
        });
    }

    [Fact]
    public void Changes_EachHaveARowBeforeAndAfter() => Assert.All(Named(), named =>
    {
        var rows = Rows.Values.Where(row => row.Change == named.Name).ToList();
        if (named.Change.Since is not { } since)
        {
            Assert.Equal([false, true], rows.Select(static row => row.IsBuiltIn).Distinct().Order());
            return;
        }
        var ranges = rows.Select(static row => row.Releases).ToList();
        Assert.Contains(ranges, range => range.Includes(since) && !range.Includes(Before(since)));
        Assert.Contains(ranges, range => !range.Includes(since) && range.Last is { } last && !last.Has(named.Change));
    });

    [Fact]
    public void Backports_EachHaveARowOrLieBetweenPlayedReleases() => Assert.All(Named(), named =>
        Assert.All(named.Change.Backports.Where(KernelRelease.Played.Contains), release =>
            Assert.Contains(Rows.Values, row => row.Change == named.Name && row.Releases.Includes(release))));

    [Fact]
    public void Changes_StandInTheirOrder_AndAllAreListed()
    {
        Assert.Equal(KernelChanges.All.OrderBy(static change => change.Since is null).ThenBy(static change => change.Since), KernelChanges.All);
        Assert.Equal(Named().Select(static named => named.Change).ToHashSet(), KernelChanges.All.ToHashSet());
        Assert.Empty(Rows.Values.Select(static row => row.Change).Except(Named().Select(static named => named.Name)));
    }

    private static KernelRelease Before(KernelRelease release) => release switch
    {
        { Minor: > 0 } => release with { Minor = release.Minor - 1 },
        { Major: 7 } => new(6, 19),
        { Major: 6 } => new(5, 19),
        _ => throw new ArgumentOutOfRangeException(nameof(release), release, "whose last minor number is not known here"),
    };

    private static List<(string Name, KernelChange Change)> Named() =>
    [
        .. typeof(KernelChanges).GetProperties(BindingFlags.Public | BindingFlags.Static)
            .Where(static property => property.PropertyType == typeof(KernelChange))
            .Select(static property => (property.Name, (KernelChange)property.GetValue(null)!)),
    ];
}
