using System.Text.Json;

namespace Bindwise.Packages.Tests.Packing;

/// <summary>eng/sbom, which eng/publish and eng/pack run: the CycloneDX list of what is in the result.</summary>
public sealed class BillOfMaterialsTests
{
    public static TheoryData<string, string> LockFiles => new()
    {
        { "bindwise", "src/Bindwise.Cli/packages.release.lock.json" },
        { "Bindwise", "src/Bindwise/packages.net10.0.lock.json" },
        { "Bindwise.Analyzers", "src/Bindwise.Analyzers/packages.net10.0.lock.json" },
        { "Bindwise.AspNetCore", "src/Bindwise.AspNetCore/packages.net10.0.lock.json" },
        { "Bindwise.Extensions.Hosting", "src/Bindwise.Extensions.Hosting/packages.net10.0.lock.json" },
        { "Bindwise.Testing.AspNetCore", "src/Bindwise.Testing.AspNetCore/packages.net10.0.lock.json" },
        { "Bindwise.Tools", "src/Bindwise.Tools/packages.net10.0.lock.json" },
    };

    [PackedTheory]
    [MemberData(nameof(LockFiles))]
    public async Task EveryPackageOfTheLockFile_IsListedWithVersionAndHash(string name, string path)
    {
        var bill = await Tool.RunAsync(Repository.Root, Repository.File("eng/sbom"), name, path);
        using var document = JsonDocument.Parse(bill);
        Assert.Equal("CycloneDX", document.RootElement.GetProperty("bomFormat").GetString());
        Assert.Equal("1.6", document.RootElement.GetProperty("specVersion").GetString());
        var components = document.RootElement.GetProperty("components").EnumerateArray().ToDictionary(static one => one.GetProperty("purl").GetString()!);
        using var locked = JsonDocument.Parse(await File.ReadAllBytesAsync(Repository.File(path)));
        foreach (var package in locked.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(static graph => graph.Value.EnumerateObject()))
        {
            if (package.Value.GetProperty("type").GetString() == "Project")
                continue;
            var component = components[$"pkg:nuget/{package.Name}@{package.Value.GetProperty("resolved").GetString()}"];
            var hash = component.GetProperty("hashes")[0];
            Assert.Equal("SHA-512", hash.GetProperty("alg").GetString());
            Assert.Equal(Convert.FromBase64String(package.Value.GetProperty("contentHash").GetString()!), Convert.FromHexString(hash.GetProperty("content").GetString()!));
        }
    }

    [PackedTheory]
    [MemberData(nameof(LockFiles))]
    public async Task TheSameLockFile_GivesTheSameBytes_WhoseReferencesAllLeadSomewhere(string name, string path)
    {
        var bill = await Tool.RunAsync(Repository.Root, Repository.File("eng/sbom"), name, path);
        Assert.Equal(bill, await Tool.RunAsync(Repository.Root, Repository.File("eng/sbom"), name, path));
        using var document = JsonDocument.Parse(bill);
        var known = document.RootElement.GetProperty("components").EnumerateArray().Select(static one => one.GetProperty("bom-ref").GetString()).ToHashSet();
        var edges = document.RootElement.GetProperty("dependencies").EnumerateArray().ToList();
        Assert.Equal(known.Count + 1, edges.Count);
        Assert.All(edges.SelectMany(static edge => edge.GetProperty("dependsOn").EnumerateArray()), target => Assert.Contains(target.GetString(), known));
    }
}
