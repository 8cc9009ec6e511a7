using Bindwise.Packages.Tests.Surface;
using Microsoft.CodeAnalysis.CSharp;

namespace Bindwise.Packages.Tests.Reference;

/// <summary>docs/reference: complete, and what the docstrings say.</summary>
public sealed class ReferenceTests
{
    public static TheoryData<string> Rooms => [.. Shipped.Rooms];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Docstrings_OfARoom_AreComplete(string room)
    {
        var page = new ReferencePage(room);
        _ = page.Render();
        Assert.Empty(page.Missing);
    }

    // What stands there can be copied into a program: defaults of flags, operators, required.
    [Theory]
    [MemberData(nameof(Rooms))]
    public void Declarations_OfARoom_AreCSharp(string room)
    {
        var types = Shipped.Assembly(room).GetExportedTypes().Where(static type => !type.IsEnum).ToList();
        Assert.NotEmpty(types);
        Assert.Empty(types.SelectMany(static type => PublicSurface.Visible(type).Where(static member => member is not Type).Select(PublicSurface.Write).SelectMany(declaration => Faults(type, declaration))));
    }

    [Theory]
    [InlineData("static void M(AttributeTargets one = AttributeTargets.Class, Struct)")]
    [InlineData("string Needed { get; set; required; }")]
    [InlineData("static string M(string text = \"a\"b\")")]
    public void Declaration_ThatIsNoCSharp_IsFound(string declaration) => Assert.NotEmpty(Faults(typeof(ReferenceTests), declaration));

    private static IEnumerable<string> Faults(Type type, string declaration)
    {
        var end = declaration.EndsWith('}') ? "" : ";";
        var parsed = CSharpSyntaxTree.ParseText($"{(type.IsInterface ? "interface" : "class")} {type.Name.Split('`')[0]} {{ {declaration}{end} }}", new CSharpParseOptions(LanguageVersion.Preview));
        return parsed.GetDiagnostics().Select(fault => $"{declaration}: {fault.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}");
    }

    // The rooms below are there to be read by their docstrings in an editor; people call these.
    [Theory]
    [InlineData("Bindwise")]
    [InlineData("Bindwise.AspNetCore")]
    [InlineData("Bindwise.Extensions.Hosting")]
    [InlineData("Bindwise.Testing")]
    [InlineData("Bindwise.Testing.AspNetCore")]
    [InlineData("Bindwise.Tools")]
    public void Page_OfARoom_IsWhatItsDocstringsSay(string room) => Written.Check($"docs/reference/{room}.md", new ReferencePage(room).Render());
}
