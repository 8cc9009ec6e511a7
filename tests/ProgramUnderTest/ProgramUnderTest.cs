using System.Diagnostics;
using System.Runtime.Versioning;

namespace Bindwise.Tests;

/// <summary>
/// The program that the tests start. BINDWISE_EXECUTABLE names it, or says "managed" for the one built with the tests. Otherwise it is the
/// native one (eng/publish) if that is up to date, and the managed one if not.
/// </summary>
internal static class ProgramUnderTest
{
    /// <summary>The value of BINDWISE_EXECUTABLE that stands for the program built with the tests.</summary>
    public const string Managed = "managed";

    private const UnixFileMode Enter = UnixFileMode.OtherExecute;

    private static readonly Lazy<string?> NativePath = new(Native);
    private static readonly Lazy<string> ManagedFolder = new(FolderForEveryUser);

    /// <summary>The program, where every user can start it.</summary>
    public static string Path => NativePath.Value ?? System.IO.Path.Combine(Folder, "bindwise");

    /// <summary>Whether it is a native program, which starts in milliseconds.</summary>
    public static bool IsNative => NativePath.Value is not null;

    /// <summary>
    /// The folder of the test assembly, where the managed programs are, or, where a user without rights cannot reach that (a checkout under
    /// /root), a copy.
    /// </summary>
    public static string Folder => ManagedFolder.Value;

    private static string? Native()
    {
        var named = Environment.GetEnvironmentVariable("BINDWISE_EXECUTABLE");
        if (named == Managed || !OperatingSystem.IsLinux())
            return null;
        if (named is not { Length: > 0 })
            return IsCurrent() ? ForEveryUser(Repository.File("artifacts/publish/bindwise")) : null;
        var path = System.IO.Path.GetFullPath(named);
        return File.Exists(path) ? ForEveryUser(path) : throw new FileNotFoundException("BINDWISE_EXECUTABLE names no file", path);
    }

    private static bool IsCurrent()
    {
        using var publish = Process.Start(new ProcessStartInfo(Repository.File("eng/publish"), ["--is-current"]) { RedirectStandardOutput = true })!;
        publish.StandardOutput.ReadToEnd();
        publish.WaitForExit();
        return publish.ExitCode == 0;
    }

    [SupportedOSPlatform("linux")]
    private static string ForEveryUser(string program)
    {
        if (CanBeReached(System.IO.Path.GetDirectoryName(program)!))
            return program;
        var copy = System.IO.Path.Combine(TemporaryFolder(), System.IO.Path.GetFileName(program));
        ProgramCopy.Make(program, copy);
        return copy;
    }

    private static string FolderForEveryUser()
    {
        var folder = AppContext.BaseDirectory;
        if (!OperatingSystem.IsLinux() || CanBeReached(folder))
            return folder;
        var copy = TemporaryFolder();
        ProgramCopy.MakeAll(folder, copy);
        return copy;
    }

    [SupportedOSPlatform("linux")]
    private static bool CanBeReached(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if ((at.UnixFileMode & Enter) == 0)
                return false;
        }

        return true;
    }

    [SupportedOSPlatform("linux")]
    private static string TemporaryFolder()
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-programs-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        File.SetUnixFileMode(folder.FullName, folder.UnixFileMode | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | Enter);
        return folder.FullName;
    }
}
