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

    // The rooms below are there to be read by their docstrings in an editor; people call these.
    [Theory]
    [InlineData("Bindwise")]
    [InlineData("Bindwise.AspNetCore")]
    [InlineData("Bindwise.Extensions.Hosting")]
    [InlineData("Bindwise.Testing")]
    [InlineData("Bindwise.Testing.AspNetCore")]
    public void Page_OfARoom_IsWhatItsDocstringsSay(string room) => Written.Check($"docs/reference/{room}.md", new ReferencePage(room).Render());
}
