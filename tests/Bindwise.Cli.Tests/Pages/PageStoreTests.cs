using System.Buffers;
using System.Text.Json;
using Bindwise.Rendering.Explaining;

namespace Bindwise.Cli.Tests.Pages;

public sealed class PageStoreTests
{
    private static readonly PageStore Pages = new(
    [
        .. Read(PageKind.Term, "docs/terms"),
        .. Read(PageKind.Cause, "docs/causes"),
        .. Read(PageKind.Rule, "docs/rules"),
    ]);

    [Theory]
    [InlineData("TIME_WAIT", "docs/terms/time-wait.md")]
    [InlineData("time-wait", "docs/causes/time-wait.md")]
    [InlineData("Time Wait", "docs/terms/time-wait.md")]
    [InlineData("SO_REUSEADDR", "docs/terms/so_reuseaddr.md")]
    [InlineData("so reuseaddr", "docs/terms/so_reuseaddr.md")]
    [InlineData("2MSL", "docs/terms/2msl.md")]
    [InlineData("MSL", "docs/terms/2msl.md")]
    [InlineData("four-tuple", "docs/terms/four-tuple.md")]
    [InlineData("4-tuple", "docs/terms/four-tuple.md")]
    [InlineData("ephemeral port", "docs/terms/ephemeral-port.md")]
    [InlineData("backlog", "docs/terms/backlog.md")]
    [InlineData("EADDRINUSE", "docs/terms/eaddrinuse.md")]
    [InlineData("address already in use", "docs/terms/eaddrinuse.md")]
    [InlineData("errno 98", "docs/terms/eaddrinuse.md")]
    [InlineData("net.ipv4.tcp_tw_reuse", "docs/terms/tcp_tw_reuse.md")]
    [InlineData("0.0.0.0", "docs/terms/wildcard-address.md")]
    [InlineData("listener", "docs/causes/listener.md")]
    [InlineData("LISTENER", "docs/terms/listen.md")]
    [InlineData("LISTEN", "docs/terms/listen.md")]
    [InlineData("socket-activation", "docs/causes/socket-activation.md")]
    [InlineData("socket activation", "docs/terms/socket-activation.md")]
    [InlineData("listen()", "docs/terms/listen.md")]
    [InlineData("bw004", "docs/rules/BW004.md")]
    [InlineData("dual-stack-listener", "docs/causes/dual-stack-listener.md")]
    public void Find_WordOfTheSubject_GivesItsPage(string word, string path) => Assert.Equal(path, Pages.Find(word)?.Path);

    [Theory]
    [InlineData("")]
    [InlineData("--")]
    [InlineData("nonsense")]
    [InlineData("../terms/fin")]
    public void Find_AnythingElse_GivesNone(string word) => Assert.Null(Pages.Find(word));

    [Fact]
    public void Find_NameOfAPagesFile_GivesAPage() =>
        Assert.All(Pages.Pages, static page => Assert.True(Pages.Find(page.Id) is { } found && (found == page || found.Kind != page.Kind), page.Path));

    [Fact]
    public void Words_Each_FindAPage() => Assert.All(Pages.Words(), static word => Assert.True(Pages.Find(word) is not null, word));

    [Fact]
    public void Words_OfTwoTerms_AreNeverTheSame()
    {
        var terms = Pages.Pages.Where(static page => page.Kind == PageKind.Term).ToList();
        Assert.All(terms, term => Assert.All(term.Also.Prepend(term.Title), word => Assert.True(Pages.Find(word)?.Kind == PageKind.Cause || Pages.Find(word) == term, $"{word} of {term.Path} finds {Pages.Find(word)?.Path}")));
    }

    [Fact]
    public void Summaries_OfEveryPage_AreOneSentence() =>
        Assert.All(Pages.Pages, static page => Assert.Matches(@"^\S.{8,250}[.]$", page.Summary));

    [Fact]
    public void Json_OfEveryPage_HasWhatTheSchemaSays()
    {
        using var schema = JsonDocument.Parse(Repository.Read("docs/schema/page.schema.json"));
        var properties = schema.RootElement.GetProperty("properties").EnumerateObject().Select(static property => property.Name).ToList();
        Assert.All(Pages.Pages, page =>
        {
            var line = new ArrayBufferWriter<byte>();
            SubjectPageJson.Write(line, page);
            Assert.DoesNotContain((byte)'\n', line.WrittenSpan.ToArray());
            using var json = JsonDocument.Parse(line.WrittenMemory);
            Assert.Equal(properties, json.RootElement.EnumerateObject().Select(static property => property.Name));
            Assert.Equal(page.Markdown, json.RootElement.GetProperty("markdown").GetString());
        });
    }

    [Fact]
    public void Claims_AndScenarios_AreReadFromThePage()
    {
        var page = Pages.Find("TIME_WAIT")!;
        Assert.Contains("tw-length", page.Claims);
        Assert.StartsWith("old  = tcp 127.0.0.1:8080 listen", Assert.Single(page.Scenarios), StringComparison.Ordinal);
    }

    private static IEnumerable<SubjectPage> Read(PageKind kind, string folder) =>
        Directory.EnumerateFiles(Repository.File(folder), "*.md").Order(StringComparer.Ordinal)
            .Where(static path => Path.GetFileName(path) != "README.md")
            .Select(path => new SubjectPage(kind, Path.GetFileNameWithoutExtension(path), File.ReadAllText(path)));
}
