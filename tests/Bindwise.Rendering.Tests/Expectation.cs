using System.Runtime.CompilerServices;

namespace Bindwise.Rendering.Tests;

/// <summary>
/// Texts kept in Expectations/: a change shows as a diff to be reviewed. Run with BINDWISE_UPDATE_EXPECTATIONS=1 to write them anew.
/// </summary>
internal static class Expectation
{
    public static void Check(string name, string actual, [CallerFilePath] string caller = "")
    {
        var path = Path.Combine(FolderOf(caller), "Expectations", name);
        if (Environment.GetEnvironmentVariable("BINDWISE_UPDATE_EXPECTATIONS") == "1")
            File.WriteAllText(path, actual);
        Assert.True(File.Exists(path), $"there is no expectation {name}: run once with BINDWISE_UPDATE_EXPECTATIONS=1 and review it");
        Assert.Equal(File.ReadAllText(path), actual);
    }

    // Up from the test's file to the project's folder.
    private static string FolderOf(string caller)
    {
        var folder = Path.GetDirectoryName(caller);
        while (folder is not null && Directory.GetFiles(folder, "*.csproj").Length == 0)
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("the project's folder is not where it was built");
    }
}
