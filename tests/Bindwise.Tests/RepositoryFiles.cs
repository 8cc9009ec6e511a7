namespace Bindwise.Tests;

/// <summary>The files of the repository that these tests were built from.</summary>
internal static class RepositoryFiles
{
    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The whole path of a file that is named from the root.</summary>
    public static string Path(string name) => System.IO.Path.Combine(Root, name);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Bindwise.slnx")))
                return folder.FullName;
        }
        throw new InvalidOperationException("Bindwise.slnx is in no folder above " + AppContext.BaseDirectory);
    }
}
