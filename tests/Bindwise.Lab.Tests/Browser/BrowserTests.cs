using Bindwise.Packages.Tests.Packing;

namespace Bindwise.Lab.Tests.Browser;

/// <summary>The lab compiled for the browser, by .NET's own compiler for it, plays and draws in Node.js what it does here.</summary>
[Trait("Lane", "second")]
public sealed class BrowserTests
{
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk.WebAssembly">
          <PropertyGroup>
            <AssemblyName>Bindwise.Browser</AssemblyName>
            <TrimMode>full</TrimMode>
            <WasmFingerprintAssets>false</WasmFingerprintAssets>
            <CompressionEnabled>false</CompressionEnabled>
          </PropertyGroup>
          <ItemGroup>
            <Using Include="Bindwise.Diagnostics" />
            <Compile Include="../../tests/Bindwise.Lab.Tests/Browser/PlayedScenario.cs" />
            <ProjectReference Include="../../src/Bindwise.Lab/Bindwise.Lab.csproj" />
          </ItemGroup>
        </Project>
        """;

    private const string Program = "System.Console.Write(Bindwise.Lab.Tests.Browser.PlayedScenario.Told());";

    private const string Start = """
        import { dotnet } from './_framework/dotnet.js'
        await dotnet.run()
        """;

    // Beside the solution, whose rules for packages hold for it too; and apart from its builds.
    [NodeFact]
    public async Task Lab_InTheBrowser_TellsWhatItTellsHere()
    {
        var folder = Path.Combine(Root(), "artifacts", "browser");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "Played.csproj"), Project);
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), Program);

        await Tool.RunAsync(folder, "dotnet", "publish", "-c", "Release", "-v", "quiet", "-o", "published", "--artifacts-path", "built",
            "-p:RunAnalyzers=false", "-p:RestorePackagesWithLockFile=false", "-p:NuGetLockFilePath=no-lock-file.json");
        var site = Path.Combine(folder, "published", "wwwroot");
        await File.WriteAllTextAsync(Path.Combine(site, "main.mjs"), Start);

        Assert.Equal(PlayedScenario.Told(), await Tool.RunAsync(site, "node", "main.mjs"));
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Bindwise.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Bindwise.slnx is in no folder above the tests");
        return folder;
    }
}

/// <summary>A test that needs Node.js; skipped, with the reason, where there is none.</summary>
public sealed class NodeFactAttribute : FactAttribute
{
    /// <summary>Looks for it.</summary>
    public NodeFactAttribute()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!folders.Any(static folder => File.Exists(Path.Combine(folder, "node"))))
            Skip = "needs Node.js: apt-get install nodejs";
    }
}
