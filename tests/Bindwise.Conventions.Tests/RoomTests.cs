using System.Reflection;
using System.Text.RegularExpressions;

namespace Bindwise.Conventions.Tests;

/// <summary>References go one way, and each room may use only what the design says.</summary>
public sealed partial class RoomTests
{
    // "Bindwise.Tools" and "Tools" in the tables; the library itself has no more than the first word.
    private const string Product = "Bindwise";

    [Fact]
    public void Rooms_UseOnlyWhatTheTableOfTheArchitectureSays()
    {
        var table = Rows("docs/architecture.md", "Projects").ToDictionary(static row => row.Project, static row => Listed(row.Last).Select(FullName).ToList());
        Assert.Equal(Rooms.Select(static project => project.Folder).Order(StringComparer.Ordinal), table.Keys.Order(StringComparer.Ordinal));
        Assert.All(Rooms, project => Assert.Empty(project.References.Except(table[project.Folder])));
        // What it may use and does not, through nothing, is a row that nobody has read again.
        Assert.All(Rooms, project => Assert.Empty(table[project.Folder].Except(Reached(project.Name))));
    }

    [Fact]
    public void WhereThingsLive_NamesEachProjectAndItsFolders()
    {
        var table = Rows("CONTRIBUTING.md", "Where things live").ToDictionary(static row => row.Project, static row => FolderNames().Matches(row.Last).Select(static match => match.Groups[1].Value).Order(StringComparer.Ordinal).ToList());
        Assert.Equal(Rooms.Select(static project => project.Folder).Order(StringComparer.Ordinal), table.Keys.Order(StringComparer.Ordinal));
        Assert.All(Rooms, project => Assert.Equal(FoldersOf(project.Folder), table[project.Folder]));
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
    [InlineData("Bindwise.Supervising")]
    public void LinuxRoom_IsMarkedAsOfLinuxAlone(string room) =>
        Assert.Contains("[assembly: SupportedOSPlatform(\"linux\")]", Repository.Read($"src/{room}/SupportedPlatform.cs"), StringComparison.Ordinal);

    [Fact]
    public void UnsafeBlocks_AreAllowedInTheNativeRoomOnly()
    {
        // What the SDK generates for exports to JavaScript is unsafe; of our own nothing is.
        Assert.Equal(["Bindwise.Browser", "Bindwise.Linux.Native"],
            ProjectFile.In("src").Where(project => project.Values("AllowUnsafeBlocks").Any()).Select(project => project.Name).Order(StringComparer.Ordinal));
        Assert.All(WorkingTree.Files("src/Bindwise.Browser", "*.cs"), file => Assert.DoesNotContain("unsafe", Repository.Read(file), StringComparison.Ordinal));
    }

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
            Assert.True(WorkingTree.Has(project.Folder + "/packages.net10.0.lock.json"), project.Folder + " has no lock file");
        });
    }

    [Fact]
    public void Rooms_EachHaveATestProject()
    {
        var tests = ProjectFile.In("tests").Select(project => project.Name).ToHashSet();
        // Roslyn demands two assemblies of what is one thing; the system calls are tested with what makes them.
        Assert.All(ProjectFile.In("src"), project => Assert.Contains(TestedWith().Replace(project.Name, "") + ".Tests", tests));
    }

    /// <summary>The projects in <c>src</c> and <c>tools</c>.</summary>
    private static IReadOnlyList<ProjectFile> Rooms { get; } = [.. ProjectFile.In("src"), .. ProjectFile.In("tools")];

    /// <summary>A table's rows, by their first and last columns.</summary>
    private static IEnumerable<(string Project, string Last)> Rows(string page, string section) =>
        Row().Matches(Page.All.Single(one => one.Path == page).Section(section)).Select(static match => (match.Groups[1].Value, match.Groups[2].Value));

    private static string[] Listed(string cell) => cell == "nothing" ? [] : cell.Split(", ");

    private static string FullName(string name) => name == Product ? name : $"{Product}.{name}";

    private static HashSet<string> Reached(string project)
    {
        var reached = new HashSet<string>();
        var next = new Queue<string>([project]);
        while (next.TryDequeue(out var name))
        {
            foreach (var used in Rooms.Single(one => one.Name == name).References.Where(reached.Add))
                next.Enqueue(used);
        }
        return reached;
    }

    private static IEnumerable<string> FoldersOf(string project) =>
        WorkingTree.Files(project, "*.cs").Select(file => file[(project.Length + 1)..]).Where(static file => file.Contains('/', StringComparison.Ordinal))
            .Select(static file => file[..file.IndexOf('/', StringComparison.Ordinal)]).Distinct().Order(StringComparer.Ordinal);

    [GeneratedRegex(@"^\| `((?:src|tools)/[\w.]+)` \|.*\| ?([^|]*?) ?\|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    // In a list each name stands at the beginning of its part; what a colon follows tells of it, and may have code of its own.
    [GeneratedRegex(@"(?:^|[,;] )`(\w+)`(?=[,;:]|$)")]
    private static partial Regex FolderNames();

    [GeneratedRegex(@"\.(CodeFixes|Native)$")]
    private static partial Regex TestedWith();

    private static Assembly Model => typeof(RuleBook).Assembly;

    private static ProjectFile Room(string name) => Assert.Single(ProjectFile.In("src"), project => project.Name == name);
}
