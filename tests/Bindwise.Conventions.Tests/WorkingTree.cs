namespace Bindwise.Conventions.Tests;

/// <summary>The working tree that these tests were built from, without what a build leaves in it.</summary>
internal static class WorkingTree
{
    private static readonly string[] Leftovers = ["bin", "obj", "artifacts", "TestResults", ".git", "node_modules"];

    /// <summary>Every file below a folder of the repository, as a path from the root with slashes.</summary>
    public static IEnumerable<string> Files(string folder, string pattern)
    {
        var start = Repository.File(folder);
        return Directory.Exists(start) ? Walk(new DirectoryInfo(start), pattern).Order(StringComparer.Ordinal) : [];
    }

    /// <summary>Whether a file or folder of that name, from the root, exists.</summary>
    public static bool Has(string path) => Path.Exists(Repository.File(path));

    private static IEnumerable<string> Walk(DirectoryInfo folder, string pattern) =>
        folder.EnumerateFiles(pattern).Select(file => Path.GetRelativePath(Repository.Root, file.FullName).Replace('\\', '/'))
            .Concat(folder.EnumerateDirectories().Where(inner => !Leftovers.Contains(inner.Name)).SelectMany(inner => Walk(inner, pattern)));
}
