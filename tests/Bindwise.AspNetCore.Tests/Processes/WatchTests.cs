using IsolatedProcess;

namespace Bindwise.AspNetCore.Tests.Processes;

/// <summary>A real <c>dotnet watch</c>: a change restarts the program, which takes two seconds to end, and its port works on.</summary>
[Trait("Lane", "second")]
public sealed class WatchTests
{
    private const int StepSeconds = 800;

    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk.Web">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            <RestoreSources>$(MSBuildProjectDirectory)</RestoreSources>
          </PropertyGroup>
          <ItemGroup>
            <Reference Include="FOLDER/Bindwise*.dll" Exclude="FOLDER/*Tests.dll" />
          </ItemGroup>
        </Project>
        """;

    private const string Program = """
        var builder = WebApplication.CreateBuilder(args);
        builder.WebHost.UseBindwise();
        var app = builder.Build();
        app.MapGet("/", () => "version 1");
        app.Lifetime.ApplicationStopping.Register(() => Thread.Sleep(2000));
        app.Run();
        """;

    [IsolatedFact]
    public Task DotnetWatch_BehindAChange_AnswersOnTheSamePort() => Body.RunAsync(static async () =>
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-watch-").FullName;
        var source = Path.Combine(folder, "Program.cs");
        await File.WriteAllTextAsync(Path.Combine(folder, "app.csproj"), Project.Replace("FOLDER", AppContext.BaseDirectory.TrimEnd('/'), StringComparison.Ordinal));
        await File.WriteAllTextAsync(source, Program);
        await using (var watch = Started.RunIn(folder, "dotnet", ["watch", "--no-hot-reload", "--non-interactive", "run"], ("MSBUILDDISABLENODEREUSE", "1")))
        {
            await Eventually.SucceedsAsync(static async () => Assert.Equal("version 1", await Web.GetAsync("http://[::1]:5000")), StepSeconds);
            await File.WriteAllTextAsync(source, Program.Replace("version 1", "version 2", StringComparison.Ordinal));
            await Eventually.SucceedsAsync(static async () => Assert.Equal("version 2", await Web.GetAsync("http://[::1]:5000")), StepSeconds);
            Assert.DoesNotContain("in use", watch.Text, StringComparison.Ordinal);
            await watch.SaysAsync("Now listening on: http://localhost:5000", times: 2);
        }
        Directory.Delete(folder, recursive: true);
    });
}
