using System.Reflection;
using System.Text.RegularExpressions;

namespace Bindwise.Conventions.Tests;

/// <summary>References go one way, and each room may use only what the design says.</summary>
public sealed partial class RoomTests
{
    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Bindwise.Model"] = [],
        ["Bindwise.Linux.Native"] = [],
        ["Bindwise.Linux"] = ["Bindwise.Model", "Bindwise.Linux.Native"],
        ["Bindwise.Portable"] = ["Bindwise.Model"],
        ["Bindwise.Planning"] = ["Bindwise.Model"],
        ["Bindwise.Rendering"] = ["Bindwise.Model"],
        ["Bindwise"] = ["Bindwise.Model", "Bindwise.Linux", "Bindwise.Linux.Native", "Bindwise.Portable", "Bindwise.Rendering"],
        ["Bindwise.Extensions.Hosting"] = ["Bindwise"],
        ["Bindwise.AspNetCore"] = ["Bindwise", "Bindwise.Extensions.Hosting"],
        ["Bindwise.Tools"] = ["Bindwise.Model", "Bindwise.Linux", "Bindwise.Linux.Native", "Bindwise"],
        ["Bindwise.Testing"] = ["Bindwise", "Bindwise.Tools"],
        ["Bindwise.Testing.AspNetCore"] = ["Bindwise", "Bindwise.Testing"],
        // What the compiler loads: nothing of ours, at run time. The package has both, so packing refers to the fixes.
        ["Bindwise.Analyzers"] = ["Bindwise.Analyzers.CodeFixes"],
        ["Bindwise.Analyzers.CodeFixes"] = [],
        ["Bindwise.Lab"] = ["Bindwise.Model"],
        ["Bindwise.Lab.Kernel"] = ["Bindwise.Model", "Bindwise.Lab", "Bindwise.Linux"],
        ["Bindwise.Supervising"] = ["Bindwise.Model", "Bindwise.Linux"],
        ["Bindwise.Dashboard"] = ["Bindwise", "Bindwise.Rendering"],
        ["Bindwise.Cli"] =
        [
            "Bindwise.Model", "Bindwise.Linux", "Bindwise.Portable", "Bindwise.Rendering", "Bindwise", "Bindwise.AspNetCore",
            "Bindwise.Lab", "Bindwise.Lab.Kernel", "Bindwise.Planning", "Bindwise.Dashboard", "Bindwise.Supervising", "Bindwise.Tools",
        ],
    };

    [Fact]
    public void Rooms_InSrc_UseOnlyWhatTheDesignAllows()
    {
        var projects = ProjectFile.In("src");
        Assert.NotEmpty(projects);
        Assert.All(projects, project =>
        {
            Assert.True(MayUse.TryGetValue(project.Name, out var allowed), $"{project.Path} is a room that the design does not know");
            Assert.Empty(project.References.Except(allowed!));
        });
    }

    [Fact]
    public void Model_Packages_AreAnalyzersOnly() =>
        Assert.All(Room("Bindwise.Model").Packages, package => Assert.True(package.IsPrivate && package.Name.EndsWith("Analyzers", StringComparison.Ordinal), package.Name));

    [Theory]
    [InlineData("Bindwise.Model", "N:System.IO;", "N:System.Net.Sockets;", "N:System.Threading;", "T:System.Environment;", "T:System.Diagnostics.Process;", "P:System.DateTime.Now;", "T:System.TimeProvider;")]
    [InlineData("Bindwise.Lab.Kernel", "T:System.Net.Sockets.Socket;", "T:System.Net.Sockets.TcpListener;", "T:System.Net.Sockets.UdpClient;")]
    [InlineData("Bindwise.Linux", "T:System.Net.Sockets.Socket;", "T:System.Net.Sockets.TcpListener;", "T:System.Net.Sockets.UdpClient;")]
    [InlineData("Bindwise.Planning", "T:System.IO.File;", "T:System.IO.Directory;", "T:System.Environment;", "N:System.Net.Sockets;", "N:YamlDotNet.Serialization;")]
    public void BannedSymbols_OfARoom_AreListedAndChecked(string room, params string[] symbols)
    {
        var project = Room(room);
        Assert.Contains("BannedSymbols.txt", project.Items("AdditionalFiles"));
        Assert.Contains(project.Packages, package => package.Name == "Microsoft.CodeAnalysis.BannedApiAnalyzers");
        var banned = Repository.Read(project.Folder + "/BannedSymbols.txt").Split('\n');
        Assert.All(symbols, symbol => Assert.Contains(banned, line => line.StartsWith(symbol, StringComparison.Ordinal)));
    }

    [Fact]
    public void Model_Assembly_RefersToNothingThatTouchesTheMachine()
    {
        string[] machine = ["System.Console", "System.Diagnostics.Process", "System.IO", "System.Net.Sockets", "System.Net.NetworkInformation", "System.Net.NameResolution", "System.Threading"];
        var referenced = Model.GetReferencedAssemblies().Select(name => name.Name!);
        Assert.DoesNotContain(referenced, name => machine.Any(part => name == part || name.StartsWith(part + ".", StringComparison.Ordinal)));
    }

    [Fact]
    public void Model_Assembly_CallsNoNativeCode()
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        Assert.DoesNotContain(Model.GetTypes().SelectMany(type => type.GetMethods(All)), method => method.Attributes.HasFlag(MethodAttributes.PinvokeImpl));
    }

    // By it the compiler refuses what a browser does not have (CA1416).
    [Theory]
    [InlineData("Bindwise.Model")]
    [InlineData("Bindwise.Lab")]
    [InlineData("Bindwise.Rendering")]
    public void RoomsWithoutIO_AreBuiltForTheBrowserToo(string room) => Assert.Contains("browser", Room(room).Items("SupportedPlatform"));

    [Fact]
    public void Portable_Packages_AreNone() => Assert.Empty(Room("Bindwise.Portable").Packages);

    // By it the compiler refuses a call into the room that another system could reach (CA1416).
    [Theory]
    [InlineData("Bindwise.Linux")]
    [InlineData("Bindwise.Linux.Native")]
    public void LinuxRoom_IsMarkedAsOfLinuxAlone(string room) =>
        Assert.Contains("[assembly: SupportedOSPlatform(\"linux\")]", Repository.Read($"src/{room}/SupportedPlatform.cs"), StringComparison.Ordinal);

    [Fact]
    public void UnsafeBlocks_AreAllowedInTheNativeRoomOnly() =>
        Assert.Equal(["Bindwise.Linux.Native"], ProjectFile.In("src").Where(project => project.Values("AllowUnsafeBlocks").Any()).Select(project => project.Name));

    [Fact]
    public void Projects_NameNoFrameworkOfTheirOwn()
    {
        Assert.All(ProjectFile.In(""), project => Assert.Empty(project.Values("TargetFrameworks").Concat(project.Values("TargetFramework"))));
        Assert.DoesNotContain("<TargetFrameworks", Repository.Read("Directory.Build.props"), StringComparison.Ordinal);
    }

    [Fact]
    public void Projects_AllStandInTheSolutionAndHaveALockFile()
    {
        var solution = Repository.Read("Bindwise.slnx");
        Assert.All(ProjectFile.In(""), project =>
        {
            Assert.Contains($"\"{project.Path}\"", solution, StringComparison.Ordinal);
            Assert.True(Repository.Has(project.Folder + "/packages.net10.0.lock.json"), project.Folder + " has no lock file");
        });
    }

    [Fact]
    public void Rooms_EachHaveATestProject()
    {
        var tests = ProjectFile.In("tests").Select(project => project.Name).ToHashSet();
        // Roslyn demands two assemblies of what is one thing; the system calls are tested with what makes them.
        Assert.All(ProjectFile.In("src"), project => Assert.Contains(TestedWith().Replace(project.Name, "") + ".Tests", tests));
    }

    [GeneratedRegex(@"\.(CodeFixes|Native)$")]
    private static partial Regex TestedWith();

    private static Assembly Model => typeof(RuleBook).Assembly;

    private static ProjectFile Room(string name) => Assert.Single(ProjectFile.In("src"), project => project.Name == name);
}
