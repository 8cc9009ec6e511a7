using Bindwise.Packages.Tests.Surface;

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

    // What stands there can be copied into a program: its names and the defaults of its parameters are those of the compiler.
    [Theory]
    [MemberData(nameof(Rooms))]
    public void Declarations_OfARoom_Compile(string room)
    {
        var types = Shipped.Assembly(room).GetExportedTypes().Where(static type => !type.IsEnum && !type.IsNested).ToList();
        Assert.NotEmpty(types);
        var faults = DeclarationCompiler.Faults(types.Select(static type => (type, PublicSurface.Visible(type).Where(static member => member is not Type).Select(PublicSurface.Write))));
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Theory]
    [InlineData("static void M(AttributeTargets one = AttributeTargets.Class, Struct)")]
    [InlineData("static void M(AttributeTargets one = 4)")]
    [InlineData("static void M(Listener? one = 4)")]
    [InlineData("static Absent M()")]
    [InlineData("string Needed { get; set; required; }")]
    [InlineData("static string M(string text = \"a\"b\")")]
    public void Declaration_ThatDoesNotCompile_IsFound(string declaration) => Assert.NotEmpty(DeclarationCompiler.Faults([(typeof(ReferenceTests), [declaration])]));

    [Theory]
    [InlineData("Bindwise")]
    [InlineData("Bindwise.AspNetCore")]
    [InlineData("Bindwise.Extensions.Hosting")]
    [InlineData("Bindwise.Model")]
    [InlineData("Bindwise.Testing")]
    [InlineData("Bindwise.Testing.AspNetCore")]
    [InlineData("Bindwise.Tools")]
    public void Page_OfARoom_IsWhatItsDocstringsSay(string room)
    {
        var page = new ReferencePage(room);
        Written.Check($"docs/reference/{page.Title}.md", page.Render());
    }
}
