using System.Text.RegularExpressions;
using Bindwise.Cli.Verbs;
using Bindwise.Lab.Catalogue;
using Bindwise.Model.Auditing;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Platforms;
using Bindwise.Rendering.Explaining;

namespace Bindwise.Cli.Tests.Pages;

public sealed partial class PageLinksTests
{
    private static readonly PageStore Pages = PageStore.Of(PageCatalogue.PagesOf);

    [Theory]
    [InlineData("BW007.md", "bindwise explain BW007")]
    [InlineData("../causes/time-wait.md", "bindwise explain time-wait")]
    [InlineData("../terms/time-wait.md", "bindwise explain TIME_WAIT")]
    [InlineData("../terms/listen.md#why", "bindwise explain LISTEN")]
    [InlineData("../terms/ephemeral-port.md", "bindwise explain ephemeral port")]
    [InlineData("../claims.md#tw-length", "bindwise lab show tw-length")]
    [InlineData("https://www.rfc-editor.org/rfc/rfc9293", "https://www.rfc-editor.org/rfc/rfc9293")]
    [InlineData("../claims.md#no-such-claim", null)]
    [InlineData("../languages.md", null)]
    [InlineData("../causes/no-such-cause.md", null)]
    [InlineData("../../src/file.cs", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Resolve_LinkOfARule_IsTheCommandThatShowsIt(string? url, string? command) => Assert.Equal(command, new PageLinks(Pages, PageKind.Rule).Resolve(url));

    [Fact]
    public void CommandFor_EveryPage_FindsThatPage() =>
        Assert.All(Pages.Pages, static page => Assert.Same(page, Pages.Find(PageLinks.CommandFor(page)["bindwise explain ".Length..])));

    [Theory]
    [InlineData("See [BW004](BW004.md).", "  See BW004 (bindwise explain BW004).")]
    [InlineData("Only then ([BW004](BW004.md)).", "  Only then (bindwise explain BW004).")]
    [InlineData("[BW004](BW004.md) decides.", "  BW004 (bindwise explain BW004) decides.")]
    [InlineData("- [BW004](BW004.md): a rule", "  - bindwise explain BW004: a rule")]
    [InlineData("[All of it](../languages.md).", "  All of it.")]
    [InlineData("All of it ([in your language](../languages.md)).", "  All of it.")]
    [InlineData("[BW004](BW004.md), [all of it](../languages.md).", "  bindwise explain BW004")]
    [InlineData("[RFC](https://example.org/x).", "  RFC (https://example.org/x).")]
    [InlineData("<https://example.org/x>", "  https://example.org/x")]
    [InlineData("[BW004](BW004.md), cause [listener](../causes/listener.md),\n[TIME_WAIT](../terms/time-wait.md).", "  bindwise explain BW004\n  bindwise explain listener\n  bindwise explain TIME_WAIT")]
    public void Render_Link_IsSomethingToType(string markdown, string text)
    {
        var lines = new MarkdownText(new PageLinks(Pages, PageKind.Rule)).Render("# Title\n\n" + markdown + "\n", 80);
        Assert.Equal(text, string.Join('\n', lines.Skip(2)));
    }

    [Fact]
    public void Render_EveryPage_LeavesNoDeadLink() => Assert.All(Pages.Pages, static page =>
    {
        var text = string.Join('\n', new MarkdownText(new PageLinks(Pages, page.Kind)).Render(page.Markdown, null));
        Assert.DoesNotContain("](", text, StringComparison.Ordinal);
        Assert.DoesNotContain("../", text, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\b[a-z-]+\.md\b", text);
        Assert.All(Claim().Matches(text), match => Assert.Contains(match.Groups[1].Value, ScenarioCatalogue.Claims.Concat(ScenarioCatalogue.Programs)));
        Assert.All(Rule().Matches(text), match => Assert.NotNull(Pages.Find(match.Value)));
    });

    // A terminal has no links: what can only be read elsewhere must be part of a sentence, and not be all that a sentence says.
    [Fact]
    public void Render_EveryPage_SaysNothingThatLeadsNowhere() => Assert.All(Pages.Pages, static page =>
    {
        var text = string.Join('\n', new MarkdownText(new PageLinks(Pages, page.Kind)).Render(page.Markdown, null));
        foreach (Match link in Link().Matches(page.Markdown))
        {
            if (new PageLinks(Pages, page.Kind).Resolve(link.Groups[2].Value) is null)
                Assert.DoesNotMatch($@"(^|[.:,;(] |\n *(- )?){Regex.Escape(link.Groups[1].Value)}[.:)]", text);
        }
    });

    [Fact]
    public void Explain_Table_TellsTheHeadingOfEachCell()
    {
        var output = Bindwise.Run("explain", "time-wait").Output;
        Assert.Contains("\n  the old server: had set SO_REUSEADDR\n    why 8080: free (exit code 0)", output, StringComparison.Ordinal);
        Assert.Contains("\n    why 8080 --plain: taken (exit code 1)", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_WhateverAVerbNames_IsExplained()
    {
        Assert.All(CauseBook.All, static cause => Assert.Equal(PageKind.Cause, Pages.Find(cause.Id())?.Kind));
        Assert.All(RuleBook.All.Concat(AuditRuleBook.All), static rule => Assert.Equal(PageKind.Rule, Pages.Find(rule.Id.Value)?.Kind));
        var states = new[] { Protocol.Tcp, Protocol.Udp }.SelectMany(static protocol => Enum.GetValues<TcpSocketState>().Select(state => TcpStateNames.Of(state, protocol)));
        Assert.All(states.Where(static name => !name.StartsWith("state ", StringComparison.Ordinal)).Distinct(), static name => Assert.True(Pages.Find(name)?.Kind == PageKind.Term, name));
        var foreign = PlatformProfiles.All.Where(static platform => platform != PlatformProfiles.Linux).SelectMany(static platform => platform.Rules).ToList();
        Assert.NotEmpty(foreign);
        Assert.All(foreign, static rule => Assert.Contains(rule.Sentence, PlatformRuleText.Find(rule.Id), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("listener", "  The term of that name: bindwise explain LISTEN\n")]
    [InlineData("LISTEN", "  The cause of that name: bindwise explain listener\n")]
    [InlineData("time-wait", "  The term of that name: bindwise explain TIME_WAIT\n")]
    [InlineData("socket-activation", "  The term of that name: bindwise explain socket activation\n")]
    public void Explain_NameOfTwoPages_EndsWithTheOther(string word, string last) => Assert.EndsWith("\n\n" + last, Bindwise.Run("explain", word).Output, StringComparison.Ordinal);

    [Theory]
    [InlineData("BSD-B")]
    [InlineData("xnu-dual")]
    public void Explain_RuleOfAnotherSystem_IsExplained(string id)
    {
        var run = Bindwise.Run("explain", id);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.StartsWith(id.ToUpperInvariant() + "\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("\nmacOS\n", run.Output, StringComparison.Ordinal);
        Assert.Equal(2, Bindwise.Run("explain", "--json", id).ExitCode);
    }

    [GeneratedRegex(@"bindwise lab (?:show|prove) ([a-z0-9-]+)")]
    private static partial Regex Claim();

    [GeneratedRegex(@"\[([^\]]+)\]\(([^)]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\bBW\d{3}\b")]
    private static partial Regex Rule();
}
