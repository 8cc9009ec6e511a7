using Bindwise.Supervising.Holding;

namespace Bindwise.Supervising.Tests;

public sealed class GlobPatternTests
{
    [Theory]
    [InlineData("*.py", ".", "a.py", true)]
    [InlineData("*.py", ".", "b/a.py", false)]
    [InlineData("*.py", ".", ".a.py", false)]
    [InlineData("./src/**/*.cs", "src", "a.cs", true)]
    [InlineData("src/**/*.cs", "src", "b/c/a.cs", true)]
    [InlineData("src/**/*.cs", "src", ".git/a.cs", false)]
    [InlineData("src/**/*.cs", "src", "b/a.csx", false)]
    [InlineData("src/**", "src", "b/a", true)]
    [InlineData("src", "src", "b/c/a.txt", true)]
    [InlineData("src", "src", ".hidden", false)]
    [InlineData("/etc/app/config.json", "/etc/app", "config.json", true)]
    [InlineData("/etc/app/config.json", "/etc/app", "config_json", false)]
    [InlineData("config.json", ".", "config.json", true)]
    [InlineData("a?c/*/x", ".", "abc/d/x", true)]
    [InlineData("a?c/*/x", ".", "ac/d/x", false)]
    [InlineData(".env", ".", ".env", true)]
    [InlineData("/*.conf", "/", "a.conf", true)]
    [InlineData("a\\*b", ".", "a\\xb", true)]
    public void Matches_AsAShellWould(string pattern, string folder, string path, bool isMatch)
    {
        var glob = new GlobPattern(pattern, static one => one == "src");
        Assert.Equal(folder, glob.Folder);
        Assert.Equal(isMatch, glob.Matches(path.Split('/')));
        var names = path.Split('/');
        for (var depth = 1; isMatch && depth < names.Length; depth++)
            Assert.True(glob.Enters(names.AsSpan(0, depth)), $"{pattern} does not enter {string.Join('/', names[..depth])}");
    }

    [Theory]
    [InlineData("*.py", "a", false)]
    [InlineData("a/*/c.txt", "b", true)]
    [InlineData("a/*/c.txt", "b/d", false)]
    [InlineData("**/*.py", "a/b/c", true)]
    [InlineData("**/*.py", ".git", false)]
    public void Enters_OnlyFoldersThatCanHoldAMatch(string pattern, string path, bool enters) =>
        Assert.Equal(enters, new GlobPattern(pattern, static _ => false).Enters(path.Split('/')));
}
