using Bindwise.Linux.Native;
using Bindwise.Supervising.Holding;

namespace Bindwise.Supervising.Tests;

/// <summary>Files that are watched, by the running kernel.</summary>
public sealed class FileWatchTests : IDisposable
{
    // Ends only what hangs.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("bindwise-watch-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("removed")]
    [InlineData("moved")]
    public void Folder_ThatIsMadeAnew_IsWatchedAgain(string how)
    {
        var (folder, other) = (Path.Combine(_folder, "dist"), Path.Combine(_folder, "old"));
        Directory.CreateDirectory(Path.Combine(folder, "below"));
        using var watch = FileWatch.Open([$"{folder}/**"]);
        if (how == "moved")
            Directory.Move(folder, other);
        else
            Directory.Delete(folder, recursive: true);
        Assert.Equal($"--watch: {folder} is gone: it is watched again once it is back", Await(watch, static one => one.TakeProblem()));

        // What has its name no longer is not watched.
        if (how == "moved")
            File.WriteAllText(Path.Combine(other, "below", "old.js"), "");
        Directory.CreateDirectory(folder);
        Assert.Equal(folder, Await(watch, static one => one.Take()));
        File.WriteAllText(Path.Combine(folder, "new.js"), "");
        Assert.Equal(Path.Combine(folder, "new.js"), Await(watch, static one => one.Take()));
        Assert.Null(watch.TakeProblem());
    }

    [Fact]
    public void FolderBelow_ThatIsMovedAway_IsWatchedUnderItsNewName()
    {
        var (folder, first) = (Path.Combine(_folder, "src"), Path.Combine(_folder, "src", "first"));
        Directory.CreateDirectory(Path.Combine(first, "below"));
        using var watch = FileWatch.Open([$"{folder}/first/**", $"{folder}/**/*.py"]);
        Directory.Move(first, Path.Combine(folder, "second"));
        Assert.NotNull(Await(watch, static one => one.TakeProblem()));
        File.WriteAllText(Path.Combine(folder, "second", "below", "a.txt"), "");
        File.WriteAllText(Path.Combine(folder, "second", "below", "b.py"), "");
        Assert.Equal(Path.Combine(folder, "second", "below", "b.py"), Await(watch, static one => one.Take()));
    }

    private static string Await(FileWatch watch, Func<FileWatch, string?> take)
    {
        while (true)
        {
            Assert.True(PollCall.WaitUntilAnyReadable([watch.Number], watch.Due ?? Limit, out _) || watch.Due is not null, "nothing happened");
            watch.Read();
            if (take(watch) is { } taken)
                return taken;
        }
    }
}
