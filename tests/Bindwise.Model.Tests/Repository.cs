namespace Bindwise.Model.Tests;

/// <summary>Files of the repository that the tests were built in.</summary>
internal static class Repository
{
    /// <summary>The path of a file, told from the repository's root.</summary>
    public static string File(string relative)
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (System.IO.File.Exists(Path.Combine(folder, "Bindwise.slnx")))
                return Path.Combine(folder, relative);
        }
        throw new InvalidOperationException("the tests run outside of the repository");
    }
}
