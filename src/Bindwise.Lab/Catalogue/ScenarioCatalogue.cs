using System.Reflection;

namespace Bindwise.Lab.Catalogue;

/// <summary>
/// What Bindwise brings along: the claims and the programs of scenarios/, inside of its own file. Only what is asked for is read.
/// </summary>
internal static class ScenarioCatalogue
{
    private const string ClaimFolder = "claims/";
    private const string ProgramFolder = "programs/";

    private static readonly Assembly Home = typeof(ScenarioCatalogue).Assembly;

    /// <summary>The ids of the claims, in the order of the alphabet.</summary>
    public static IReadOnlyList<string> Claims { get; } = In(ClaimFolder);

    /// <summary>The names of the programs of the articles, in the order of the alphabet.</summary>
    public static IReadOnlyList<string> Programs { get; } = In(ProgramFolder);

    /// <summary>The text of a claim's file; null when there is none of that id.</summary>
    public static string? ClaimText(string id) => Read(ClaimFolder + id);

    /// <summary>The text of a program's file; null when there is none of that name.</summary>
    public static string? ProgramText(string name) => Read(ProgramFolder + name);

    private static List<string> In(string folder)
    {
        var names = new List<string>();
        foreach (var name in Home.GetManifestResourceNames())
        {
            if (name.StartsWith(folder, StringComparison.Ordinal))
                names.Add(name[folder.Length..]);
        }
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    private static string? Read(string resource)
    {
        using var stream = Home.GetManifestResourceStream(resource);
        if (stream is null)
            return null;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
