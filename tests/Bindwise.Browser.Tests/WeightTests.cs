using System.IO.Compression;

namespace Bindwise.Browser.Tests;

/// <summary>What a reader waits for.</summary>
[Collection(PublishedCollection.Name)]
public sealed class WeightTests(PublishedModel published)
{
    private const long MostBytes = 2_000_000;

    // Half of all, and the same in every build: to compress it anew takes longer than all other tests of this class.
    private static readonly (string File, long Weight) Runtime = ("dotnet.native.rw4kynp763.wasm", 976_306);

    // What is loaded later, when something is to be explained.
    private const string Pages = "pages.txt";

    [NodeFact]
    public void Files_ThatThePageLoads_AreBelowTwoMegabytesWithBrotli()
    {
        Assert.NotNull(published.Model);
        var weights = Directory.GetFiles(PublishedModel.Folder, "*", SearchOption.AllDirectories).Where(static file => Path.GetFileName(file) != Pages).ToDictionary(static file => file, Weight);
        Assert.True(weights.Count > 10);
        Assert.True(weights.Values.Sum() < MostBytes, $"{weights.Values.Sum()} bytes: {string.Join(", ", weights.OrderByDescending(static one => one.Value).Select(static one => $"{Path.GetFileName(one.Key)} {one.Value}"))}");
    }

    // ICU data, symbols, compressed copies: nothing that no page asks for.
    [NodeFact]
    public void Files_ThatArePublished_AreThoseThatARunNeeds()
    {
        Assert.NotNull(published.Model);
        var files = Directory.GetFiles(PublishedModel.Folder, "*", SearchOption.AllDirectories).Select(static file => Path.GetRelativePath(PublishedModel.Folder, file)).ToList();
        Assert.All(files, static file => Assert.Contains(Path.GetExtension(file), new[] { ".js", ".wasm", ".txt" }));
        Assert.Equal(["model-worker.js", "model.js", Pages, "socket-words.js"], files.Where(static file => !file.StartsWith("_framework", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    private static long Weight(string file)
    {
        if (Path.GetFileName(file) == Runtime.File)
            return Runtime.Weight;

        using var compressed = new MemoryStream();
        using (var brotli = new BrotliStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
            brotli.Write(File.ReadAllBytes(file));
        return compressed.Length;
    }
}
