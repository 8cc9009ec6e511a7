namespace Bindwise.Kernel.Tests.Staging;

/// <summary>The programs that the tests start, as files.</summary>
internal static class Programs
{
    private static readonly Lazy<string> Folder = new(FolderForEveryUser);

    /// <summary>
    /// The program under test: BINDWISE_EXECUTABLE (the native one) or what was built with the tests.
    /// </summary>
    public static string Bindwise => Environment.GetEnvironmentVariable("BINDWISE_EXECUTABLE") is { Length: > 0 } told
        ? Path.GetFullPath(told)
        : Path.Combine(Folder.Value, "bindwise");

    /// <summary>Whether the program under test is the native one, which starts in milliseconds.</summary>
    public static bool IsNative => Environment.GetEnvironmentVariable("BINDWISE_EXECUTABLE") is { Length: > 0 };

    /// <summary>A program of samples/.</summary>
    public static string Sample(string name) => Path.Combine(Folder.Value, name);

    /// <summary>A script of Actors/.</summary>
    public static string Script(string name) => Path.Combine(Folder.Value, "Actors", name);

    /// <summary>
    /// The test's own folder, or, where a user without rights cannot reach that (a checkout under /root), a copy.
    /// </summary>
    private static string FolderForEveryUser()
    {
        var folder = AppContext.BaseDirectory;
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            const UnixFileMode Enter = UnixFileMode.OtherExecute;
            if ((at.UnixFileMode & Enter) == 0)
                return Copy(folder);
        }

        return folder;
    }

    private static string Copy(string folder)
    {
        var copy = Directory.CreateTempSubdirectory("bindwise-programs-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => copy.Delete(recursive: true);
        File.SetUnixFileMode(copy.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy.FullName, Path.GetRelativePath(folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return copy.FullName;
    }
}
