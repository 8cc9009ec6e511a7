namespace Bindwise.Packages.Tests.Packing;

/// <summary>The packages as eng/pack makes them: once for all tests of the class.</summary>
public sealed class Packed : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bindwise-packages-");

    /// <summary>Why they cannot be made here; null when they can.</summary>
    public static string? Missing => !OperatingSystem.IsLinux() ? "needs Linux: what is packed is for it first, and eng/pack is a shell script"
        : !Directory.Exists(Repository.File(".git")) && !File.Exists(Repository.File(".git")) ? "needs a clone: git tells which files are copied" : null;

    /// <summary>The packages of this tree: a feed.</summary>
    public string Feed => Path.Combine(_folder.FullName, "feed");

    /// <summary>A folder for projects that use them.</summary>
    public string Projects => Path.Combine(_folder.FullName, "projects");

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (Missing is not null)
            return;
        Directory.CreateDirectory(Projects);
        await MakeAsync(Feed).ConfigureAwait(false);
    }

    /// <summary>Makes those that eng/release ships, once for all who want them; the build goes to artifacts/release-build, apart from that of what is tested.</summary>
    internal static Task MakeAsync(string feed) => Tool.RunAsync(Repository.Root, Repository.File("eng/pack"), "--if-changed", feed);

    /// <inheritdoc/>
    public Task DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return Task.CompletedTask;
    }
}
