namespace Bindwise.Parsers.Tests;

/// <summary>Files of the repository that the tests were built in.</summary>
internal static class Repository
{
    /// <summary>The text of a file, told from the repository's root.</summary>
    public static string Read(string relative)
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Bindwise.slnx")))
                return File.ReadAllText(Path.Combine(folder, relative));
        }
        throw new InvalidOperationException("the tests run outside of the repository");
    }
}
