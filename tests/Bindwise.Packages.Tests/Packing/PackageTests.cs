using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Bindwise.Packages.Tests.Packing;

/// <summary>What is in the packages, and that a fresh project can use them.</summary>
[Trait("Lane", "second")]
public sealed partial class PackageTests(Packed packed) : IClassFixture<Packed>
{
    private static readonly string[] Rooms = ["Bindwise", "Bindwise.Linux", "Bindwise.Linux.Native", "Bindwise.Model", "Bindwise.Portable", "Bindwise.Rendering"];

    private static readonly string Runtime = "linux-" + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    private static readonly Guid EmbeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    [PackedFact]
    public void Package_OfTheLibrary_HoldsEachRoom_AndTheDocstringsOfPublicTypes()
    {
        using var package = Open(packed.Feed, "Bindwise.0.1.0.nupkg");
        var files = package.Entries.Select(static entry => entry.FullName).Where(static name => name.StartsWith("lib/", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        string[] documented = ["lib/net10.0/Bindwise.xml", "lib/net10.0/Bindwise.Model.xml"];
        Assert.Equal(Rooms.Select(static room => $"lib/net10.0/{room}.dll").Concat(documented).Order(StringComparer.Ordinal), files);
        Assert.Contains("Listener.BindAsync", Text(package, "README.md"), StringComparison.Ordinal);
    }

    // The rooms below the library are the product's own.
    [PackedFact]
    public async Task Package_OfTheLibrary_ShowsCompilersNothingOfItsRooms()
    {
        var project = await MakeAsync("hidden", "Microsoft.NET.Sdk", "Bindwise", """
            using Bindwise;
            using Bindwise.Diagnostics;

            var diagnosis = PortDiagnostics.Diagnose(PortQuery.Parse("65001") with { MayProbe = false });
            Console.WriteLine($"{diagnosis.Cause.Id()} {diagnosis.Verdict == Verdict.Free}");
            """);
        await File.AppendAllTextAsync(Path.Combine(project, "Program.cs"), "Console.WriteLine(Bindwise.Model.Rules.RuleBook.All.Length);\n");
        var said = await Tool.RunAsync(project, "/bin/sh", "-c", "dotnet build --no-restore -c Release || [ $? = 1 ]");
        Assert.Contains("error CS0234: The type or namespace name 'RuleBook' does not exist", said, StringComparison.Ordinal);
    }

    [PackedTheory]
    [InlineData("Bindwise")]
    [InlineData("Bindwise.Extensions.Hosting", "Bindwise", "Microsoft.Extensions.Hosting.Abstractions")]
    [InlineData("Bindwise.AspNetCore", "Bindwise.Extensions.Hosting", "Bindwise")]
    [InlineData("Bindwise.Tools", "Bindwise")]
    [InlineData("Bindwise.Testing", "Bindwise.Tools", "Bindwise")]
    [InlineData("Bindwise.Testing.AspNetCore", "Bindwise.Testing", "Bindwise", "Microsoft.AspNetCore.Mvc.Testing")]
    public void Package_DependsOn_NothingElse(string name, params string[] expected)
    {
        using var package = Open(packed.Feed, name + ".0.1.0.nupkg");
        var manifest = XDocument.Parse(Text(package, name + ".nuspec").TrimStart('\ufeff'));
        var dependencies = manifest.Descendants().Where(static one => one.Name.LocalName == "dependency").ToList();
        Assert.Equal(expected, dependencies.Select(static one => one.Attribute("id")!.Value));
        // They use internal types of each other.
        Assert.All(dependencies.Where(static one => one.Attribute("id")!.Value.StartsWith("Bindwise", StringComparison.Ordinal)), static one => Assert.Equal("[0.1.0]", one.Attribute("version")!.Value));
    }

    [PackedFact]
    public void Package_OfTheAnalyzers_IsForTheCompilerAlone()
    {
        using var package = Open(packed.Feed, "Bindwise.Analyzers.0.1.0.nupkg");
        Assert.Equal(["analyzers/dotnet/cs/Bindwise.Analyzers.CodeFixes.dll", "analyzers/dotnet/cs/Bindwise.Analyzers.dll"],
            package.Entries.Select(static entry => entry.FullName).Where(static name => name.EndsWith(".dll", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        var manifest = XDocument.Parse(Text(package, "Bindwise.Analyzers.nuspec").TrimStart('\ufeff')).Descendants().ToList();
        Assert.Equal("true", manifest.Single(static one => one.Name.LocalName == "developmentDependency").Value);
        Assert.DoesNotContain(manifest, static one => one.Name.LocalName == "dependency");
        Assert.Equal(Repository.Read("docs/analyzers.md"), Text(package, "docs/analyzers.md"));
    }

    // NuGet takes that folder instead of lib: it must be whole, and the same assemblies.
    [PackedTheory]
    [InlineData("Bindwise")]
    [InlineData("Bindwise.Extensions.Hosting")]
    [InlineData("Bindwise.AspNetCore")]
    public void Package_HasTheSameCodeCompiledAhead(string name)
    {
        // This machine's; eng/pack --arch all adds the other processor's.
        var folder = $"runtimes/linux-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}/lib/net10.0/";
        using var package = Open(packed.Feed, name + ".0.1.0.nupkg");
        var ahead = package.Entries.Where(static entry => entry.FullName.StartsWith("runtimes/", StringComparison.Ordinal)).ToList();
        var lib = package.Entries.Where(static entry => entry.FullName.StartsWith("lib/", StringComparison.Ordinal) && entry.Name.EndsWith(".dll", StringComparison.Ordinal)).ToDictionary(entry => folder + entry.Name);
        Assert.Equal(lib.Keys.Order(StringComparer.Ordinal), ahead.Select(static entry => entry.FullName).Order(StringComparer.Ordinal));
        foreach (var entry in ahead)
        {
            Assert.Equal((true, IdentityOf(entry).Version), (IdentityOf(entry).HasCode, IdentityOf(lib[entry.FullName]).Version));
            Assert.False(IdentityOf(lib[entry.FullName]).HasCode);
        }
    }

    [PackedFact]
    public void Symbols_OfEachAssembly_AreThereWithTheirSources()
    {
        using var symbols = Open(packed.Feed, "Bindwise.0.1.0.snupkg");
        Assert.Equal(Rooms.Select(static room => $"lib/net10.0/{room}.pdb").Order(StringComparer.Ordinal), symbols.Entries.Select(static entry => entry.FullName).Where(static name => name.EndsWith(".pdb", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        foreach (var entry in symbols.Entries.Where(static entry => entry.FullName.EndsWith(".pdb", StringComparison.Ordinal)))
        {
            using var content = new MemoryStream(Bytes(entry));
            using var provider = MetadataReaderProvider.FromPortablePdbStream(content);
            var reader = provider.GetMetadataReader();
            Assert.NotEmpty(reader.Documents);
            foreach (var handle in reader.Documents)
            {
                var path = reader.GetString(reader.GetDocument(handle).Name);
                Assert.StartsWith("/_/", path, StringComparison.Ordinal);
                Assert.True(reader.GetCustomDebugInformation(handle).Any(info => reader.GetGuid(reader.GetCustomDebugInformation(info).Kind) == EmbeddedSource), $"{entry.Name} lacks the source of {path}");
            }
        }
    }

    [PackedFact(inNamespace: true)]
    public async Task FreshProject_OfTheLibrary_BuildsAndRuns()
    {
        var project = await MakeAsync("console", "Microsoft.NET.Sdk", "Bindwise", """
            using Bindwise;

            await using var listener = await Listener.BindAsync(ListenRequest.OnLocalhost(PortPolicy.Parse("8080,8090-8099")));
            Console.WriteLine($"listening on port {listener.Port}");
            var free = await PortDiagnostics.DiagnoseAsync(PortQuery.Parse("65001") with { MayProbe = false });
            Console.WriteLine(free.ToJson().Contains("bindwise.diagnosis/1"));
            """);
        Assert.Equal("listening on port 8080\nTrue\n", await Tool.RunAsync(project, [.. PackedFactAttribute.InNamespace, "dotnet", "bin/Release/net10.0/console.dll"]));
    }

    // The test kit, and the library with it. The compiler of native code warns of what it cannot see, as the trimmer does.
    [PackedFact(inNamespace: true)]
    public async Task FreshProject_OfTheTestKit_PublishedNative_WarnsOfNothingAndRuns()
    {
        var project = await MakeAsync("native", "Microsoft.NET.Sdk", "Bindwise.Testing", """
            using System.Globalization;
            using Bindwise;
            using Bindwise.Testing;

            [assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

            if (args.Length > 0)
            {
                await using var server = Listener.Bind(ListenRequest.OnLocalhost(int.Parse(args[0], CultureInfo.InvariantCulture)));
                await foreach (var connection in server.AcceptAllAsync(CancellationToken.None))
                    connection.Dispose();
            }
            var leases = PortLease.Take(2);
            await using (var listener = leases[0].Listen())
                Console.WriteLine($"{listener.Port == leases[0].Port} {leases[0].Port != leases[1].Port} {leases[1].IsHeld}");
            var options = new RestartOptions
            {
                Program = Environment.ProcessPath!,
                Arguments = [RestartOptions.PortPlaceholder],
                StartTimeout = TimeSpan.FromMinutes(3),
                StopTimeout = TimeSpan.FromMinutes(3),
            };
            var report = await RestartAssertion.CanRestartAsync(options);
            Console.WriteLine($"{report.Rounds.Length} restarts");
            try
            {
                await RestartAssertion.CanRestartAsync(options with { Arguments = ["no number", RestartOptions.PortPlaceholder] });
            }
            catch (RestartException refused)
            {
                Console.WriteLine($"{refused.Stage}: {refused.Output.Any(static line => line.Contains(nameof(FormatException), StringComparison.Ordinal))}");
            }
            """, $"""
            <PublishAot>true</PublishAot><Optimize>false</Optimize><RuntimeIdentifier>{Runtime}</RuntimeIdentifier><TrimmerSingleWarn>false</TrimmerSingleWarn>
            <CopyOutputSymbolsToPublishDirectory>false</CopyOutputSymbolsToPublishDirectory><DisableTransitiveFrameworkReferenceDownloads>true</DisableTransitiveFrameworkReferenceDownloads>
            """, verb: "publish");
        var said = await Tool.RunAsync(project, [.. PackedFactAttribute.InNamespace, $"bin/Release/net10.0/{Runtime}/publish/native"]);
        Assert.Equal("True True True\n2 restarts\nFirstStart: True\n", said);
    }

    [PackedFact(inNamespace: true)]
    public async Task FreshProject_OfAspNetCore_BuildsAndStarts()
    {
        var project = await MakeAsync("web", "Microsoft.NET.Sdk.Web", "Bindwise.AspNetCore", """
            var builder = WebApplication.CreateBuilder(args);
            builder.WebHost.UseBindwise();
            var app = builder.Build();
            app.Urls.Add("http://localhost:0");
            app.MapGet("/", () => "served");
            await app.StartAsync();
            using var client = new HttpClient();
            foreach (var url in app.Urls)
                Console.WriteLine(await client.GetStringAsync(url));
            await app.StopAsync();
            """);
        var said = await Tool.RunAsync(project, [.. PackedFactAttribute.InNamespace, "dotnet", "bin/Release/net10.0/web.dll"]);
        Assert.Contains("served\n", said, StringComparison.Ordinal);
    }

    [PackedFact(inNamespace: true)]
    public async Task FreshProjects_OfAnApplicationAndItsTests_StartItOnALeasedPort()
    {
        _ = await MakeAsync("shop", "Microsoft.NET.Sdk.Web", "Bindwise", """
            var app = WebApplication.Create(args);
            app.MapGet("/", () => "served");
            app.Run();

            public sealed class Shop;
            """);
        var project = await MakeAsync("kit", "Microsoft.NET.Sdk", "Bindwise.Testing.AspNetCore", """
            using Bindwise.Testing;
            using Bindwise.Testing.AspNetCore;

            [assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

            using var lease = PortLease.Take();
            await using var factory = new RealPortFactory<Shop> { Lease = lease };
            using var client = factory.CreateClient();
            Console.WriteLine($"{await client.GetStringAsync("/")} {factory.Port == lease.Port}");
            """, """</PropertyGroup><ItemGroup><ProjectReference Include="../shop/shop.csproj" /></ItemGroup><PropertyGroup>""");
        // WebApplicationFactory looks for its manifest in the working directory, which is that of the assembly under dotnet test.
        var said = await Tool.RunAsync(Path.Combine(project, "bin", "Release", "net10.0"), [.. PackedFactAttribute.InNamespace, "dotnet", "kit.dll"]);
        Assert.Contains("served True\n", said, StringComparison.Ordinal);
    }

    [PackedFact(inNamespace: true)]
    public async Task FreshProject_OfAWorker_BuildsAndListens()
    {
        var project = await MakeAsync("worker", "Microsoft.NET.Sdk", "Bindwise.Extensions.Hosting", """
            using Bindwise;
            using Bindwise.Extensions.Hosting;
            using Microsoft.Extensions.DependencyInjection;
            using Microsoft.Extensions.Hosting;

            var builder = Host.CreateApplicationBuilder(args);
            builder.Services.AddListener("echo", ListenRequest.OnLocalhost(7000));
            using var host = builder.Build();
            await host.StartAsync();
            Console.WriteLine(host.Services.GetRequiredService<IBoundListeners>()["echo"].Port);
            await host.StopAsync();
            """, more: """<PackageReference Include="Microsoft.Extensions.Hosting" Version="10.0.14" />""");
        Assert.Contains("7000\n", await Tool.RunAsync(project, [.. PackedFactAttribute.InNamespace, "dotnet", "bin/Release/net10.0/worker.dll"]), StringComparison.Ordinal);
    }

    // A host that pins a version of what the packages depend on gets that very one: a package that asks for more makes it NU1605, an error.
    [PackedTheory]
    [InlineData("10.0.0")]
    [InlineData("10.*")]
    public async Task Host_ThatPinsAVersionOfWhatThePackagesDependOn_GetsIt(string version)
    {
        string[] pinned = ["Microsoft.Extensions.Hosting", "Microsoft.Extensions.Hosting.Abstractions", "Microsoft.AspNetCore.Mvc.Testing"];
        var project = await MakeAsync("pinning" + version.TrimEnd('*'), "Microsoft.NET.Sdk", "Bindwise.AspNetCore", "return;", verb: "restore",
            more: """<PackageReference Include="Bindwise.Testing.AspNetCore" Version="0.1.0" />""" + string.Concat(pinned.Select(name => $"""<PackageReference Include="{name}" Version="{version}" />""")));
        using var assets = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(project, "obj", "project.assets.json")));
        var restored = assets.RootElement.GetProperty("libraries").EnumerateObject().Select(static one => one.Name.Split('/')).ToDictionary(static one => one[0], static one => Version.Parse(one[1]));
        var oldest = new Version(10, 0, 0);
        Assert.All(pinned, name => Assert.True(version == "10.0.0" ? restored[name] == oldest : restored[name] > oldest, $"{name} {restored[name]} was restored for {version}"));
        Assert.False(assets.RootElement.TryGetProperty("logs", out var logs), logs.ToString());
    }

    // The compiler and `dotnet format` are those of the SDK: the newest Roslyn that loads the analyzers.
    [PackedFact]
    public async Task FreshProject_WithTheAnalyzers_IsWarnedAsItsSettingsSay()
    {
        var project = await MakeAsync("analyzed", "Microsoft.NET.Sdk", "Bindwise.Analyzers", "return;");
        await File.WriteAllTextAsync(Path.Combine(project, "Program.cs"), """
            using System.Net;
            using System.Net.Sockets;

            using var listener = new TcpListener(IPAddress.Loopback, 50051);
            listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            listener.Start();

            """);
        Assert.Equal(["warning BWC001"], await BuildAsync("-p:TreatWarningsAsErrors=false"));
        Assert.Equal(["error BWC001"], await BuildAsync());
        await File.WriteAllTextAsync(Path.Combine(project, ".editorconfig"), "root = true\n[*.cs]\ndotnet_diagnostic.BWC001.severity = none\ndotnet_diagnostic.BWC009.severity = warning\n");
        Assert.Equal(["warning BWC009"], await BuildAsync("-p:TreatWarningsAsErrors=false"));
        File.Delete(Path.Combine(project, ".editorconfig"));
        await Tool.RunAsync(project, "dotnet", "format", "analyzers", "--no-restore", "--diagnostics", "BWC001");
        Assert.DoesNotContain("ReuseAddress", await File.ReadAllTextAsync(Path.Combine(project, "Program.cs")), StringComparison.Ordinal);
        Assert.Empty(await BuildAsync());

        async Task<IEnumerable<string>> BuildAsync(string property = "")
        {
            var said = await Tool.RunAsync(project, "/bin/sh", "-c", $"dotnet build --no-restore --no-incremental -c Release {property} || [ $? = 1 ]");
            return Finding().Matches(said).Select(static match => match.Value).Distinct();
        }
    }

    [GeneratedRegex(@"\b(?:warning|error) BWC\d{3}\b")]
    private static partial Regex Finding();

    private async Task<string> MakeAsync(string name, string sdk, string package, string program, string properties = "", string more = "", string verb = "build")
    {
        var project = Path.Combine(packed.Projects, name);
        Directory.CreateDirectory(project);
        await File.WriteAllTextAsync(Path.Combine(project, name + ".csproj"), $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                {properties}
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <RestoreAdditionalProjectSources>{packed.Feed}</RestoreAdditionalProjectSources>
                <RestorePackagesPath>{packed.Projects}/cache</RestorePackagesPath>
                <RestoreFallbackFolders>$(NuGetPackageRoot)</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="{package}" Version="0.1.0" />
                {more}
              </ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(Path.Combine(project, "Program.cs"), program);
        await Tool.RunAsync(project, "dotnet", verb, "-p:Configuration=Release");
        return project;
    }

    private static (bool HasCode, Guid Version) IdentityOf(ZipArchiveEntry entry)
    {
        using var content = new MemoryStream(Bytes(entry));
        using var file = new PEReader(content);
        var reader = file.GetMetadataReader();
        return (file.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0, reader.GetGuid(reader.GetModuleDefinition().Mvid));
    }

    private static ZipArchive Open(string feed, string name) => ZipFile.OpenRead(Path.Combine(feed, name));

    private static string Text(ZipArchive package, string name) => Encoding.UTF8.GetString(Bytes(package.GetEntry(name)!));

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using var content = entry.Open();
        using var copy = new MemoryStream();
        content.CopyTo(copy);
        return copy.ToArray();
    }
}
