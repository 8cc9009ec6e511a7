using System.Xml.Linq;

namespace Bindwise.Conventions.Tests;

/// <summary>What a project file says: the parts that the house rules speak of.</summary>
internal sealed class ProjectFile
{
    private readonly XDocument _document;

    private ProjectFile(string path)
    {
        Path = path;
        _document = XDocument.Parse(Repository.Read(path));
    }

    /// <summary>Every project below a folder.</summary>
    public static IReadOnlyList<ProjectFile> In(string folder) => [.. WorkingTree.Files(folder, "*.csproj").Select(path => new ProjectFile(path))];

    /// <summary>The path from the root.</summary>
    public string Path { get; }

    /// <summary>The folder, from the root.</summary>
    public string Folder => Path[..Path.LastIndexOf('/')];

    /// <summary>The name without its ending.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>The names of the projects that it refers to.</summary>
    public IEnumerable<string> References =>
        Items("ProjectReference").Select(item => System.IO.Path.GetFileNameWithoutExtension(item.Replace('\\', '/')));

    /// <summary>The packages that it takes, with whether they stay private to it (analyzers).</summary>
    public IEnumerable<(string Name, bool IsPrivate)> Packages =>
        _document.Descendants("PackageReference").Select(item => ((string)item.Attribute("Include")!, (string?)item.Attribute("PrivateAssets") == "all"));

    /// <summary>The items of one kind, by what they include.</summary>
    public IEnumerable<string> Items(string kind) => _document.Descendants(kind).Select(item => (string)item.Attribute("Include")!);

    /// <summary>A property's values, wherever they stand.</summary>
    public IEnumerable<string> Values(string property) => _document.Descendants(property).Select(element => element.Value);
}
