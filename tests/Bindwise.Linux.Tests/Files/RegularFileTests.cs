using Bindwise.Linux.Files;

namespace Bindwise.Linux.Tests.Files;

/// <summary>A file that somebody else may have put there: whether a symbolic link leads to it.</summary>
public sealed class RegularFileTests : IDisposable
{
    private const int LimitBytes = 16;

    private readonly string _folder = Directory.CreateTempSubdirectory("regular").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("file", true)]
    [InlineData("link", false)]
    [InlineData("folder-link/file", false)]
    public void Link_IsFollowed_WhereThatIsAskedAlone(string name, bool isPlain)
    {
        File.WriteAllText(Path.Combine(_folder, "file"), "text");
        File.CreateSymbolicLink(Path.Combine(_folder, "link"), "file");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "folder-link"), ".");
        var path = Path.Combine(_folder, name);
        Assert.Equal("text"u8.ToArray(), RegularFile.Read(path, LimitBytes, followsLinks: true, out var fault));
        Assert.Null(fault);
        Assert.Equal(isPlain ? "text"u8.ToArray() : null, RegularFile.Read(path, LimitBytes, followsLinks: false, out fault));
        Assert.Equal(isPlain ? null : "too many symbolic links", fault);
    }
}
