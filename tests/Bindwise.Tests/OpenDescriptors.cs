namespace Bindwise.Tests;

/// <summary>What the descriptors of this process stand for.</summary>
internal static class OpenDescriptors
{
    /// <summary>Their links in /proc, sorted; one that ended meanwhile is left out.</summary>
    public static List<string> Read() =>
        [.. Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(static path => new FileInfo(path).LinkTarget).OfType<string>().Order(StringComparer.Ordinal)];

    /// <summary>Fails unless within some minutes no more are left than there were, but for what the runtime has loaded since.</summary>
    public static async Task AssertNoMoreThanAsync(List<string> before)
    {
        List<string> more = [];
        for (var tries = 0; tries < 12_000; tries++)
        {
            more = [.. Read().Except(before).Where(static link => Path.GetExtension(link) is not (".dll" or ".pdb"))];
            if (more.Count == 0)
                return;
            await Task.Delay(20);
        }
        Assert.Fail("left open: " + string.Join(", ", more));
    }
}
