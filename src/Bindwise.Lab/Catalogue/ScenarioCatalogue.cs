using System.Reflection;

namespace Bindwise.Lab.Catalogue;

/// <summary>
/// What Bindwise brings along: the claims and the programs of scenarios/, inside of its own file. Only what is asked for is read.
/// </summary>
internal static class ScenarioCatalogue
{
    private const string ClaimFolder = "claims/";
    private const string ProgramFolder = "programs/";

    /// <summary>The ids of the claims, in the order of the alphabet.</summary>
    public static IReadOnlyList<string> Claims { get; } = EmbeddedTexts.In(ClaimFolder);

    /// <summary>The names of the programs of the articles, in the order of the alphabet.</summary>
    public static IReadOnlyList<string> Programs { get; } = EmbeddedTexts.In(ProgramFolder);

    /// <summary>The text of a claim's file; null when there is none of that id.</summary>
    public static string? ClaimText(string id) => EmbeddedTexts.Read(ClaimFolder + id);

    /// <summary>The text of a program's file; null when there is none of that name.</summary>
    public static string? ProgramText(string name) => EmbeddedTexts.Read(ProgramFolder + name);
}

/// <summary>Texts of the repository that were built into this assembly.</summary>
internal static class EmbeddedTexts
{
    private static readonly Assembly Home = typeof(EmbeddedTexts).Assembly;

    /// <summary>The names in a folder, in the order of the alphabet.</summary>
    public static List<string> In(string folder) =>
    [
        .. Home.GetManifestResourceNames().Where(name => name.StartsWith(folder, StringComparison.Ordinal))
            .Select(name => name[folder.Length..]).Order(StringComparer.Ordinal),
    ];

    public static string? Read(string name)
    {
        using var stream = Home.GetManifestResourceStream(name);
        if (stream is null)
            return null;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }
}

/// <summary>The pages of docs/ that Bindwise brings along inside of its own file: terms, causes and rules.</summary>
internal static class PageCatalogue
{
    /// <summary>The pages of a folder, by their names and texts, in the order of the alphabet.</summary>
    /// <param name="folder">terms, causes or rules.</param>
    public static IEnumerable<(string Name, string Markdown)> PagesOf(string folder) =>
        EmbeddedTexts.In(folder + "/").Select(name => (name, EmbeddedTexts.Read($"{folder}/{name}")!));
}
