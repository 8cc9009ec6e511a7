using System.Collections.Immutable;
using System.Reflection;
using System.Text;

namespace Bindwise.Cli.Verbs.Explain;

/// <summary>All pages that explain a subject, and how a word finds its page.</summary>
/// <param name="pages">The pages, in the order in which they are listed.</param>
internal sealed class PageStore(ImmutableArray<SubjectPage> pages)
{
    /// <summary>The longest word that is looked up.</summary>
    public const int MaximumWordChars = 200;

    public ImmutableArray<SubjectPage> Pages { get; } = pages;

    /// <summary>
    /// The page that a word means: by its id, its heading or one of the other words for it, whatever the case, and with or
    /// without hyphens, underscores and blanks. Spelled as a cause's id it is the cause, else a term wins over a cause of that name.
    /// </summary>
    /// <returns>The page; null when there is none.</returns>
    public SubjectPage? Find(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        var key = Key(word);
        if (key.Length == 0 || word.Length > MaximumWordChars)
            return null;
        // What `why` names is the cause. IP_LOCAL_PORT_RANGE is an option and ip_local_port_range a sysctl: as it is spelled comes first.
        return Pages.FirstOrDefault(page => page.Kind == PageKind.Cause && page.Id == word)
            ?? Pages.FirstOrDefault(page => WordsOf(page).Contains(word, StringComparer.Ordinal))
            ?? Pages.FirstOrDefault(page => WordsOf(page).Any(known => Key(known) == key));
    }

    /// <summary>
    /// The other page that a word for this one may mean: of a cause the term, of a term the cause; null when there is none.
    /// </summary>
    public SubjectPage? Namesake(SubjectPage page)
    {
        ArgumentNullException.ThrowIfNull(page);
        var keys = WordsOf(page).Select(Key).ToHashSet(StringComparer.Ordinal);
        return Pages.FirstOrDefault(
            other => other != page && other.Kind != page.Kind && WordsOf(other).Any(word => keys.Contains(Key(word))));
    }

    /// <summary>Every word that finds a page, spelled as it is shown.</summary>
    public IEnumerable<string> Words() =>
        Pages.SelectMany(WordsOf);

    private static IEnumerable<string> WordsOf(SubjectPage page) => page.Kind == PageKind.Term ? page.Also.Prepend(page.Title) : [page.Id];

    // "tcp_tw_reuse" and "TCP TW REUSE" are the same word; so are "listen" and "listen()".
    private static string Key(string word)
    {
        var key = new StringBuilder(word.Length);
        foreach (var letter in word)
        {
            if (letter is not (' ' or '-' or '_' or '(' or ')'))
                key.Append(char.ToUpperInvariant(letter));
        }
        return key.ToString();
    }
}

/// <summary>The pages of docs/ that the program carries with it.</summary>
internal static class EmbeddedPages
{
    private static readonly (PageKind Kind,
        string Folder)[] Folders = [(PageKind.Term, "terms/"), (PageKind.Cause, "causes/"), (PageKind.Rule, "rules/")];

    /// <summary>All of them: terms, causes, rules, each by name.</summary>
    public static PageStore Open()
    {
        var pages = ImmutableArray.CreateBuilder<SubjectPage>();
        var assembly = Assembly.GetExecutingAssembly();
        var names = assembly.GetManifestResourceNames();
        Array.Sort(names, StringComparer.Ordinal);
        foreach (var (kind, folder) in Folders)
        {
            foreach (var name in names)
            {
                if (!name.StartsWith(folder, StringComparison.Ordinal))
                    continue;
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                pages.Add(new SubjectPage(kind, name[folder.Length..], reader.ReadToEnd().ReplaceLineEndings("\n")));
            }
        }
        return new PageStore(pages.ToImmutable());
    }
}
