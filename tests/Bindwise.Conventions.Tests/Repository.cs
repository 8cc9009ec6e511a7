namespace Bindwise.Conventions.Tests;

/// <summary>The working tree that these tests were built from, without what a build leaves in it.</summary>
internal static class Repository
{
    private static readonly string[] Leftovers = ["bin", "obj", "artifacts", "TestResults", ".git", "node_modules"];

    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every file below a folder of the repository, as a path from the root with slashes.</summary>
    public static IEnumerable<string> Files(string folder, string pattern)
    {
        var start = Path.Combine(Root, folder);
        return Directory.Exists(start) ? Walk(new DirectoryInfo(start), pattern).Order(StringComparer.Ordinal) : [];
    }

    /// <summary>The text of a file that is named from the root.</summary>
    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    /// <summary>Whether a file or folder of that name, from the root, exists.</summary>
    public static bool Has(string path) => Path.Exists(Path.Combine(Root, path));

    private static IEnumerable<string> Walk(DirectoryInfo folder, string pattern) =>
        folder.EnumerateFiles(pattern).Select(file => Path.GetRelativePath(Root, file.FullName).Replace('\\', '/'))
            .Concat(folder.EnumerateDirectories().Where(inner => !Leftovers.Contains(inner.Name)).SelectMany(inner => Walk(inner, pattern)));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Bindwise.slnx")))
                return folder.FullName;
        }
        throw new InvalidOperationException("Bindwise.slnx is in no folder above " + AppContext.BaseDirectory);
    }
}
