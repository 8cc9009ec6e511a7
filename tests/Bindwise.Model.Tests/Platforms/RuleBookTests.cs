using System.Collections.Immutable;
using Bindwise.Model.Platforms;
using Bindwise.Model.Platforms.Matrices;
using Bindwise.Model.Scenarios;

namespace Bindwise.Model.Tests.Platforms;

/// <summary>What holds for every profile.</summary>
public class RuleBookTests
{
    public static TheoryData<string> Systems() => [.. PlatformProfiles.All.Select(platform => platform.Id)];

    [Theory]
    [MemberData(nameof(Systems))]
    [Trait("Lane", "second")]
    public void Rules_AllQuestions_HitEveryRuleAndNoOther(string system)
    {
        var platform = Ask.Profile(system);
        var hit = new HashSet<PlatformRule>();
        foreach (var protocol in (Protocol[])[Protocol.Tcp, Protocol.Udp])
        {
            foreach (var first in Ask.Everything(protocol, isFirst: true))
            {
                foreach (var second in Ask.Everything(protocol, isFirst: false))
                {
                    var cell = MatrixCell.Of(platform, first, second);
                    hit.Add(cell.Bind.Rule);
                    if (cell.Listen is { } listen)
                        hit.Add(listen.Rule);
                }
            }
        }
        hit.UnionWith(Apart(platform));
        hit.RemoveWhere(rule => rule.Id == "NO-OPTION");
        if (platform is LinuxProfile)
        {
            Assert.Subset(platform.Rules.ToHashSet(), hit);
            return;
        }
        Assert.Equal(platform.Rules.Select(rule => rule.Id).Order(StringComparer.Ordinal), hit.Select(rule => rule.Id).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public void Rules_Each_AreToldInASentenceWithASource(string system)
    {
        var platform = Ask.Profile(system);
        Assert.Equal(platform.Rules.Length, platform.Rules.Select(rule => rule.Id).Distinct(StringComparer.Ordinal).Count());
        Assert.All(platform.Rules, rule =>
        {
            Assert.Matches("^[A-Z0-9]+(-[A-Z0-9]+)*$", rule.Id);
            Assert.True(rule.Sentence.EndsWith('.') && !rule.Sentence.Contains('\n', StringComparison.Ordinal), rule.Id);
            Assert.NotEqual("", rule.Citation);
        });
        Assert.All(platform.Facts.Listed, told => Assert.True(told.Fact.Text.EndsWith('.') && told.Fact.Citation.Length > 0, told.Heading));
        Assert.Equal(
            ["TIME_WAIT", "Automatic ports", "IPV6_V6ONLY", "Privileged ports", "Order of errors", "connect() to a taken four-tuple", "No port left"],
            platform.Facts.Listed.Select(told => told.Heading).Where(heading => !heading.Contains(',', StringComparison.Ordinal) && !heading.Contains("within", StringComparison.Ordinal))
                .Where(heading => heading is not ("Runtimes" or "SO_REUSEPORT_LB")));
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public void Rulings_Unknown_AreThoseOfRulesThatNoSourceTells(string system)
    {
        var platform = Ask.Profile(system);
        foreach (var first in Ask.Everything(Protocol.Tcp, isFirst: true).Where(socket => socket.Options == MatrixOptions.None))
        {
            foreach (var second in Ask.Everything(Protocol.Tcp, isFirst: false).Where(socket => (int)socket.Options < 4))
            {
                var ruling = MatrixCell.Of(platform, first, second).Ruling;
                // Where the outcome is told and the error is not, the rule has a source.
                if (ruling.Results.IsEmpty && ruling.Rule.Id is not ("ILL-5-USER" or "GV-LISTEN"))
                    Assert.Equal((ruling.Rule.Id, Confidence.Unknown), (ruling.Rule.Id, ruling.Rule.Confidence));
                if (!ruling.Results.IsEmpty)
                    Assert.NotEqual((ruling.Rule.Id, Confidence.Unknown), (ruling.Rule.Id, ruling.Rule.Confidence));
            }
        }
    }

    [Theory]
    [InlineData("freebsd", 60, 10000, 65535, true, "EADDRINUSE", "EADDRNOTAVAIL")]
    [InlineData("macos", 30, 49152, 65535, false, "EADDRINUSE", "EADDRNOTAVAIL")]
    [InlineData("openbsd", 60, 1024, 49151, true, "EADDRINUSE", "EADDRNOTAVAIL")]
    [InlineData("netbsd", 60, 49152, 65535, true, "EADDRINUSE", "EAGAIN")]
    [InlineData("windows", 120, 49152, 65535, true, null, null)]
    [InlineData("illumos", 60, 32768, 65535, false, null, "EADDRNOTAVAIL")]
    [InlineData("gvisor", 60, 16000, 65535, false, null, "EADDRINUSE")]
    [InlineData("linux", 60, 32768, 60999, false, "EADDRNOTAVAIL", "EADDRINUSE")]
    public void Facts_Numbers_AreThoseOfTheSources(string system, int timeWait, int first, int last, bool v6Only, string? taken, string? exhausted)
    {
        var facts = Ask.Profile(system).Facts;
        Assert.Equal(
            (TimeSpan.FromSeconds(timeWait), first, last, v6Only, taken, exhausted),
            (facts.TimeWait, facts.Ephemeral!.Value.First, facts.Ephemeral.Value.Last, facts.V6OnlyDefault, facts.TakenFourTuple, facts.PortsExhausted));
    }

    [Fact]
    public void Find_AnyCase_IsTheSystem()
    {
        Assert.Same(PlatformProfiles.Linux, PlatformProfiles.Find("Linux"));
        Assert.Null(PlatformProfiles.Find("beos"));
    }

    /// <summary>The rules that two sockets alone do not reach.</summary>
    private static IEnumerable<PlatformRule> Apart(PlatformProfile platform)
    {
        var want = new PlatformSocket { Address = IpAddress.LoopbackIPv4 };
        foreach (var (bound, local) in ((bool, bool)[])[(true, true), (false, false), (true, false)])
            yield return platform.Bind(new PlatformQuestion(want, 8080, []) { IsBound = bound, IsLocal = local }).Rule;
        yield return platform.Bind(new PlatformQuestion(want, 80, [])).Rule;
        var group = new PlatformSocket { Address = new IpAddress(IpFamily.IPv4, 0xe00000fb), ReuseAddress = true };
        yield return platform.Bind(new PlatformQuestion(group, 8080, [])).Rule;
        var udp = group with { Protocol = Protocol.Udp };
        yield return platform.Bind(new PlatformQuestion(udp, 8080, [new PlatformHeld(udp, PlatformState.Bound)])).Rule;
        var reusing = want with { ReuseAddress = true };
        ImmutableArray<PlatformHeld> tied =
        [
            new(reusing, PlatformState.Connected), new(new PlatformSocket { Address = IpAddress.AnyIPv4, UserId = 1001 }, PlatformState.Bound),
        ];
        yield return platform.Bind(new PlatformQuestion(want with { UserId = 1000, ReuseAddress = true }, 8080, tied)).Rule;
        yield return platform.Listen(want, [new PlatformHeld(want, PlatformState.Listening)]).Rule;
        yield return platform.Listen(want, []).Rule;
        foreach (var option in Enum.GetValues<SocketOption>())
        {
            if (platform.Set(option, isIPv6: true) is { } ruling)
                yield return ruling.Rule;
        }
    }
}
