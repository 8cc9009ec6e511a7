namespace Bindwise.Packages.Tests.Packing;

/// <summary>The packages as eng/pack makes them, from two folders: once for all tests of the class.</summary>
public sealed class Packed : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bindwise-packages-");

    /// <summary>Why they cannot be made here; null when they can.</summary>
    public static string? Missing => !OperatingSystem.IsLinux() ? "needs Linux: what is packed is for it first, and eng/pack is a shell script"
        : !Directory.Exists(Path.Combine(Root, ".git")) && !File.Exists(Path.Combine(Root, ".git")) ? "needs a clone: git tells which files are copied" : null;

    /// <summary>The packages of this tree: a feed.</summary>
    public string Feed => Path.Combine(_folder.FullName, "feed");

    /// <summary>The packages of a copy of this tree that lies elsewhere.</summary>
    public string Elsewhere => Path.Combine(_folder.FullName, "elsewhere");

    private static string Root => Path.GetDirectoryName(Repository.File("Bindwise.slnx"))!;

    /// <summary>A folder for projects that use them.</summary>
    public string Projects => Path.Combine(_folder.FullName, "projects");

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (Missing is not null)
            return;
        Directory.CreateDirectory(Projects);
        foreach (var (copy, feed) in new[] { (Path.Combine(_folder.FullName, "first"), Feed), (Path.Combine(_folder.FullName, "second", "deeper"), Elsewhere) })
        {
            Directory.CreateDirectory(copy);
            // Copies: a tree that is being tested is not to be built in.
            await Tool.RunAsync(Root, "/bin/sh", "-c", $"git ls-files -z --cached --others --exclude-standard | xargs -0 sh -c 'for f; do [ -e \"$f\" ] && printf \"%s\\0\" \"$f\"; done' sh | tar -c --null -T - | tar -x -C '{copy}'").ConfigureAwait(false);
            await Tool.RunAsync(copy, Path.Combine(copy, "eng", "pack"), feed).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public Task DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return Task.CompletedTask;
    }
}
