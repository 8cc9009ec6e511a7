namespace Bindwise.Lab.Catalogue;

/// <summary>The pages of docs/ that Bindwise brings along inside of its own file: terms, causes and rules.</summary>
internal static class PageCatalogue
{
    /// <summary>The pages of a folder, by their names and texts, in the order of the alphabet.</summary>
    /// <param name="folder">terms, causes or rules.</param>
    public static IEnumerable<(string Name, string Markdown)> PagesOf(string folder) =>
        EmbeddedTexts.In(folder + "/").Select(name => (name, EmbeddedTexts.Read($"{folder}/{name}")!));
}
