namespace Bindwise.Packages.Tests.Packing;

/// <summary>The packages as eng/pack makes them, from two folders: once for all tests of the class.</summary>
public sealed class Packed : IAsyncLifetime
{
    // What git lists, as it is on disk, at the same commit: assemblies and packages name it. The objects stay where they are.
    private const string Copying = """
        git ls-files -z --cached --others --exclude-standard | xargs -0 sh -c 'for f; do [ ! -e "$f" ] || printf "%s\0" "$f"; done' sh | tar -c --null -T - | tar -x -C "$1"
        objects=$(git rev-parse --path-format=absolute --git-path objects)
        commit=$(git rev-parse HEAD)
        branch=$(git symbolic-ref --quiet HEAD || true)
        remote=$(git config --get remote.origin.url || true)
        cd "$1"
        git init --quiet
        echo "$objects" >.git/objects/info/alternates
        [ -z "$remote" ] || git config remote.origin.url "$remote"
        [ -z "$branch" ] || git symbolic-ref HEAD "$branch"
        git update-ref HEAD "$commit"
        """;

    private static string Root => Path.GetDirectoryName(Repository.File("Bindwise.slnx"))!;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bindwise-packages-");

    /// <summary>Why they cannot be made here; null when they can.</summary>
    public static string? Missing => !OperatingSystem.IsLinux() ? "needs Linux: what is packed is for it first, and eng/pack is a shell script"
        : !Directory.Exists(Path.Combine(Root, ".git")) && !File.Exists(Path.Combine(Root, ".git")) ? "needs a clone: git tells which files are copied" : null;

    /// <summary>The packages of this tree: a feed.</summary>
    public string Feed => Path.Combine(_folder.FullName, "feed");

    /// <summary>The packages of a copy of this tree that lies elsewhere.</summary>
    public string Elsewhere => Path.Combine(_folder.FullName, "elsewhere");

    /// <summary>A folder for projects that use them.</summary>
    public string Projects => Path.Combine(_folder.FullName, "projects");

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (Missing is not null)
            return;
        Directory.CreateDirectory(Projects);
        // Those that eng/release ships, made once for both; the build goes to artifacts/pack, apart from that of what is tested.
        await Tool.RunAsync(Root, Path.Combine(Root, "eng", "pack"), "--if-changed", Feed).ConfigureAwait(false);
        var copy = Path.Combine(_folder.FullName, "second", "deeper");
        Directory.CreateDirectory(copy);
        await Tool.RunAsync(Root, "/bin/sh", "-ec", Copying, "sh", copy).ConfigureAwait(false);
        await Tool.RunAsync(copy, Path.Combine(copy, "eng", "pack"), Elsewhere).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return Task.CompletedTask;
    }
}
