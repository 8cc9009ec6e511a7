using System.Buffers.Text;
using Bindwise.Model.Rules;
using Bindwise.Model.Scenarios.Words;

namespace Bindwise.Rendering.Explaining;

/// <summary>All pages that explain a subject, and how a word finds its page.</summary>
internal sealed class PageStore(ImmutableArray<SubjectPage> pages)
{
    public const int MaximumWordChars = 200;
    private const int ShownChars = 60;

    private static readonly (PageKind Kind, string Folder)[] Folders =
        [(PageKind.Term, "terms"), (PageKind.Cause, "causes"), (PageKind.Rule, "rules")];

    /// <summary>Pages by the folders of docs/ in which they stand: terms, causes, rules.</summary>
    public static PageStore Of(Func<string, IEnumerable<(string Name, string Markdown)>> pagesOf) =>
        new PageStore([.. Folders.SelectMany(row => pagesOf(row.Folder)
            .Select(page => new SubjectPage(row.Kind, page.Name, page.Markdown.ReplaceLineEndings("\n"))))]);

    public ImmutableArray<SubjectPage> Pages { get; } = pages;

    /// <summary>
    /// The page that a word means: by its heading, one of the other words for it, or its id (the name of its file), whatever the case, and
    /// with or without hyphens, underscores and blanks. Spelled as a cause's id it is the cause, else a term wins over a cause of that
    /// name.
    /// </summary>
    public SubjectPage? Find(string word)
    {
        var key = Key(word);
        if (key.Length == 0 || word.Length > MaximumWordChars)
            return null;
        // What `why` names is the cause. IP_LOCAL_PORT_RANGE is an option and ip_local_port_range a sysctl: as it is spelled comes first.
        return Pages.FirstOrDefault(page => page.Kind == PageKind.Cause && page.Id == word)
            ?? Pages.FirstOrDefault(page => WordsOf(page).Contains(word, StringComparer.Ordinal))
            ?? Pages.FirstOrDefault(page => WordsOf(page).Any(known => Key(known) == key))
            ?? Pages.FirstOrDefault(page => Key(page.Id) == key);
    }

    /// <summary>
    /// The other page that a word for this one may mean: of a cause the term, of a term the cause; null when there is none.
    /// </summary>
    public SubjectPage? Namesake(SubjectPage page)
    {
        var keys = WordsOf(page).Select(Key).ToHashSet(StringComparer.Ordinal);
        return Pages.FirstOrDefault(
            other => other != page && other.Kind != page.Kind && WordsOf(other).Any(word => keys.Contains(Key(word))));
    }

    /// <summary>What is said of a word that finds no page: one line, with what was meant where that can be guessed.</summary>
    public string WhyNot(string word)
    {
        if (ushort.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0)
        {
            var errno = ErrnoNames.Of(port);
            return $"{port} is a port, not a term: bindwise why {port}"
                + (Find(errno) is null ? "" : $"; the error number {port}: bindwise explain {errno}");
        }
        var shown = Escaper.Escape(word, ShownChars);
        return Nearest.To(word, Words()) is { } near
            ? $"there is no page about {shown}; did you mean {near}?"
            : $"there is no page about {shown}; bindwise explain lists them all";
    }

    /// <summary>What is said of a rule of other systems where more than its text is asked for.</summary>
    public static string TextAlone(string word, string option) =>
        $"{Escaper.Escape(word, ShownChars)} is a rule of other systems: there is only text about it; leave {option} out";

    public IEnumerable<string> Words() => Pages.SelectMany(WordsOf);
    private static IEnumerable<string> WordsOf(SubjectPage page) => page.Kind == PageKind.Term ? page.Also.Prepend(page.Title) : [page.Id];

    // "tcp_tw_reuse" and "TCP TW REUSE" are the same word; so are "listen" and "listen()".
    private static string Key(string word) => string.Concat(word.Where(static letter => letter is not (' ' or '-' or '_' or '(' or ')')))
        .ToUpperInvariant();
}

/// <summary>Where the site has what is shown here, as paths below its base.</summary>
internal static class SiteAddress
{
    /// <summary>The longest scenario, in bytes, that an address holds: browsers and shells take no longer ones.</summary>
    public const int MostScenarioBytes = 64 * 1024;

    private const string Player = "play/index.html";
    private const int Version = 1;

    /// <summary>The page of a rule; null for a rule that has none, as those of other systems.</summary>
    public static string? OfRule(string id) => RuleBook.All.Any(rule => rule.Id.Value == id) ? $"rules/{id}.html" : null;

    public static string Of(SubjectPage page) => page.Path["docs/".Length..^".md".Length] + ".html";

    /// <summary>The player with a scenario: its fragment is JSON, as base64url (docs/play.md).</summary>
    public static string OfScenario(string text)
    {
        var state = new ArrayBufferWriter<byte>();
        JsonText.Object(state, json =>
        {
            json.WriteNumber("v", Version);
            json.WriteText("text", text);
        });
        return $"{Player}#{Encoding.ASCII.GetString(Base64Url.EncodeToUtf8(state.WrittenSpan))}";
    }
}
