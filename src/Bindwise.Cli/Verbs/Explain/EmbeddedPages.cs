using System.Collections.Immutable;
using System.Reflection;

namespace Bindwise.Cli.Verbs.Explain;

/// <summary>The pages of docs/ that the program carries with it.</summary>
internal static class EmbeddedPages
{
    private static readonly (PageKind Kind, string Folder)[] Folders = [(PageKind.Term, "terms/"), (PageKind.Cause, "causes/"), (PageKind.Rule, "rules/")];

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
