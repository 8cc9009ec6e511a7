namespace Bindwise.Tests;

/// <summary>The repository that the tests were built in.</summary>
internal static class Repository
{
    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = Find();

    /// <summary>The whole path of a file or folder that is named from the root.</summary>
    public static string File(string name) => Path.Combine(Root, name);

    /// <summary>The text of a file that is named from the root.</summary>
    public static string Read(string name) => System.IO.File.ReadAllText(File(name));

    private static string Find()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Path.Exists(Path.Combine(folder, "Bindwise.slnx")))
                return folder;
        }
        throw new InvalidOperationException("Bindwise.slnx is in no folder above " + AppContext.BaseDirectory);
    }
}
