namespace Bindwise.Packages.Tests;

/// <summary>Files of the repository that are written by these tests (BINDWISE_WRITE_PAGES=1) and compared by them otherwise.</summary>
internal static class Written
{
    /// <summary>Whether they are to be written anew.</summary>
    public static bool IsWriting => Environment.GetEnvironmentVariable("BINDWISE_WRITE_PAGES") == "1";

    /// <summary>Compares one; writes it first where that is asked.</summary>
    public static void Check(string relative, string text)
    {
        var path = Repository.File(relative);
        if (IsWriting)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
        Assert.True(File.Exists(path), $"there is no {relative}: run once with BINDWISE_WRITE_PAGES=1 and review it");
        Assert.True(File.ReadAllText(path) == text, $"{relative} is not what the code says: run with BINDWISE_WRITE_PAGES=1 and review the difference\n{FirstDifference(File.ReadAllText(path), text)}");
    }

    private static string FirstDifference(string old, string now)
    {
        var (before, after) = (old.Split('\n'), now.Split('\n'));
        var at = before.Zip(after).TakeWhile(static pair => pair.First == pair.Second).Count();
        return $"line {at + 1}\n  file: {before.ElementAtOrDefault(at)}\n  code: {after.ElementAtOrDefault(at)}";
    }
}
