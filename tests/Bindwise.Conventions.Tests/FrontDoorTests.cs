namespace Bindwise.Conventions.Tests;

/// <summary>What a newcomer meets first.</summary>
public sealed class FrontDoorTests
{
    [Theory]
    [InlineData("dotnet run --project src/Bindwise.Cli -- why 8080")]
    [InlineData("dotnet test")]
    [InlineData("eng/publish")]
    public void Readme_Commands_StandOnALineOfTheirOwn(string command) => Assert.Contains(command, Repository.Read("README.md").Split('\n'));

    [Theory]
    [InlineData("README.md")]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("CHANGELOG.md")]
    [InlineData("LICENSE")]
    [InlineData("global.json")]
    [InlineData(".editorconfig")]
    [InlineData("docs/README.md")]
    [InlineData("docs/security.md")]
    [InlineData("eng/publish")]
    [InlineData(".ci/run")]
    public void Repository_HasWhatAVisitorLooksFor(string file) => Assert.True(WorkingTree.Has(file), file + " is missing");

    [Fact]
    public void Changelog_HasASectionForTheVersionBeingBuilt()
    {
        var props = Repository.Read("Directory.Build.props");
        var version = props.Split("<Version>")[1].Split("</Version>")[0];
        var headings = Page.All.Single(page => page.Path == "CHANGELOG.md").Headings;
        Assert.Contains(headings, heading => heading.StartsWith("[Unreleased]", StringComparison.Ordinal) || heading.StartsWith($"[{version}]", StringComparison.Ordinal));
    }

    [Fact]
    public void License_IsMit() => Assert.StartsWith("MIT License", Repository.Read("LICENSE"), StringComparison.Ordinal);
}
