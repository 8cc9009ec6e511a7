using System.Text;
using Bindwise.Lab.Catalogue;
using Bindwise.Model.Platforms;
using Bindwise.Model.Scenarios.Claims;

namespace Bindwise.Conventions.Tests;

/// <summary>docs/claims.md says what the catalogue says, and what claims refer to is there.</summary>
public sealed class ClaimPageTests
{
    private const string Path = "docs/claims.md";

    private static readonly (string About, string Heading)[] Sections = [("time-wait", "Closing and TIME_WAIT"), ("reuse", "SO_REUSEADDR and its like"), ("bind", "bind() itself")];

    private static readonly List<Claim> Claims = [.. ScenarioCatalogue.Claims.Select(static id => ClaimText.Parse(ScenarioCatalogue.ClaimText(id)!).Claim!)];

    // Written anew by: BINDWISE_WRITE_PAGES=1 dotnet test tests/Bindwise.Conventions.Tests --filter ClaimPageTests
    [Fact]
    public void ClaimsPage_AndTheCatalogue_SayTheSame()
    {
        var page = Write();
        if (Environment.GetEnvironmentVariable("BINDWISE_WRITE_PAGES") == "1")
            File.WriteAllText(Repository.File(Path), page);
        Assert.Equal(page, Repository.Read(Path).ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Claims_PagesThatTheyName_AreThere() => Assert.All(Claims, static claim => Assert.All(claim.See, page => Assert.True(WorkingTree.Has(PageOf(page)), $"{claim.Id} names {page}")));

    [Fact]
    public void Pages_ClaimsThatTheyName_AreThere() => Assert.All(Page.All, static page => Assert.All(
        page.Text.Split("bindwise lab prove ").Skip(1).Select(static text => new string([.. text.TakeWhile(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-')])),
        named => Assert.True(named.Length == 0 || named[0] == '-' || named is "my-claims" || ScenarioCatalogue.Claims.Contains(named), $"{page.Path} names the claim {named}")));

    [Fact]
    public void LabPage_ClaimThatItShows_CanBeRead()
    {
        var shown = Assert.Single(Page.All, static page => page.Path == "docs/lab.md").Code("claim").ToList();
        Assert.NotEmpty(shown);
        Assert.All(shown, static text => Assert.True(ClaimText.Parse(text).Claim is not null, ClaimText.Parse(text).Fault?.ToString()));
    }

    private static string PageOf(string id) => id.StartsWith("BW", StringComparison.Ordinal) ? $"docs/rules/{id}.md" : $"docs/causes/{id}.md";

    private static string Write()
    {
        var page = new StringBuilder("""
            # Claims about "Address already in use"

            What people read about the subject, tried out. `bindwise lab prove ID` plays a claim's experiments on your own kernel and gives the
            verdict with its evidence; `bindwise lab show ID` shows them. The files are in [scenarios/claims](../scenarios/claims), and
            [lab.md](lab.md) tells how they work and how to write one.

            The verdicts are those of Linux 6.18; a run in CI plays all of them on the kernel and on the rule model, and compares. What other systems'
            documents say is [at the end](#other-systems).

            """);
        foreach (var (about, heading) in Sections)
        {
            page.Append($"\n## {heading}\n\n| claim | it says | on Linux |\n| --- | --- | --- |\n");
            foreach (var claim in Claims.Where(claim => claim.About == about))
                page.Append($"| [{claim.Id}](#{claim.Id}) | {Cell(claim.Says)} | {Verdict(claim)} |\n");
        }
        page.Append("\n## Why\n");
        foreach (var claim in Sections.SelectMany(static section => Claims.Where(claim => claim.About == section.About)))
            AppendWhy(page, claim);
        page.Append("\n## Other systems\n\nThe verdicts of the rules that are documented there; nothing was run. A conditional claim may hold in other cases than on Linux: "
            + "`bindwise lab prove --platform NAME ID` tells. Where the documents leave open a rule that a case needs, the verdict is unknown, here \"?\".\n\n| claim |");
        foreach (var profile in PlatformProfiles.All)
            page.Append($" {profile.Name} |");
        page.Append("\n| --- |").Append(string.Concat(PlatformProfiles.All.Select(static _ => " --- |"))).Append('\n');
        foreach (var claim in Sections.SelectMany(static section => Claims.Where(claim => claim.About == section.About)))
            page.Append($"| {claim.Id} |{string.Concat(PlatformProfiles.All.Select(profile => $" {Word(claim, profile.Id)} |"))}\n");
        return page.ToString();
    }

    private static void AppendWhy(StringBuilder page, Claim claim)
    {
        page.Append($"\n### {claim.Id}\n\n\"{claim.Says}\"\n\n{Verdict(claim)}. {claim.Note}\n\nTried:");
        page.Append($" {string.Join("; ", claim.Cases.Select(static part => part.When))}.\nSee {string.Join(", ", claim.See.Select(static id => $"[{id}]({PageOf(id)["docs/".Length..]})"))}.\n");
    }

    private static string Verdict(Claim claim)
    {
        var recorded = claim.RecordedFor(ClaimSystems.Linux, ClaimSystems.ModelRelease)!;
        return recorded.Verdict == ClaimVerdict.Conditional
            ? $"**True if** {Cell(string.Join("; or ", claim.Cases.Where(part => recorded.HoldsIn.Contains(part.Name)).Select(static part => part.When)))}"
            : $"**{char.ToUpperInvariant(recorded.Verdict.Word()[0])}{recorded.Verdict.Word()[1..]}**";
    }

    private static string Word(Claim claim, string system) => claim.RecordedFor(system, ClaimSystems.ModelRelease)?.Verdict switch
    {
        null or ClaimVerdict.Unknown => "?",
        var verdict => verdict.Value.Word(),
    };

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
