using System.Text.Json;

namespace Bindwise.Conventions.Tests;

/// <summary>What ships is made of what users run: nothing of it, and of all that it draws in, is there to prove it.</summary>
public sealed class ShippedClosureTests
{
    private const string Program = "src/Bindwise.Cli/packages.net10.0.lock.json";

    /// <summary>What tests, benchmarks and tools are made of.</summary>
    private static readonly string[] ForProof =
        ["FsCheck", "FSharp.Core", "xunit", "Microsoft.NET.Test.Sdk", "Microsoft.Playwright", "BenchmarkDotNet", "Bindwise.Fuzz"];

    public static TheoryData<string> LockFiles => [.. WorkingTree.Files("src", "packages.*.lock.json")];

    [Theory]
    [MemberData(nameof(LockFiles))]
    public void Closure_OfWhatShips_HasNothingThatProvesIt(string lockFile) =>
        Assert.Empty(Closure(lockFile).Intersect(ForProof, StringComparer.OrdinalIgnoreCase));

    [Fact]
    public void Closure_OfTheProgram_ReachesWhatItsProjectsDrawIn()
    {
        Assert.Contains(Program, WorkingTree.Files("src", "packages.*.lock.json"));
        Assert.Contains("YamlDotNet", Closure(Program));
        Assert.Contains("bindwise.lab.kernel", Closure(Program));
    }

    // The linker's tasks only build it.
    [Fact]
    public void Notices_NameWhatTheProgramContains()
    {
        var notices = Repository.Read("THIRD-PARTY-NOTICES.txt");
        var packages = Packages(Program).Where(static package => package.Value.GetProperty("type").GetString() != "Project").Select(static package => package.Name);
        Assert.Empty(packages.Except([.. notices.Split('\n'), "Microsoft.NET.ILLink.Tasks"]));
        // And what the page of serve brings.
        var page = Repository.Read("src/Bindwise.Dashboard/Page/made/licences.txt").Split("\n\n\n").Select(static licence => licence.Trim().Split("\n\n", 2)[1]);
        Assert.All(page, licence => Assert.Contains(licence, notices, StringComparison.Ordinal));
    }

    // A warning of the ahead-of-time compiler stops the build, as any other.
    [Fact]
    public void Projects_ThatShip_LetNoTrimWarningPass() => Assert.All(ProjectFile.In("src"), static project =>
    {
        var passed = project.Values("NoWarn").Concat(project.Values("WarningsNotAsErrors"));
        Assert.DoesNotContain(passed, static codes => codes.Contains("IL", StringComparison.Ordinal));
    });

    private static HashSet<string> Closure(string lockFile) => [.. Packages(lockFile).Select(static package => package.Name)];

    private static IEnumerable<JsonProperty> Packages(string lockFile) =>
        JsonElement.Parse(Repository.Read(lockFile)).GetProperty("dependencies").EnumerateObject().SelectMany(static graph => graph.Value.EnumerateObject());
}
