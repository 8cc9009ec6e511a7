using System.IO.Compression;
using System.Security.Cryptography;

namespace Bindwise.Packages.Tests.Packing;

/// <summary>The same source gives the same assemblies, wherever it lies. Beside the other tests of the packages, which do not need the second ones.</summary>
[Trait("Lane", "second")]
public sealed class ReproducibleTests : IDisposable
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

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bindwise-packages-");

    [PackedFact]
    public async Task Packages_MadeElsewhere_HoldTheSameAssemblies()
    {
        var (here, elsewhere, copy) = (Path.Combine(_folder.FullName, "feed"), Path.Combine(_folder.FullName, "elsewhere"), Path.Combine(_folder.FullName, "second", "deeper"));
        Directory.CreateDirectory(copy);
        await Tool.RunAsync(Repository.Root, "/bin/sh", "-ec", Copying, "sh", copy);
        await Tool.RunAsync(copy, Path.Combine(copy, "eng", "pack"), elsewhere);
        await Packed.MakeAsync(here);
        var packages = Directory.GetFiles(here, "*.nupkg").Select(static path => Path.GetFileName(path)!).ToList();
        Assert.Equal(7, packages.Count);
        Assert.All(packages, name => Assert.Equal(Hashes(Path.Combine(here, name)), Hashes(Path.Combine(elsewhere, name))));
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);

    private static SortedDictionary<string, string> Hashes(string path)
    {
        using var package = ZipFile.OpenRead(path);
        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in package.Entries.Where(static entry => entry.FullName.EndsWith(".dll", StringComparison.Ordinal)))
        {
            using var content = entry.Open();
            hashes.Add(entry.FullName, Convert.ToHexString(SHA256.HashData(content)));
        }
        Assert.NotEmpty(hashes);
        return hashes;
    }
}
